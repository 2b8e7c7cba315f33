"""Fields of classes by hand: what `import` writes of them takes and writes the same values."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from pathlib import Path
from typing import Any, Generic, Literal, NewType, TypeVar
from uuid import UUID

import pytest
from jararaca import DecodeError, Message, MessageBusController, MessageHandler, MessageOf
from jararaca_compiler.emit.models.enums import members
from jararaca_compiler.importing.classes import read_controllers
from jararaca_compiler.importing.discovery import DiscoveredCode, ImportCodeError
from jararaca_compiler.importing.document import document_of
from pydantic import UUID4, BaseModel, Field, Json, RootModel, create_model
from typing_extensions import TypedDict

from tests.support.models import imported, sources

T = TypeVar("T")
UserId = NewType("UserId", int)


class Colour(Enum):
    RED = "r"
    dark_green = "g"


class Level(IntEnum):
    LOW = 1
    HIGH = 10


class Right(Flag):
    READ = 1
    WRITE = 2


class Tree(BaseModel):
    at: int
    parts: list[Tree]


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Words(RootModel[list[str]]):
    """A list."""


class Box(BaseModel, Generic[T]):
    item: T


class Keys(TypedDict):
    a: int


KINDS: dict[str, Any] = {
    "digits": (Decimal, Field(max_digits=5, decimal_places=2)),
    "places": (Decimal, Field(decimal_places=2)),
    "uuid": (UUID, ...),
    "uuid4": (UUID4, ...),
    "colour": (Colour, ...),
    "default": (Colour, Colour.dark_green),
    "level": (Level, ...),
    "tree": (Tree, ...),
    "pet": (Cat | Dog, Field(discriminator="kind")),
    "words": (Words, ...),
    "box": (Box[Box[str]], ...),
    "keys": (Keys, ...),
    "number": (UserId, ...),
    "literal": (Literal[1, "a", None], ...),
    "alias": (int, Field(alias="theAlias")),
}
VALUES: list[Any] = [
    *(None, 0, 1, 7, 10, 1.0, 1.5, "", "a", "r", "g", "RED", [], ["a"], [1], {}),
    *("1", "1.5", "99.999", "999.99", "1000", "0001.500", "-0.01", "1E2", "0.001", "NaN"),
    *(f"3f2b1c9e-1111-{rest}-444455556666" for rest in ("1222-8333", "4222-8333", "4222-0333")),
    *({"a": 1}, {"a": "1"}, {"item": "a"}, {"item": {"item": "a"}}, {"kind": "cat", "lives": 9}),
    *({"at": 1, "parts": [{"at": 2, "parts": []}]}, {"at": 1, "parts": [{}]}),
    *({"kind": "dog", "name": "Rex"}, {"kind": "dog", "lives": 9}, {"kind": "bird"}),
]


def message(name: str, field: Any) -> type[Message]:
    made: type[Message] = create_model(name, __base__=Message, __module__=__name__, field=field)
    made.MESSAGE_TOPIC = name
    return made


def found(*kinds: type[Message]) -> DiscoveredCode:
    @MessageBusController()
    class Handlers:
        @MessageHandler(*kinds)
        async def on_any(self, message: MessageOf[Any]) -> None: ...

    return read_controllers([Handlers])


def written(kind: Any, value: Any) -> Any:
    try:
        return json.loads(kind.decode(json.dumps(value).encode()).encode())
    except DecodeError:
        return DecodeError


def test_the_compiled_class_takes_and_writes_what_the_class_by_hand_does(tmp_path: Path) -> None:
    kinds = {name: message(f"Has{name.title()}", field) for name, field in KINDS.items()}
    code = found(*kinds.values())
    assert code.notes == ()
    messages = imported(tmp_path, sources(tmp_path, document_of(code, "Test")))
    for name, kind in kinds.items():
        other = getattr(messages, kind.__name__)
        key = "theAlias" if name == "alias" else "field"
        bodies: list[Any] = [{key: value} for value in VALUES]
        taken = [written(kind, body) for body in bodies]
        assert taken == [written(other, body) for body in bodies], name
        assert any(body is not DecodeError for body in taken), name


def test_members_are_called_as_they_were(tmp_path: Path) -> None:
    code = found(message("HasColour", KINDS["default"]))
    messages = imported(tmp_path, sources(tmp_path, document_of(code, "Test")))
    made = messages.HasColour()
    assert {member.name: member.value for member in type(made.field)} == {
        "RED": "r",
        "dark_green": "g",
    }
    assert made.field.name == "dark_green"


def test_sums_of_a_flag_are_published_and_taken(tmp_path: Path) -> None:
    kind = message("HasRight", (Right, ...))
    messages = imported(tmp_path, sources(tmp_path, document_of(found(kind), "Test")))
    body = kind.model_validate({"field": Right.READ | Right.WRITE}).encode()
    assert messages.HasRight.decode(body).field == 3


@pytest.mark.parametrize(
    ("field", "bounds"),
    [
        ((Decimal, Field(ge=0, lt=Decimal("10.5"))), "ge=0, lt=10.5"),
        ((list[date], Field(min_length=1)), None),
        ((date, Field(ge=date(2020, 1, 1))), "ge=2020-01-01"),
    ],
    ids=str,
)
def test_bounds_that_no_schema_can_say_are_told(field: Any, bounds: str | None) -> None:
    notes = found(message("Bounded", field)).notes
    assert [note.partition(" stays")[0] for note in notes] == (
        [] if bounds is None else [f"Bounded: {bounds}"]
    )


def test_a_text_of_json_is_refused_as_it_is_written_otherwise() -> None:
    with pytest.raises(ImportCodeError, match="read from a text of JSON"):
        found(message("HasJson", (Json[int], ...)))


@pytest.mark.parametrize(
    "names", [["RED"], ["RED", "RED"], ["RED", "class"], ["RED", "upper"], "R"]
)
def test_names_that_no_enumeration_can_have_are_left(names: Any) -> None:
    colour = {"type": "string", "enum": ["r", "g"], "x-enum-varnames": names}
    assert members(colour) == {"r": "R", "g": "G"}
