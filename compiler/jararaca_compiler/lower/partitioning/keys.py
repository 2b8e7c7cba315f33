"""Where a message's partition key stands: a text or a whole number that every message has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.source import unescape
from jararaca_compiler.references.resolver import Resolver, UnresolvedRefError

_ONE_SPELLING = frozenset({"date-time", "date", "time", "duration"})
"""Formats of which one value is written in many ways: they would be many keys."""
_VARIANTS = frozenset({"oneOf", "anyOf", "not", "if"})
_OURS = "x-jararaca-"
_DEEPEST = 5
"""How deep variants of a value are looked into."""
_FORMS: Mapping[str, type] = {
    **dict.fromkeys(("required", "enum", "allOf", "oneOf", "anyOf"), list),
    **dict.fromkeys(("format", "$ref"), str),
    "properties": Mapping,
}


class _WrongSchemaError(Exception):
    """A schema has not the form of one, or refers to nothing: it is told of elsewhere."""


def steps_of(by: str) -> tuple[str, tuple[str, ...]] | None:
    """Its part, `payload` or `header`, and the steps of its JSON pointer; None for no location."""
    where, sharp, pointer = by.partition("#")
    part = where.removeprefix("$message.")
    if part not in ("payload", "header") or where == part or not sharp or pointer[:1] != "/":
        return None
    steps = tuple(unescape(step) for step in pointer[1:].split("/"))
    return None if part == "header" and len(steps) != 1 else (part, steps)


def problem_of_key(
    by: str, payload: ir.Payload, headers: ir.Payload | None, resolver: Resolver
) -> str | None:
    """Why the value at `by` cannot be the key of a message; None where it can.

    None also where the schema itself is wrong, of which others tell.
    """
    place = steps_of(by)
    if place is None:
        return "is no location: write `$message.payload#/orderId` or `$message.header#/orderId`"
    part, steps = place
    if part == "header" and headers is None:
        return "does not exist: the message describes no headers"
    if part == "header" and steps[0].startswith(_OURS):
        return "is a header that Jararaca writes itself"
    schema = payload.schema if part == "payload" or headers is None else headers.schema
    with suppress(_WrongSchemaError):
        for number, step in enumerate(steps):
            parts = _parts(schema, resolver)
            if (problem := _problem_of_step(parts, steps[: number + 1])) is not None:
                return problem
            schema = {"allOf": [p["properties"][step] for p in parts if _has(p, step)]}
        return _problem_of_value(schema, resolver)
    return None


def _problem_of_step(parts: Sequence[Mapping[str, Any]], steps: Sequence[str]) -> str | None:
    """Why the last of the steps cannot be taken in what `parts` describe together."""
    step, shown = steps[-1], "/".join(steps)
    if not any(_has(part, step) for part in parts):
        if any(_VARIANTS & part.keys() for part in parts):
            return f"does not exist in every variant: `{shown}`"
        return f"does not exist: there is no property `{shown}`"
    if not any(step in part.get("required", ()) for part in parts):
        return f"may be missing: `{shown}` is not `required`"
    types = _types(parts)
    if types is None or types == {"object"}:
        return None
    if types == {"object", "null"}:
        return f"may be missing: what `{shown}` is in may be null"
    return f"may be missing: what `{shown}` is in may be no object"


def _types(parts: Sequence[Mapping[str, Any]]) -> frozenset[str] | None:
    """The types that all parts allow; None where none says any."""
    said = [frozenset(t) if isinstance(t := p["type"], list) else {t} for p in parts if "type" in p]
    return frozenset.intersection(*map(frozenset, said)) if said else None


def _has(part: Mapping[str, Any], step: str) -> bool:
    return step in part.get("properties", ())


def _problem_of_value(schema: Any, resolver: Resolver) -> str | None:
    parts = _parts(schema, resolver)
    for format in _formats(parts, resolver):
        if format in _ONE_SPELLING:
            return f"is a `{format}`, of which one value has many spellings"
    types = [part["type"] for part in parts if "type" in part]
    if any("null" in kind for kind in types if isinstance(kind, list)):
        return "may be null"
    listed = [value for part in parts for value in _listed(part)]
    if listed and all(_is_key(value) for value in listed):
        return None
    if any(kind in ("string", "integer", ["string"], ["integer"]) for kind in types) and not listed:
        return None
    return "is not a text or a whole number"


def _formats(
    parts: Iterable[Mapping[str, Any]], resolver: Resolver, depth: int = 0
) -> Iterator[str]:
    """The formats of a value, also those of variants: each would have a class of its own."""
    for part in parts:
        if "format" in part:
            yield part["format"]
        for variant in (*part.get("oneOf", ()), *part.get("anyOf", ())) if depth < _DEEPEST else ():
            yield from _formats(_parts(variant, resolver), resolver, depth + 1)


def _listed(part: Mapping[str, Any]) -> list[Any]:
    if "const" in part:
        return [part["const"]]
    found: list[Any] = part.get("enum", [])
    return found


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _parts(schema: Any, resolver: Resolver) -> list[Mapping[str, Any]]:
    """The schemas that all hold at one place: itself, what it refers to, and its `allOf`.

    Raises _WrongSchemaError.
    """
    found: list[Mapping[str, Any]] = []
    waiting, followed = [schema], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, bool):
            continue
        if not isinstance(part, dict) or not _is_sound(part):
            raise _WrongSchemaError
        found.append(part)
        waiting += reversed(part.get("allOf", ()))
        ref = part.get("$ref")
        if ref is not None and ref not in followed:
            followed.add(ref)
            try:
                waiting.append(resolver.lookup(ref).value)
            except UnresolvedRefError as error:
                raise _WrongSchemaError from error
    return found


def _is_sound(part: Mapping[str, Any]) -> bool:
    """Whether the keywords that are read here have the form of keywords."""
    kind = part.get("type", "")
    words = kind if isinstance(kind, list) else [kind]
    return all(isinstance(word, str) for word in words) and all(
        isinstance(part[key], form) for key, form in _FORMS.items() if key in part
    )
