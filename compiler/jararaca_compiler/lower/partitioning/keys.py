"""Where a message's partition key stands: a text or a whole number that every message has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.source import unescape
from jararaca_compiler.references.resolver import Resolver, UnresolvedRefError

_ONE_SPELLING = frozenset({"date-time", "date", "time", "duration"})
"""Formats of which one value is written in many ways: they would be many keys."""
_VARIANTS = frozenset({"oneOf", "anyOf", "not", "if"})
_DEEPEST = 100


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
    """Why the value at `by` cannot be the key of a message; None where it can."""
    place = steps_of(by)
    if place is None:
        return "is no location: write `$message.payload#/orderId` or `$message.header#/orderId`"
    part, steps = place
    if part == "header" and headers is None:
        return "does not exist: the message describes no headers"
    schema = payload.schema if part == "payload" or headers is None else headers.schema
    for number, step in enumerate(steps):
        parts = list(_parts(schema, resolver))
        found = [p["properties"][step] for p in parts if _has(p, step)]
        shown = "/".join(steps[: number + 1])
        if not found:
            varies = any(_VARIANTS & p.keys() for p in parts)
            return (
                f"does not exist in every variant: `{shown}`"
                if varies
                else (f"does not exist: there is no property `{shown}`")
            )
        if not any(step in p.get("required", ()) for p in parts):
            return f"may be missing: `{shown}` is not `required`"
        schema = {"allOf": found}
    return _problem_of_value(list(_parts(schema, resolver)))


def _has(part: Mapping[str, Any], step: str) -> bool:
    properties = part.get("properties")
    return isinstance(properties, Mapping) and step in properties


def _problem_of_value(parts: list[Mapping[str, Any]]) -> str | None:
    for part in parts:
        if part.get("format") in _ONE_SPELLING:
            return f"is a `{part['format']}`, of which one value has many spellings"
    types = [part["type"] for part in parts if "type" in part]
    if any("null" in kind for kind in types if isinstance(kind, list)):
        return "may be null"
    listed = [value for part in parts for value in _listed(part)]
    if listed and all(_is_key(value) for value in listed):
        return None
    if any(kind in ("string", "integer", ["string"], ["integer"]) for kind in types) and not listed:
        return None
    return "is not a text or a whole number"


def _listed(part: Mapping[str, Any]) -> list[Any]:
    if "const" in part:
        return [part["const"]]
    values = part.get("enum")
    return values if isinstance(values, list) else []


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _parts(schema: Any, resolver: Resolver, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The schemas that all hold at one place: itself, what it refers to, and its `allOf`."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    yield schema
    if isinstance(schema.get("$ref"), str):
        try:
            yield from _parts(resolver.lookup(schema["$ref"]).value, resolver, depth + 1)
        except UnresolvedRefError:
            return
    for part in schema.get("allOf", ()):
        yield from _parts(part, resolver, depth + 1)
