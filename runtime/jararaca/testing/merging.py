"""Two JSON Schemas as one that asks for both, as far as their keywords can say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of both; where both have one, what fits both. Others: the second's."""
    made = dict(one)
    for key, value in other.items():
        made[key] = _BOTH[key](one[key], value) if key in one and key in _BOTH else value
    return made


def _types(one: Any, other: Any) -> Any:
    ones = one if isinstance(one, list) else [one]
    others = other if isinstance(other, list) else [other]
    both = [kind for kind in ones if kind in others or (kind == "integer" and "number" in others)]
    if "integer" in others and "number" in ones and "integer" not in both:
        both.append("integer")
    return both[0] if len(both) == 1 else both


def _every(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _properties(one: Any, other: Any) -> Any:
    shared = {name: _every(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _items(one: Any, other: Any) -> Any:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    return [*map(_every, longer, shorter), *longer[len(shorter) :]]


def _union(one: Any, other: Any) -> Any:
    return list(dict.fromkeys([*one, *other]))


def _common(one: Any, other: Any) -> Any:
    return [value for value in one if value in other]


_BOTH: Mapping[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _common,
    "required": _union,
    "properties": _properties,
    "items": _every,
    "additionalProperties": _every,
    "contains": _every,
    "prefixItems": _items,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
