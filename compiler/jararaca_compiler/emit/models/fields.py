"""One field as text: its annotation, default and description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.models.class_text import repeats
from jararaca_compiler.emit.python.formatting import WIDTH, docstring, statement, string, width
from jararaca_compiler.emit.types.python_type import Type


@dataclass(frozen=True, slots=True)
class Field:
    """A property: `wire` in JSON, `name` in Python; `notes` are its schema's keywords.

    `default` is a Python expression; None where the document gives none.
    """

    wire: str
    name: str
    type: Type
    notes: Mapping[str, Any]
    required: bool
    default: str | None = None


def field_lines(field: Field, indent: int) -> str:
    """The field, and below it what the document says about it."""
    arguments = [] if field.name == field.wire else [f"alias={string(field.wire)}"]
    if field.notes.get("deprecated") is True:
        arguments.append("deprecated=True")
    default, made = field.default, field.type
    text = made.text
    if not field.required and default is None:
        default, text = "None", _optional(made)
    parts = made.metadata(text, arguments)
    ending = f" = {default}" if default is not None else ""
    return _line(field.name, parts, ending, indent) + docstring(_notes(field), indent)


def _line(name: str, parts: list[str], ending: str, indent: int) -> str:
    """In one line, else each part of `Annotated` in its own, else as black has it."""
    annotation = parts[0] if len(parts) == 1 else f"Annotated[{', '.join(parts)}]"
    pad = " " * indent
    one_line = f"{name}: {annotation}{ending}"
    fit = all(width(part) + indent + 5 <= WIDTH for part in parts)
    if width(one_line) + indent <= WIDTH or len(parts) == 1 or not fit:
        return statement(one_line, indent)
    inner = "".join(f"{pad}    {part},\n" for part in parts)
    return f"{pad}{name}: Annotated[\n{inner}{pad}]{ending}\n"


def _optional(made: Type) -> str:
    """The type of a property that may be absent; only null that is valid is told from absent."""
    return made.text if made.takes_none else f"Omittable[{made.text}]"


def _notes(field: Field) -> list[str | None]:
    """What the document says about the field, unless it is the field's name once more."""
    texts = (field.notes.get("description"), field.notes.get("title"))
    told = (text for text in texts if isinstance(text, str) and not repeats(field.wire, text))
    return [next((text for text in told if text.strip()), None)]
