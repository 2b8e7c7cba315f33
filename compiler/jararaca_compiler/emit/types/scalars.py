"""Texts, numbers and enumerations -> Python types; what pydantic cannot say is left to a check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jararaca_compiler.emit.python.formatting import flat, string
from jararaca_compiler.emit.types.keywords import STRING
from jararaca_compiler.emit.types.patterns import rust_pattern
from jararaca_compiler.emit.types.python_type import OF_TYPE, Type
from jararaca_compiler.schemas.checked_formats import FORMATS

_TEXTS = frozenset({"str", "Email", "Uri"})
_BOUNDS = (
    ("minimum", "ge"),
    ("exclusiveMinimum", "gt"),
    ("maximum", "le"),
    ("exclusiveMaximum", "lt"),
)

_LONGEST = 2**63 - 1
"""Nothing is as long as that, and pydantic has no number for what is longer."""


def picked(schema: Mapping[str, Any], keys: frozenset[str] | set[str]) -> dict[str, Any] | None:
    """The keywords of `keys` that a schema has, sorted; None for none."""
    return {key: schema[key] for key in sorted(keys) if key in schema} or None


def text_type(schema: Mapping[str, Any]) -> Type:
    """A `type: string`."""
    text = FORMATS.get(str(schema.get("format")), "str")
    if text not in _TEXTS:
        return Type(text, OF_TYPE["string"], (), picked(schema, STRING))
    field, rest = lengths(schema, "minLength", "maxLength"), None
    if "pattern" in schema:
        pattern = rust_pattern(str(schema["pattern"])) if text == "str" else None
        if pattern is None:
            rest = picked(schema, {"pattern"})
        else:
            raw = '"' not in pattern and pattern.isascii() and "\\" in pattern
            quoted = f'r"{pattern}"' if raw and pattern.isprintable() else string(pattern)
            field = (*field, f"pattern={quoted}")
    return Type(text, OF_TYPE["string"], field, rest)


def lengths(schema: Mapping[str, Any], least: str, most: str) -> tuple[str, ...]:
    """The arguments of `Field` for a length of characters, items or properties."""
    found = []
    if least in schema and schema[least] > 0:
        found.append(f"min_length={math.ceil(min(schema[least], _LONGEST))}")
    if most in schema and schema[most] <= _LONGEST:
        found.append(f"max_length={max(0, math.floor(schema[most]))}")
    return tuple(found)


def integer_type(schema: Mapping[str, Any]) -> Type:
    """A `type: integer`."""
    field = []
    for keyword, name in _BOUNDS:
        if keyword in schema:
            bound = schema[keyword]
            rounded = math.ceil(bound) if name in ("ge", "lt") else math.floor(bound)
            field.append(f"{name}={rounded}")
    step, rest = schema.get("multipleOf"), None
    if step is not None and step == int(step) and 0 < step < 2**63:
        field.append(f"multiple_of={int(step)}")
    elif step is not None:
        rest = picked(schema, {"multipleOf"})
    return Type("int", OF_TYPE["integer"], tuple(field), rest)


def number_type(schema: Mapping[str, Any]) -> Type:
    """A `type: number`; multiples of a fraction are not told apart in binary."""
    field = tuple(
        f"{name}={flat(schema[keyword])}" for keyword, name in _BOUNDS if keyword in schema
    )
    return Type("float", OF_TYPE["number"], field, picked(schema, {"multipleOf"}))


def kind_of(value: Any) -> str:
    """Which of JSON's kinds a value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == math.floor(value) else "fraction"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def listed_values(schema: Mapping[str, Any]) -> list[Any]:
    """The values of `enum`; a `const` beside it leaves itself, where it is one of them."""
    listed = schema.get("enum", [])
    if "const" not in schema:
        return list(listed) if isinstance(listed, list) else []
    const = schema["const"]
    alike = [each for each in listed if (kind_of(each), each) == (kind_of(const), const)]
    return [const] if alike or "enum" not in schema else []


def literal_type(values: Sequence[Any]) -> Type | None:
    """The type of just these values; None where `Literal` cannot hold them."""
    plain = []
    for value in values:
        kind = kind_of(value)
        if kind not in ("null", "boolean", "integer", "string"):
            return None
        plain.append(int(value) if kind == "integer" else value)
    if not plain:
        return None
    named = [value for value in plain if value is not None]
    distinct = {(type(value), value): flat(value) for value in named}
    kinds = frozenset(kind_of(value) for value in plain)
    text = f"Literal[{', '.join(distinct.values())}]" if named else "None"
    if named and None in plain:
        text = f"{text} | None"
    return Type(text, kinds, values=tuple(plain), takes_none=None in plain)
