"""What violates its schema and is still of its types is read; what is not of its types is not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from jararaca import DecodeError, Email, JsonSchema, Message, Model, Omittable, RootMessage
from jararaca.messages.loosely import read_loosely
from jararaca.messages.violation import undeclared
from pydantic import ConfigDict, Field, field_validator

from generated.shop import messages as shop


class Closed(Model):
    model_config = ConfigDict(extra="forbid")
    sku: Annotated[str, Field(pattern="^[A-Z]+$")]


class Tree(Model):
    name: Annotated[str, Field(max_length=3)]
    children: Omittable[list[Tree]] = None


class Card(Model):
    kind: Literal["card"]
    token: Annotated[str, Field(pattern="^tok_")]


class Voucher(Model):
    kind: Literal["voucher"]
    code: Annotated[str, Field(min_length=3)]


class Near(Model):
    distance: Annotated[int, Field(le=10)]


class Far(Model):
    distance: Annotated[int, Field(ge=100)]


class Everything(Message):
    JSON_SCHEMA: ClassVar[dict[str, Any]] = {"not": {"required": ["forbidden"]}}

    number: Annotated[int, Field(ge=0, le=5)] = 1
    size: Annotated[float, Field(gt=0, multiple_of=0.5)] = 0.5
    large: Annotated[float, Field(le=1)] = 1.0
    email: Omittable[Email] = None
    when: Omittable[dt.datetime] = None
    id: Omittable[UUID] = None
    lines: Annotated[list[Closed], Field(max_length=2)] = Field(default_factory=list)
    tree: Omittable[Tree] = None
    payment: Annotated[Card | Voucher, Field(discriminator="kind")] | None = None
    place: Near | Far | None = None
    odd: Annotated[str, JsonSchema({"not": {"const": "no"}})] = "yes"
    state: Literal["new", "old"] = "new"
    named: dict[Annotated[str, Field(pattern="^x")], Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict
    )


def read(**values: Any) -> Any:
    return read_loosely(Everything, json.dumps(values).encode())


@pytest.mark.parametrize(
    "values",
    [
        {"number": 9},
        {"number": 9.0},
        {"size": -0.3},
        {"large": 2**60 + 1},
        {"email": "nobody"},
        {"lines": [{"sku": "a"}]},
        {"lines": [{"sku": "A"}] * 3},
        {"tree": {"name": "long name", "children": [{"name": "another"}]}},
        {"payment": {"kind": "card", "token": "visa"}},
        {"payment": {"kind": "voucher", "code": "x"}},
        {"odd": "no"},
        {"forbidden": 1},
        {"named": {"y": -1}},
    ],
)
def test_a_value_of_its_type_is_read_as_it_came(values: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as refused:
        Everything.decode(json.dumps(values).encode())
    assert refused.value.violations
    assert json.loads(read(**values).encode()).items() >= values.items()


@pytest.mark.parametrize(
    "values",
    [
        {"number": "1"},
        {"number": 1.5},
        {"number": True},
        {"email": 1},
        {"when": "tomorrow"},
        {"when": "2026-11-24T09:30:00"},
        {"id": "1234"},
        {"lines": [{}]},
        {"tree": {"name": "abc", "children": [{}]}},
        {"payment": {"kind": "cash"}},
        {"payment": {"kind": "card"}},
        {"state": "middle"},
    ],
)
def test_what_is_not_of_its_type_is_not_read(values: dict[str, Any]) -> None:
    assert read(**values) is None


def test_checks_that_tell_variants_apart_are_kept() -> None:
    assert read(place={"distance": 50}) is None
    assert isinstance(read(place={"distance": 200}, number=9).place, Far)


def test_undeclared_properties_of_closed_objects_are_left_out() -> None:
    message = read(lines=[{"sku": "A", "colour": "red"}])
    assert message.lines[0] == Closed(sku="A") and message.lines[0].model_extra is None


def test_a_validator_of_somebody_is_kept() -> None:
    class Checked(Message):
        name: Annotated[str, Field(max_length=3)]
        even: int

        @field_validator("even")
        @classmethod
        def is_even(cls, value: int) -> int:
            if value % 2:
                raise ValueError("odd")
            return value

    assert read_loosely(Checked, b'{"name":"long","even":2}') is not None
    assert read_loosely(Checked, b'{"name":"long","even":1}') is None


def test_a_message_that_is_no_object_is_read() -> None:
    class Few(RootMessage[Annotated[list[int], Field(max_length=1)]]):
        pass

    found = read_loosely(Few, b"[1, 2]")
    assert found is not None and found.root == [1, 2]


@pytest.mark.parametrize("wrong", [{"note": "x" * 501}, {"lines": []}])
def test_generated_messages_are_read(wrong: dict[str, Any]) -> None:
    examples = json.loads(Path("generated/shop/examples.json").read_text())["orderPlaced"]
    body = json.dumps({**examples[0]["payload"], **wrong}).encode()
    with pytest.raises(DecodeError):
        shop.OrderPlaced.decode(body)
    found = read_loosely(shop.OrderPlaced, body)
    assert found is not None and json.loads(found.encode()) == json.loads(body)


def test_places_have_neither_values_nor_the_numbers_of_items() -> None:
    body = b'{"lines":[{"sku":"A"},{"sku":"secret"}],"tree":{"name":"abc","children":[{}]}}'
    with pytest.raises(DecodeError) as refused:
        Everything.decode(body)
    assert set(refused.value.violations) == {
        ("Everything", "lines[].sku", "string_pattern_mismatch"),
        ("Everything", "tree.children[].name", "missing"),
    }


def test_undeclared_properties_are_found_at_their_places() -> None:
    body = b'{"extra":1,"tree":{"name":"a","children":[{"name":"b","colour":1}]}}'
    assert set(undeclared(Everything.decode(body))) == {"extra", "tree.children[].colour"}
