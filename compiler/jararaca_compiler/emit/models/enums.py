"""A named enumeration of texts -> a StrEnum."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.python.formatting import docstring, statement, string
from jararaca_compiler.emit.types.keywords import asserted
from jararaca_compiler.emit.types.python_type import OF_TYPE, Type
from jararaca_compiler.naming import Names, snake
from jararaca_compiler.schemas.checked_formats import has_format

_NOTES = frozenset({"title", "description", "default", "example", "examples", "format"})
_TAKEN = ("MRO",)


def is_enum(schema: Any) -> bool:
    """Whether a schema is a list of texts and nothing more."""
    if not isinstance(schema, Mapping) or not isinstance(schema.get("enum"), list):
        return False
    rest = {k for k in schema if k not in _NOTES and not k.startswith(("x-", "$"))}
    if rest - {"type", "enum", "deprecated"} or "$ref" in schema:
        return False
    values = schema["enum"]
    texts = bool(values) and all(isinstance(value, str) for value in values)
    format = asserted(schema).get("format")
    return (
        texts
        and schema.get("type", "string") == "string"
        and all(has_format(format, value) for value in values)
    )


def members(schema: Mapping[str, Any]) -> dict[str, str]:
    """The name of each value; a value that is called by its own name keeps it in any order."""
    values = list(dict.fromkeys(schema["enum"]))
    if given := _given_names(schema):
        return dict(zip(values, given, strict=True))
    scope = Names(_TAKEN)
    first = sorted(values, key=lambda value: (_plain(value) != value, value))
    names = {value: scope.take(_plain(value)) for value in first}
    return {value: names[value] for value in values}


def _given_names(schema: Mapping[str, Any]) -> list[str]:
    """Those of `x-enum-varnames`, as generators of other languages write it, if all can be used."""
    names, values = schema.get("x-enum-varnames"), schema["enum"]
    if not isinstance(names, list) or len(names) != len(values) or len(set(values)) != len(values):
        return []
    usable = len({str(name).upper() for name in names}) == len(names) and all(
        isinstance(name, str)
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and not hasattr(StrEnum, name)
        and name.upper() not in _TAKEN
        for name in names
    )
    return names if usable else []


def enum_type(name: str, schema: Mapping[str, Any]) -> Type:
    """The type that an enumeration's class is."""
    named = members(schema)
    return Type(name, OF_TYPE["string"], values=tuple(named), names=tuple(named.items()))


def enum_text(name: str, schema: Mapping[str, Any]) -> str:
    """The class of an enumeration."""
    doc = docstring(docstring_paragraphs(name, schema.get("title"), schema.get("description")), 4)
    lines = [statement(f"{m} = {string(v)}", 4) for v, m in members(schema).items()]
    return class_text(name, "StrEnum", doc, ["".join(lines)], 0)


def _plain(value: str) -> str:
    return "EMPTY" if not value else snake(value).upper()
