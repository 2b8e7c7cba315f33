"""One schema out of several that must hold together: `allOf`, where that says exactly the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jararaca_compiler.emit.types.keywords import ARRAY

Schema = dict[str, Any]

_LARGEST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLEST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_SHAPES = frozenset({"properties", "patternProperties"})
_CLOSED = frozenset({"additionalProperties", "patternProperties"})
_CONDITION = frozenset({"if", "then", "else"})
_UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
_NOTES = frozenset(
    {"title", "description", "default", "examples", "example", "deprecated", "readOnly"}
    | {"writeOnly", "externalDocs", "discriminator", "$comment", "xml", "format"}
    | {"contentEncoding", "contentMediaType", "contentSchema"}
)


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Schema | None:
    """The schema that holds where both do; None where it cannot be written as one."""
    if not _mergeable(one, other):
        return None
    result = dict(one)
    for key, value in other.items():
        if key not in result:
            result[key] = value
        elif result[key] != value and not _is_note(key):
            both = _both(key, result[key], value)
            if both is None:
                return None
            result[key] = both
    return result


def _is_note(key: str) -> bool:
    return key in _NOTES or key.startswith(("x-", "$"))


def _mergeable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if _UNEVALUATED & (one.keys() | other.keys()):
        return False
    for a, b in ((one, other), (other, one)):
        if _CLOSED & a.keys() and (_SHAPES | _CLOSED) & b.keys() and not _known(a, b):
            return False
        if _CONDITION & a.keys() and _CONDITION & b.keys():
            return False
    if "format" in one and "format" in other and one["format"] != other["format"]:
        return False
    return not (ARRAY & one.keys() and ARRAY & other.keys())


def _known(closed: Mapping[str, Any], open: Mapping[str, Any]) -> bool:
    """Whether a closed schema names all that the open one does, which closes nothing itself."""
    names = closed.get("properties", {}).keys()
    return not _CLOSED & open.keys() and open.get("properties", {}).keys() <= names


def _both(key: str, one: Any, other: Any) -> Any:
    if key == "required":
        return [*one, *(name for name in other if name not in one)]
    if key == "properties":
        shared = {
            n: {"allOf": [one[n], other[n]]} for n in one if n in other and one[n] != other[n]
        }
        return {**one, **{n: s for n, s in other.items() if n not in one}, **shared}
    if key == "type":
        return _types(one, other)
    if key in _LARGEST:
        return max(one, other)
    if key in _SMALLEST:
        return min(one, other)
    return None


def _types(one: Any, other: Any) -> Any:
    left, right = (t if isinstance(t, list) else [t] for t in (one, other))
    both = [t for t in left if t in right or (t == "integer" and "number" in right)]
    both += [t for t in right if t == "integer" and "number" in left and t not in both]
    return both[0] if len(both) == 1 else both  # None is left: nothing satisfies both.
