"""Whether two schemas are the same text but for annotations, order, and the names of references."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from jararaca_compiler.compat.proof.schema import OPAQUE, Schema, constrains
from jararaca_compiler.emit.types.keywords import reference_among

_SETS = frozenset({"enum", "required", "type"})
_SCHEMAS = frozenset(
    [
        "not",
        "if",
        "then",
        "else",
        "additionalProperties",
        "propertyNames",
        "contains",
        "unevaluatedProperties",
        "unevaluatedItems",
        "items",
        "additionalItems",
    ]
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})


def canonical(value: Any) -> str:
    """A JSON value as text; equal values have equal texts (`1` and `1.0` are equal)."""
    return json.dumps(_number(value), sort_keys=True, default=str)


class SchemaEquality:
    """Compares schemas as trees, and remembers what it found the same or different."""

    def __init__(self) -> None:
        self._same: set[tuple[Schema, Schema]] = set()
        self._different: set[tuple[Schema, Schema]] = set()

    def __call__(self, a: Schema, b: Schema) -> bool:
        """Whether the two say the same in the same words."""
        if a is b or (a, b) in self._same:
            return True
        if (a, b) in self._different:
            return False
        assumed: set[tuple[Schema, Schema]] = set()
        found = self._equal(a, b, assumed)
        if found:
            self._same |= assumed
        else:
            self._different.add((a, b))
        return found

    def _equal(self, a: Schema, b: Schema, assumed: set[tuple[Schema, Schema]]) -> bool:
        waiting = [(a, b)]
        while waiting:
            x, y = (_reached(s) for s in waiting.pop())
            if x is y or (x, y) in assumed or (x, y) in self._same:
                continue
            assumed.add((x, y))
            pairs = _pairs(x, y)
            if pairs is None or (x, y) in self._different:
                return False
            waiting += pairs
        return True


def _reached(schema: Schema) -> Schema:
    """What a schema that is nothing but a reference leads to in the end.

    A reference beside other keywords is the first of an `allOf`, as it is published.
    """
    for _ in range(64):
        if any(constrains(key) and key != "$ref" for key in schema.keys):
            if "$ref" not in schema.keys:
                return schema
            return schema.store.made(schema, ("together",), reference_among(schema.keys))
        target = schema.target
        if target is None:
            return schema
        schema = target
    return schema


def _pairs(a: Schema, b: Schema) -> list[tuple[Schema, Schema]] | None:
    """The parts that must be the same for the wholes to be; None if they differ already."""
    if not isinstance(a.value, dict) or not isinstance(b.value, dict):
        return [] if _boolean(a) == _boolean(b) is not None else None
    keys = {key for key in a.value if constrains(key)}
    if keys != {key for key in b.value if constrains(key)}:
        return None
    pairs: list[tuple[Schema, Schema]] = []
    for key in keys:
        found = _parts(key, a, b)
        if found is None:
            return None
        pairs += found
    return pairs


def _boolean(schema: Schema) -> bool | None:
    if isinstance(schema.value, bool):
        return schema.value
    return None if any(constrains(key) for key in schema.keys) else True


def _parts(key: str, a: Schema, b: Schema) -> list[tuple[Schema, Schema]] | None:
    x, y = a.keys[key], b.keys[key]
    if key == "$ref":
        one, other = a.target, b.target
        return None if one is None or other is None else [(one, other)]
    if key in OPAQUE[2:]:
        return None
    if key in _LISTS and isinstance(x, list) and isinstance(y, list):
        return _all(a.children(key), b.children(key))
    if key in _NAMED and isinstance(x, dict) and isinstance(y, dict):
        return _named(key, a, b)
    if key in _SCHEMAS and isinstance(x, dict | bool) and isinstance(y, dict | bool):
        return [(a.below(x, key), b.below(y, key))]
    if key in _SETS:
        return [] if _set(x) == _set(y) else None
    return [] if canonical(x) == canonical(y) else None


def _named(key: str, a: Schema, b: Schema) -> list[tuple[Schema, Schema]] | None:
    x, y = a.keys[key], b.keys[key]
    if x.keys() != y.keys():
        return None
    pairs: list[tuple[Schema, Schema]] = []
    for name in x:
        if isinstance(x[name], list) or isinstance(y[name], list):
            if _set(x[name]) != _set(y[name]):
                return None
        else:
            pairs.append((a.below(x[name], key, name), b.below(y[name], key, name)))
    return pairs


def _all(a: Iterable[Schema], b: Iterable[Schema]) -> list[tuple[Schema, Schema]] | None:
    xs, ys = list(a), list(b)
    return list(zip(xs, ys, strict=True)) if len(xs) == len(ys) else None


def _set(value: Any) -> frozenset[str]:
    return frozenset(canonical(item) for item in (value if isinstance(value, list) else [value]))


def _number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _number(item) for key, item in value.items()}
    return [_number(item) for item in value] if isinstance(value, list) else value
