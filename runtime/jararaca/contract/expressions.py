"""Where a message keeps a value of its own: AsyncAPI's runtime expressions, section 4.5."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

Part = Literal["header", "payload"]


class Location(NamedTuple):
    """A place in a message's headers or body, by the steps of its JSON pointer."""

    part: Part
    steps: tuple[str, ...]


@cache
def location(expression: str) -> Location | None:
    """`$message.header#/corr` as a place; None for what is no such expression."""
    where, _, pointer = expression.partition("#")
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    if where == "$message.header" and steps:
        return Location("header", steps)
    return Location("payload", steps) if where == "$message.payload" else None


def value_at(expression: str | None, headers: Mapping[str, Any], body: bytes | None) -> str | None:
    """The value that the expression points to; None if it is missing or not a plain value."""
    place = None if expression is None else location(expression)
    if place is None:
        return None
    value: Any = headers if place.part == "header" else _read(body)
    for step in place.steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def with_correlation_id(
    expression: str | None, headers: Mapping[str, Any], id: str
) -> Mapping[str, Any]:
    """The headers with the id in them, where it is a header's and none stands there."""
    place = None if expression is None else location(expression)
    if place is None or place.part != "header" or len(place.steps) != 1:
        return headers
    return headers if place.steps[0] in headers else {**headers, place.steps[0]: id}


def _read(body: bytes | None) -> Any:
    try:
        return json.loads(body or b"null")
    except (ValueError, RecursionError):
        return None
