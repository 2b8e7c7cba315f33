"""Documents of a shape and a size: chains of schemas, and schemas that lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Shape = Callable[[int, dict[str, Any]], dict[str, Any]]


def doubled(key: str) -> Shape:
    """The next one twice, once of them as an item."""
    return lambda n, following: {key: [following, {"type": "array", "items": following}]}


SHAPES: dict[str, Shape] = {
    "ref": lambda n, following: following,
    "anyOf": doubled("anyOf"),
    "oneOf": doubled("oneOf"),
    "anyOf twice": lambda n, following: {"anyOf": [following, following]},
    "allOf twice": lambda n, following: {"allOf": [following, following]},
    "anyOf with type": lambda n, following: {
        "type": "object",
        "anyOf": [following, {"properties": {f"a{n}": following}}],
    },
    "allOf in two fields": lambda n, following: {
        "type": "object",
        "properties": {
            "a": {"allOf": [following, {"properties": {"y": {"type": "integer"}}}]},
            "b": {"allOf": [following, {"properties": {"z": {"type": "integer"}}}]},
        },
    },
    "properties": lambda n, following: {
        "type": "object",
        "properties": {"a": following, "b": following},
    },
    "items": lambda n, following: {"type": "array", "items": following},
    "prefixItems": lambda n, following: {
        "type": "array",
        "prefixItems": [following, following],
        "items": following,
    },
    "additionalProperties": lambda n, following: {
        "type": "object",
        "additionalProperties": following,
    },
    "patternProperties": lambda n, following: {
        "type": "object",
        "patternProperties": {"^a": following, "^b": following},
    },
    "not": lambda n, following: {"not": following},
    "if in a field": lambda n, following: {
        "type": "object",
        "if": {"properties": {"x": following}},
        "then": {"properties": {"y": following}},
        "else": {"properties": {"z": following}},
    },
}


def components(shape: Shape, count: int, *, is_loop: bool = False) -> dict[str, Any]:
    """So many schemas, each leads to the next one; the last to a plain one, or to the first."""
    made = {
        f"S{n}": shape(n, ref(0 if is_loop and n + 1 == count else n + 1)) for n in range(count)
    }
    if not is_loop:
        made[f"S{count}"] = {"type": "object", "properties": {"x": {"type": "string"}}}
    return made


def ref(number: int) -> dict[str, Any]:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/S{number}"}
