"""A property's default as Python: a literal where it is one, else a value that the class reads."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jararaca_compiler.emit.python.formatting import flat
from jararaca_compiler.emit.types.builder import Builder
from jararaca_compiler.emit.types.python_type import Type
from jararaca_compiler.emit.types.schemas import Schemas, refs
from jararaca_compiler.schemas.checked_formats import FORMATS, has_format

_Limits = dict[str, Callable[[Any, Any], bool]]
_TEXTS = ("str", "Email", "Uri")
_READ = frozenset(FORMATS.values()) - frozenset(_TEXTS)
_PLAIN = {**dict.fromkeys(_TEXTS, str), "int": int, "bool": bool}
_UNSURE = frozenset({"pattern", "multipleOf"})
_LENGTHS: _Limits = {"minLength": operator.ge, "maxLength": operator.le}
_BOUNDS: _Limits = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
_EMPTY: dict[str, Any] = {"list[": [], "dict[": {}}


def default_text(schema: Any, made: Type, builder: Builder) -> str | None:
    """The default of a schema of this type; None where it has none, or one that it refuses."""
    keywords = builder.schemas.flat(schema).keywords
    value, format = keywords.get("default"), keywords.get("format")
    text = made.text.removesuffix(" | None")
    if value is None:
        return None
    if made.values is not None:
        return _one_of(value, made)
    is_plain = made.check is None and not _UNSURE & keywords.keys()
    has_its_format = is_plain and (not isinstance(value, str) or has_format(format, value))
    if has_its_format and type(value) is _PLAIN.get(text):
        return flat(value) if _is_within(value, keywords) else None
    if is_plain and text == "float" and type(value) in (int, float):
        return flat(float(value)) if _is_within(value, keywords) else None
    if has_its_format and isinstance(value, str) and text in _READ:
        return _read(value)
    if not _accepts(schema, value, builder.schemas) or _never_ends(schema, value, builder.schemas):
        return None
    is_literal = text == "Any" or type(value) is _PLAIN.get(text)
    return flat(value) if is_literal or value == _EMPTY.get(text[:5], ...) else _read(value)


def _is_within(value: Any, keywords: Mapping[str, Any]) -> bool:
    """Whether a text or number keeps the limits of its schema."""
    limits, size = (_LENGTHS, len(value)) if isinstance(value, str) else (_BOUNDS, value)
    return all(keeps(size, keywords[key]) for key, keeps in limits.items() if key in keywords)


def _read(value: Any) -> str:
    return f"JsonDefault({flat(value)})"


def _one_of(value: Any, made: Type) -> str | None:
    same = [v for v in made.values or () if type(v) is type(value) and v == value]
    if not same or made.text.startswith("Literal["):
        return flat(value) if same else None
    return f"{made.text.removesuffix(' | None')}.{dict(made.names)[value]}"


def _accepts(schema: Any, value: Any, schemas: Schemas) -> bool:
    """Whether a default is valid; the validator is slow to import, and few documents need it."""
    from jararaca_compiler.validation.values import validator_by

    validator = validator_by(schema, schemas.follow)
    return validator is not None and validator.is_valid(value)


def _never_ends(schema: Any, value: Any, schemas: Schemas) -> bool:
    """Whether an object that is a default has, by its own defaults, itself within."""
    if not _has_object(value):
        return False
    below: dict[str, set[str]] = {}
    waiting = _places(schema, schemas)
    while waiting:
        place = waiting.pop()
        if place not in below:
            below[place] = {p for s in _defaulted(place, schemas) for p in _places(s, schemas)}
            waiting |= below[place]
    return any(place in _reached(place, below) for place in below)


def _reached(place: str, below: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(below[place])
    while waiting:
        found |= waiting
        waiting = {target for each in waiting for target in below[each]} - found
    return found


def _places(schema: Any, schemas: Schemas) -> set[str]:
    found = (schemas.follow(ref) for ref in refs(schema))
    return {f"{each.path}#{each.pointer}" for each in found}


def _defaulted(place: str, schemas: Schemas) -> Iterator[Any]:
    """The properties of a place that are objects by default."""
    properties = schemas.flat(schemas.follow(place).value).keywords.get("properties", {})
    for schema in properties.values():
        if _has_object(schemas.flat(schema).keywords.get("default")):
            yield schema


def _has_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_object, value)))
