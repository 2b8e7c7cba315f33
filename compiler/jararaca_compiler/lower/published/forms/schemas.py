"""Whether a value in a binding is a schema: there, nothing else has looked at its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jararaca_compiler.schemas.json_numbers import is_number
from jararaca_compiler.validation.asyncapi_objects import SCHEMA_KEYWORDS, SCHEMA_TYPES


def is_schema(value: Any) -> bool:
    """Whether each keyword of the schema, and of those in it, has a value of its form."""
    if isinstance(value, bool):
        return True
    return isinstance(value, dict) and all(_is_keyword(key, item) for key, item in value.items())


def _is_keyword(key: str, value: Any) -> bool:
    if key in _OTHERS:
        return _OTHERS[key](value)
    return _has_form(value, SCHEMA_KEYWORDS.get(key, "any"))


def _has_form(value: Any, form: str) -> bool:
    kind, _, inner = form.partition(" ")
    if kind == "map":
        is_map = isinstance(value, dict)
        return is_map and all(_has_form(item, inner) for item in value.values())
    if kind == "list":
        return isinstance(value, list) and all(_has_form(item, inner) for item in value)
    return _SIMPLE[kind](value)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    fits = bool(names) and all(isinstance(name, str) and name in SCHEMA_TYPES for name in names)
    return fits and len(set(names)) == len(names)


def _is_dependent(value: Any) -> bool:
    return _has_form(value, "list str") if isinstance(value, list) else is_schema(value)


_SIMPLE: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "schema": is_schema,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "number": is_number,
    "bound": is_number,
    "count": lambda value: is_number(value) and value >= 0 and value == value // 1,
    "positive": lambda value: is_number(value) and value > 0,
}
_OTHERS: Mapping[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "$ref": lambda value: isinstance(value, str),
    "items": lambda value: (
        _has_form(value, "list schema") if isinstance(value, list) else is_schema(value)
    ),
    "dependencies": lambda value: (
        isinstance(value, dict) and all(_is_dependent(item) for item in value.values())
    ),
    "enum": lambda value: isinstance(value, list) and value != [],
    **dict.fromkeys(
        ("allOf", "anyOf", "oneOf"), lambda value: _has_form(value, "list schema") and value != []
    ),
}
