"""What the classes of our own documents accept and write: the values that each is there for."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError, Message
from pydantic import ValidationError

from tests.corpus.test_own import package

PET = {"name": "x"}
KINDS: list[tuple[str, list[Any], Any]] = [
    ("animal", [{"type": "Dog"}, {"type": "Bird", "wings": 2}], {"type": "Bird"}),
    ("animal", [{"type": "Dog", "friend": {"type": "Dog"}}], {"type": "Cat"}),
    ("animal", [], {"type": "Dog", "friend": {"type": "Bird"}}),
    ("animal", [], {"type": "Animal"}),
    ("animals", [[], [{"type": "Dog", "bark": 1}]], [{"type": "Dog", "bark": "1"}]),
    ("maybe", [None, {"type": "Dog"}], {"type": "Bird"}),
    ("described", [{"kind": "Car", "doors": 2}, {"kind": "Bike"}], {"kind": "Car"}),
    ("described", [{"kind": "Vehicle"}], {"kind": "Plane"}),
    ("described", [{"kind": "Taxi", "doors": 4, "fare": 1.5}], {"kind": "Taxi"}),
    ("by_name", [{"a": {"kind": "Bike"}}], {"a": {"kind": "Car"}}),
    ("shape", [{"@type": "round", "r": 1}, {"@type": "ball"}], {"@type": "Circle"}),
    ("shape", [{"@type": "flat", "r": "no"}], {"@type": "flat", "a": "no"}),
    ("shape", [{"@type": "Blob", "b": 1}], {"@type": "Blob", "b": "no"}),
    ("nullable", [None, {"@type": "Circle"}], {"@type": "round"}),
    ("owned", [{"what": "Boat", "owner": "x", "oars": 2}], {"what": "Boat"}),
    ("owned", [{"what": "House", "owner": "x"}], {"what": "Tree", "owner": "x"}),
]
"""A property of the message, values that it takes, and one that it does not."""


PLACES: list[tuple[str, list[Any], Any]] = [
    ("either", [{"kind": "on/wheels", "doors": 2}, {"kind": "train"}], {"kind": "on_wheels"}),
    ("either", [], {"kind": "on rails"}),
    ("vehicle", [{"kind": "any/vehicle"}, {"kind": "hand cart", "wheels": 1}], {"kind": "cart"}),
    ("vehicle", [], {"kind": "hand cart"}),
    ("file", [{"kind": "boat", "oars": 2}, {"kind": "plane"}], {"kind": "boat.json"}),
]


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The messages module of a document, imported with warnings as errors."""
    folder = tmp_path_factory.mktemp("values")
    sys.path.insert(0, str(folder))

    def of(name: str) -> ModuleType:
        module, _ = package(folder, name, "values")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return importlib.import_module(f"{module}.messages")

    yield of
    sys.path.remove(str(folder))


def accepts(cls: type[Message], value: Any) -> bool:
    """Whether the class takes a body, which it then writes as it came."""
    try:
        message = cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    assert json.loads(message.encode()) == value
    return True


@pytest.mark.parametrize(
    ("name", "message", "good", "bad"),
    [
        ("property-config.yaml", "HookCreated", [{"config": {"url": "x"}}], [{"config": 1}]),
        ("property-config.yaml", "HookCreated", [{}], [{"configs": {}}]),
        ("recursive-oneof.yaml", "M", [{"party": {"boss": {"boss": {}}}}], [{"party": 1}]),
        ("recursive-oneof.yaml", "M", [{}], [{"party": {"boss": {"boss": None}}}]),
        ("doubling-anyof.yaml", "M", [{"x": 1}, [[{"x": 1}]], []], [1, [1], {"x": "1"}]),
        ("null-and-defaults.yaml", "M", [{"v": None}, {"v": "a"}, {"v": 1}], [{"v": 1.5}]),
        *[
            ("null-narrowed.yaml", name, [{"by": None}, {}], [{"by": {"login": "x"}}, {"by": "x"}])
            for name in "MNOPQ"
        ],
        *[
            ("nullable-beside.yaml", "M", [{name: None}, {name: good}], [{name: bad}])
            for name, good, bad in [
                ("allof", {"city": "x"}, {}),
                ("oneof", "x", 1),
                ("plain", "x", 1),
                ("enum", "a", "c"),
                ("enumonly", "a", "c"),
                ("props", {"x": "y"}, {"x": 1}),
                ("target", {"city": "x"}, {}),
                ("const", "a", "b"),
            ]
        ],
        ("nullable-beside.yaml", "M", [{"ref": None}], [{"ref": {}}]),
        ("discriminators.yaml", "N", [{"animal": {"kind": "cow", "milk": 1}}], []),
        ("discriminators.yaml", "N", [{"animal": {"kind": "pig"}}], [{"animal": {"kind": "cow"}}]),
        ("discriminators.yaml", "N", [{}], [{"animal": {"kind": "goat"}}, {"animal": {}}]),
        ("discriminators.yaml", "M", [PET | {"petType": "Cat", "huntingSkill": "lazy"}], []),
        ("discriminators.yaml", "M", [PET | {"petType": "Stick", "color": "red"}], []),
        ("discriminators.yaml", "M", [], [PET | {"petType": "Cat", "color": "red"}]),
        ("discriminators.yaml", "M", [], [PET | {"petType": "Dog"}, PET]),
        *[
            ("inherited-kinds.yaml", "Changed", [{name: value} for value in good], [{name: bad}])
            for name, good, bad in KINDS
        ],
        *[
            ("named-by-place.yaml", "Moved", [{name: value} for value in good], [{name: bad}])
            for name, good, bad in PLACES
        ],
        ("inherited-kinds.yaml", "Moved", [{"kind": "Car", "doors": 2}], [{"kind": "Car"}]),
        ("inherited-kinds.yaml", "Moved", [{"kind": "Bike"}], [{"kind": "Plane"}, {}]),
        ("hidden-names.yaml", "M", [{"a": {"home": {"street": "x"}}}], [{"a": {"home": {}}}]),
        ("hidden-names.yaml", "M", [{"a": {"address": {"x": 1}}}], [{"a": {"address": {"x": ""}}}]),
        ("hidden-names.yaml", "M", [{"a": {"register": "x", "mro": "y"}}], [{"a": {"mro": 1}}]),
    ],
)
def test_values(name: str, message: str, good: list[Any], bad: list[Any], messages: Any) -> None:
    cls = getattr(messages(name), message)
    if name == "discriminators.yaml" and message == "M":
        good, bad = [{"pet": value} for value in good], [{"pet": value} for value in bad]
    assert [value for value in good if not accepts(cls, value)] == []
    assert [value for value in bad if accepts(cls, value)] == []


def test_a_discriminator_chooses_the_class(messages: Any) -> None:
    animals = messages("discriminators.yaml")
    cow = animals.N.decode(b'{"animal": {"kind": "cow", "milk": 1}}').animal
    assert type(cow) is animals.schemas.Cow
    cat = {"name": "x", "petType": "Cat", "huntingSkill": "lazy"}
    made = animals.M(pet=animals.schemas.Cat.model_validate(cat))
    assert json.loads(made.encode()) == {"pet": cat}
    moved = messages("inherited-kinds.yaml").Moved.decode(b'{"kind": "Car", "doors": 2}')
    assert type(moved.root).__name__ == "Car"


def test_two_hundred_linked_schemas_are_handled_a_thousand_times(messages: Any) -> None:
    cls = messages("chain-of-200.yaml").M
    value: Any = {}
    for _ in range(198):
        value = {"next": value}
    body = json.dumps(value).encode()
    for _ in range(1000):
        cls.decode(body)
    assert json.loads(cls.decode(body).encode()) == value
    with pytest.raises(DecodeError, match=r"next\.next: Input should be an object"):
        cls.decode(b'{"next": {"next": 1}}')


def test_a_refusal_is_short_however_many_variants_have_failed(messages: Any) -> None:
    value: Any = 1
    for _ in range(10):
        value = [value]
    with pytest.raises(DecodeError, match=r"and \d+ more$") as caught:
        messages("doubling-anyof.yaml").M.decode(json.dumps(value).encode())
    assert len(str(caught.value)) < 20_000


def test_types_of_many_schemas_are_written_once(messages: Any) -> None:
    text = Path(str(messages("doubling-anyof.yaml").__file__)).with_name("schemas.py").read_text()
    assert len(text) < 3_000


def test_defaults_are_what_the_document_says(messages: Any) -> None:
    few = messages("null-and-defaults.yaml").M.decode(b"{}")
    assert (few.tags, few.at.isoformat(), few.p) == ([], "2024-01-01T00:00:00+00:00", "low")
    message = messages("defaults.yaml").M.decode(b"{}")
    assert (message.words, message.map, message.more) == (["a", "b"], {}, {"a": 1})
    assert (str(message.day), str(message.clock), str(message.s)) == (
        "2024-01-01",
        "09:00:00",
        "2024-02-29",
    )
    assert (str(message.id)[:8], str(message.host), str(message.price)) == (
        "3f2b1c9e",
        "127.0.0.1",
        "1.50",
    )
    assert (message.union, message.maybe, message.nullable, message.kind) == ("x", "x", "y", "b")
    assert (message.p, message.q, message.kinds) == ("low", "high", ["low"])
    assert (message.r.city, str(message.r.also), message.inline.size) == ("Bahia", "2024-02-29", 5)
    assert (message.point.x, message.points[0].city, message.pair) == (1, "x", ("a", 1))
    assert (message.checked, message.any, message.default) == ("a", {"a": [1]}, 3)
    assert message.encode() == b"{}"


def test_an_objects_default_is_its_own(messages: Any) -> None:
    cls = messages("defaults.yaml").M
    cls().tags.append("x")
    cls().r.city = "Recife"
    assert (cls().tags, cls().r.city) == ([], "Bahia")


AMOUNT = {
    "amount": 9007199254740993,
    "at": "2024-01-01T00:00:00.1234567Z",
    "big": 9223372036854775807,
    "day": "2024-02-29",
    "t": "09:30:00.1234567+02:00",
    "dur": "P1Y2M",
    "dec": "1.50",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("amount", value) for value in (5, 1.5, -9007199254740993, 10**30, 1e300, -0.0)],
        *[("at", f"2016-12-31T23:59:59{rest}") for rest in ("Z", "-03:00", ".123456789Z")],
        *[
            ("at", f"2016-12-31T23:59:59{rest}")
            for rest in (".079Z", ".0Z", ".100000Z", ".5+02:00")
        ],
        *[("at", f"2016-12-31T23:59:59{rest}") for rest in ("+00:00", "-00:00", "+00:30", "z")],
        *[("at", f"2016-12-31T23:59:59.{part}+05:45") for part in ("000001", "000000", "120000")],
        *[("at", value) for value in ("2016-12-31t23:59:59Z", "2016-12-31 23:59:59Z")],
        *[("t", f"09:30:00{rest}") for rest in (".5Z", ".250+00:00", ".000000", "+00:00")],
        *[("dur", value) for value in ("P1M", "PT5M", "P1W", "-P1D", "PT0.5S", "P1Y2M3DT4H5M6S")],
        *[("t", value) for value in ("09:30:00", "09:30:00Z", "09:30:00.12345678")],
        *[("dec", value) for value in ("1", "-0.00", "12345678901234567890.123")],
        *[("dec", value) for value in ("0.0000001", "1e5", "+1", ".5", "5.", "00.10", "1E-7")],
        *[("bytes", "aGk="), ("bin", "aGk="), ("price", 19.99), ("fl", 0.1), ("i32", 7)],
        ("u", "3f2b1c9e-1111-4222-8333-444455556666"),
    ],
)
def test_round_trips_keep_values(name: str, value: Any, messages: Any) -> None:
    cls = messages("round-trips.yaml").Amount
    body = json.dumps(AMOUNT | {name: value}).encode()
    assert json.loads(cls.decode(body).encode()) == AMOUNT | {name: value}
    copy = cls.decode(body).model_copy(deep=True)
    assert json.loads(copy.encode()) == AMOUNT | {name: value}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("at", "2024-01-01T00:00:00", "its offset from UTC"),
        ("at", "2016-12-31T23:59:60Z", "no leap seconds"),
        ("at", "2024-01-01T00:00:00.1234567", "its offset from UTC"),
        ("dur", "1M", "a valid duration"),
        ("t", "25:00:00Z", "a valid time"),
        ("dec", "1_000", "a decimal number"),
        ("amount", "5", "a valid number"),
        ("amount", True, "a valid number"),
    ],
)
def test_what_python_has_no_place_for_is_told(
    name: str, value: Any, reason: str, messages: Any
) -> None:
    with pytest.raises(DecodeError, match=f"{name}: Input should be .*{reason}"):
        messages("round-trips.yaml").Amount.decode(json.dumps(AMOUNT | {name: value}).encode())


def test_a_constructor_takes_times_with_a_zone_alone(messages: Any) -> None:
    cls = messages("round-trips.yaml").Amount
    rest = {"amount": 1, "big": 1, "day": dt.date(2024, 2, 29), "t": dt.time(9), "dec": "1"}
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    body = json.loads(cls(**rest, at=at, dur=dt.timedelta(minutes=5)).encode())
    assert (body["at"], body["dur"], body["t"]) == ("2024-01-01T00:00:00Z", "PT5M", "09:00:00")
    with pytest.raises(ValidationError, match="its offset from UTC"):
        cls(**rest, at=dt.datetime(2024, 1, 1), dur=dt.timedelta(minutes=5))


def test_a_class_says_in_json_schema_what_it_takes(messages: Any) -> None:
    described = messages("round-trips.yaml").Amount.model_json_schema()["properties"]
    assert {name: schema.get("format") for name, schema in described.items()} == {
        **dict.fromkeys(described),
        "at": "date-time",
        "day": "date",
        "t": "time",
        "dur": "duration",
        "u": "uuid",
        "ip": "ipv4",
        "dec": "decimal",
    }
    assert described["big"] == {"title": "Big", "type": "integer"}
    assert described["dec"]["type"] == "string"
    animals = messages("discriminators.yaml").N.model_json_schema()
    judge = jsonschema_rs.validator_for(animals)
    assert judge.is_valid({"animal": {"kind": "cow", "milk": 1}})
    assert not judge.is_valid({"animal": {"kind": "goat"}})
    assert not judge.is_valid({"animal": None})
