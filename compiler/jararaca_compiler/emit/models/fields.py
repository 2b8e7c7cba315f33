"""One field as text: its annotation, default and description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.models.text import docstring, flat, statement, string
from jararaca_compiler.emit.models.types import Type, annotated

_PLAIN = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


@dataclass(frozen=True, slots=True)
class Field:
    """A property: `wire` in JSON, `name` in Python; `notes` are its schema's keywords."""

    wire: str
    name: str
    type: Type
    notes: Mapping[str, Any]
    required: bool


def field_lines(field: Field, indent: int) -> str:
    """The field, and below it what the document says about it."""
    arguments = [] if field.name == field.wire else [f"alias={string(field.wire)}"]
    if field.notes.get("deprecated") is True:
        arguments.append("deprecated=True")
    default = None if field.required else _default(field)
    text, made = field.type.text, field.type
    if not field.required and default is None:
        default = "None"
        if not _takes_none(made):
            text = f"Omittable[{_inner(made)}]"
    annotation = annotated(text, (*arguments, *made.field), made.check)
    ending = f" = {default}" if default is not None else ""
    line = statement(f"{field.name}: {annotation}{ending}", indent)
    return line + docstring(_notes(field.notes), indent)


def _inner(made: Type) -> str:
    """`Omittable[X]` takes None out again: of a union that has none, it is the whole."""
    return made.text


def _takes_none(made: Type) -> bool:
    return "null" in made.kinds and made.text != "Any"


def _notes(notes: Mapping[str, Any]) -> list[str | None]:
    text = notes.get("description") or notes.get("title")
    return [text if isinstance(text, str) else None]


def _default(field: Field) -> str | None:
    """The default as Python; None where it is none, or has no place in a class."""
    value = field.notes.get("default")
    made = field.type
    if value is None or made.check is not None:
        return None
    if made.values is not None:
        same = [v for v in made.values if type(v) is type(value) and v == value]
        return flat(value) if same and made.text.startswith("Literal[") else None
    types = _PLAIN.get(made.text.removesuffix(" | None"))
    if (
        types is None
        or not isinstance(value, types)
        or (isinstance(value, bool) and bool not in types)
    ):
        return None
    if made.text.startswith("float") and isinstance(value, int):
        return flat(float(value))
    return flat(value)
