"""Each fault that a class may have is noticed by one of the values that `--verify` makes.

A fault is planted as the schema that a class would say then: one value has to be judged otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from jararaca_compiler.verification.aimed import MOST_PARTS, Aimed
from jararaca_compiler.verification.defaults import Defaults
from jararaca_compiler.verification.ends import size

LINE = {
    "type": "object",
    "required": ["sku"],
    "properties": {
        "sku": {"type": "string", "maxLength": 12},
        "count": {"type": "integer", "minimum": 1},
        "also": {"$ref": "#/$defs/Line"},
    },
}
KINDS = [
    {"type": "object", "required": ["kind", "number"], "properties": {"kind": {"const": "card"}}},
    {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cash"}}},
]
ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "state", "kind", "lines"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1, "maximum": 1000},
        "kind": {"const": "order"},
        "state": {"type": "string", "enum": ["new", "paid", "sent"]},
        "name": {"type": "string", "minLength": 2, "maxLength": 40},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "count": {"type": "integer", "exclusiveMinimum": 0},
        "share": {"type": "number", "multipleOf": 0.5, "exclusiveMaximum": 10},
        "tags": {
            "type": "array",
            "items": {"type": "string", "maxLength": 8},
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
        },
        "amounts": {
            "type": "object",
            "additionalProperties": {"type": "integer", "maximum": 9},
            "maxProperties": 3,
        },
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        "payment": {"oneOf": KINDS},
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "items": False,
        },
        "both": {"allOf": [{"type": "string", "minLength": 3}, {"maxLength": 5}]},
    },
    "$defs": {"Line": LINE},
}


def _places(schema: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every keyword that says something of a value."""
    found: list[tuple[Any, ...]] = []
    for key, value in schema.items():
        here = (*path, key)
        if key in ("properties", "$defs"):
            for name, below in value.items():
                found += _places(below, (*here, name))
        elif key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            for index, below in enumerate(value):
                found += _places(below, (*here, index))
            found.append(here)
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            found += _places(value, here)
        else:
            found.append(here)
    return found


def _changed(path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """The schema with one keyword changed, or gone where the change is None."""
    made = copy.deepcopy(ORDER)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    changed = change(holder[path[-1]])
    if changed is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = changed
    return made


def _faults() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for path in _places(ORDER):
        name, value = "/".join(map(str, path)), ORDER
        for key in path:
            value = value[key]
        found.append((f"{name} dropped", _changed(path, lambda _: None)))
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append((f"{name} one more", _changed(path, lambda old: old + 1)))
        if isinstance(value, list) and isinstance(value[0], str):
            found.append((f"{name} lacks the last", _changed(path, lambda old: old[:-1])))
            more = f"{value[0]}x" if path[-1] == "enum" else "count"
            found.append((f"{name} has another", _changed(path, lambda old, m=more: [*old, m])))
        if path[-1] == "oneOf":
            found.append((f"{name} lacks the last", _changed(path, lambda old: old[:-1])))
    # A type beside values says nothing.
    return [each for each in found if each[0] != "properties/state/type dropped"]


FAULTS = _faults()
JUDGE = jsonschema_rs.Draft202012Validator(ORDER)
VALUES = Aimed(ORDER["$defs"], JUDGE.is_valid, Random(1)).values(ORDER)


def test_there_are_many_faults_and_few_values() -> None:
    assert len(FAULTS) > 60
    assert len(VALUES) < 600


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
def test_a_value_shows_the_fault(fault: Any) -> None:
    other = jsonschema_rs.Draft202012Validator(fault)
    assert any(JUDGE.is_valid(value) is not other.is_valid(value) for value in VALUES)


def test_a_few_values_are_about_many_properties() -> None:
    few = Aimed(ORDER["$defs"], JUDGE.is_valid, Random(1)).values(ORDER, most=20)
    whole = few[0]
    differ = {n for v in few if isinstance(v, dict) for n in whole if v.get(n) != whole.get(n)}
    assert len(few) <= 20
    assert len(differ) >= 8


def test_the_same_seed_makes_the_same_values() -> None:
    first, second = (
        Aimed(ORDER["$defs"], JUDGE.is_valid, Random(7)).values(ORDER, most=40) for _ in range(2)
    )
    assert first == second


def containing_itself(count: int) -> dict[str, Any]:
    """As JSON Schema's own `applicator`: a tree without end, of so many branches."""
    names = [f"p{number}" for number in range(count)]
    below = {name: {"$ref": "#/$defs/d"} for name in names}
    return {"d": {"type": "object", "properties": below | {"word": {"default": "x"}}}}


def test_of_what_contains_itself_in_many_places_values_have_an_end() -> None:
    definitions = containing_itself(16)
    made = Aimed(definitions, lambda _: True, Random(1)).values({"$ref": "#/$defs/d"}, {}, 1_000)
    assert len(made) >= 20 and sum(map(size, made)) < 3 * MOST_PARTS


def test_of_large_values_fewer_defaults_are_tried() -> None:
    definitions = containing_itself(9)
    large = Aimed(definitions, lambda _: True, Random(1)).values({"$ref": "#/$defs/d"}, {}, 20)
    read: list[int] = []

    def reading(value: Any) -> Any:
        read.append(size(value))
        return value

    assert Defaults(definitions).wrong(reading, {"$ref": "#/$defs/d"}, large) is None
    assert len(read) > 2 and sum(read) < 2_000_000
