"""Types and constraints of a schema in a reader's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.site.schemas.flattening import FlatSchema
from jararaca_compiler.schemas.json_numbers import is_number

ANY_VALUE, NO_OTHER_FIELDS = "any value", "no other fields"
_UNSAID = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
)
_BOUNDS = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("exclusiveMaximum", "<"),
)
_LONGEST_VALUE = 160
_MOST_VALUES = 24


@dataclass(frozen=True, slots=True)
class Constraint:
    """A few words and the values that they speak of, as code."""

    text: str
    values: tuple[str, ...] = ()


def type_text(shape: FlatSchema, flat: Callable[[Any], FlatSchema]) -> str:
    """`string (uuid)`, `list of OrderLine`, `one of 3`, `integer or null`."""
    words = _type(shape, flat, 0)
    return f"{words} or null" if shape.nullable and words != "null" else words


def _type(shape: FlatSchema, flat: Callable[[Any], FlatSchema], depth: int) -> str:
    if shape.variants:
        count = len(shape.variants)
        kind = "one of" if "oneOf" in shape.schema else "any of"
        return f"{shape.name}, {kind} {count}" if shape.name else f"{kind} {count}"
    if shape.items is not None and depth < 5:
        return f"list of {_type(flat(shape.items), flat, depth + 1)}"
    if shape.properties:
        return shape.name or "object"
    if isinstance(shape.other_keys, dict) and shape.other_keys and depth < 5:
        return f"map of {_type(flat(shape.other_keys), flat, depth + 1)}"
    types = shape.types or _implied(shape)
    format = shape.text("format")
    words = " or ".join("list" if t == "array" else t for t in types)
    return f"{words} ({format})" if format else words


def _implied(shape: FlatSchema) -> tuple[str, ...]:
    """The type where only a value tells it."""
    values = shape.schema.get("enum", [shape.schema["const"]] if "const" in shape.schema else [])
    found = {_json_type(value) for value in values} if isinstance(values, list) else set()
    if len(found) == 1:
        return (found.pop(),)
    if shape.schema == {"not": {}}:
        return ("nothing",)
    return ("null",) if shape.schema.get("type") in ("null", ["null"]) else (ANY_VALUE,)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "null" if value is None else ANY_VALUE


def constraints(shape: FlatSchema) -> Iterator[Constraint]:
    """What a value must fulfil beyond its type; then its default and its examples."""
    schema = shape.schema
    if "const" in schema:
        yield Constraint("always", (value_text(schema["const"]),))
    if isinstance(schema.get("enum"), list):
        yield Constraint("one of", _values(schema["enum"]))
    for key, sign in _BOUNDS:
        if is_number(schema.get(key)):
            yield Constraint(f"{sign} {value_text(schema[key])}")
    if is_number(schema.get("multipleOf")):
        yield Constraint(f"multiple of {value_text(schema['multipleOf'])}")
    yield from _count(schema, "Length", "character", "characters")
    yield from _count(schema, "Items", "item", "items")
    yield from _count(schema, "Properties", "key", "keys")
    if schema.get("uniqueItems") is True:
        yield Constraint("no duplicates")
    if isinstance(schema.get("pattern"), str):
        yield Constraint("matches", (schema["pattern"],))
    if shape.other_keys is False:
        yield Constraint(NO_OTHER_FIELDS)
    for key, words in (("readOnly", "read only"), ("writeOnly", "write only")):
        if schema.get(key) is True:
            yield Constraint(words)
    yield from _discriminator(schema.get("discriminator"))
    for key in _UNSAID:
        if key in schema and schema != {"not": {}}:
            yield Constraint(f"rule {key}", (value_text(schema[key]),))
    if "default" in schema:
        yield Constraint("default", (value_text(schema["default"]),))
    yield from _example(schema)
    for key, value in schema.items():
        if key.startswith("x-"):
            yield Constraint(key, (value_text(value),))


def _count(schema: Any, suffix: str, one: str, many: str) -> Iterator[Constraint]:
    low, high = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    low, high = low if is_number(low) else None, high if is_number(high) else None
    if low is not None and low == high:
        yield Constraint(f"exactly {low} {one if low == 1 else many}")
    elif low is not None and high is not None:
        yield Constraint(f"{low} to {high} {many}")
    elif low is not None:
        yield Constraint(f"at least {low} {one if low == 1 else many}")
    elif high is not None:
        yield Constraint(f"at most {high} {one if high == 1 else many}")


def _discriminator(value: Any) -> Iterator[Constraint]:
    name = value.get("propertyName") if isinstance(value, dict) else value
    if isinstance(name, str):
        yield Constraint("told apart by", (name,))


def _example(schema: Any) -> Iterator[Constraint]:
    found = schema.get("examples")
    values = (
        found if isinstance(found, list) else [schema["example"]] if "example" in schema else []
    )
    short = tuple(value_text(value) for value in values[:3] if not isinstance(value, dict | list))
    if short:
        yield Constraint("for example", short)


def _values(values: list[Any]) -> tuple[str, ...]:
    shown = tuple(value_text(value) for value in values[:_MOST_VALUES])
    more = len(values) - len(shown)
    return (*shown, f"and {more} more") if more else shown


def value_text(value: Any) -> str:
    """A JSON value on one line; texts without quotes where that is clear."""
    if isinstance(value, str) and value and value == value.strip():
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
