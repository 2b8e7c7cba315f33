"""Strategies: schemas over a small world of values, near relatives of them, and such values."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c1")
TEXTS = ("", "a", "b", "ab", "c1", "2026-01-02", "abcd")
NUMBERS = (-1, 0, 1, 2, 3, 4, 0.5, 2.5, 6.0)
CONSTANTS: tuple[Any, ...] = (None, True, False, *TEXTS[:4], *NUMBERS[:6], [], [1], {}, {"a": 1})
PATTERNS = ("^a", "b$", "^[a-c]+$", "\\d", "^c1$")

scalars = st.sampled_from((None, True, False, *TEXTS, *NUMBERS))
names = st.sampled_from((*NAMES, "zz"))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
refs = st.sampled_from(("#/$defs/P", "#/$defs/Q")).map(lambda ref: {"$ref": ref})
_types = st.sampled_from(("null", "boolean", "integer", "number", "string", "array", "object"))
_counts = st.integers(0, 3)


def _keyword(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One keyword of each kind."""
    some = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=2)
    needed = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": _types | st.lists(_types, min_size=1, max_size=3, unique=True),
        "enum": st.lists(st.sampled_from(CONSTANTS), min_size=1, max_size=4),
        "const": st.sampled_from(CONSTANTS),
        "minimum": st.sampled_from(NUMBERS),
        "maximum": st.sampled_from(NUMBERS),
        "exclusiveMinimum": st.sampled_from(NUMBERS),
        "exclusiveMaximum": st.sampled_from(NUMBERS),
        "multipleOf": st.sampled_from((1, 2, 0.5, 3)),
        "pattern": st.sampled_from(PATTERNS),
        "format": st.sampled_from(("date", "uuid")),
        "minLength": _counts,
        "maxLength": _counts,
        "minItems": _counts,
        "maxItems": _counts,
        "uniqueItems": st.booleans(),
        "minProperties": _counts,
        "maxProperties": _counts,
        "required": needed,
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), inner, max_size=2),
        "additionalProperties": inner,
        "propertyNames": inner,
        "items": inner,
        "prefixItems": some,
        "contains": inner,
        "minContains": _counts,
        "maxContains": _counts,
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), needed, max_size=1),
        "dependentSchemas": named,
        "unevaluatedProperties": inner,
        "unevaluatedItems": inner,
    }
    return st.one_of(*(st.fixed_dictionaries({key: found}) for key, found in keywords.items()))


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
        return {key: value for part in parts for key, value in part.items()}

    return st.lists(_keyword(inner) | refs, min_size=1, max_size=4).map(merged)


_leaf = st.booleans() | _keyword(st.booleans()) | refs
schemas = st.recursive(_leaf, _schema, max_leaves=7)
_OBJECT = {"type": "object", "properties": {"a": True}}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A schema with definitions that it, and they, may refer to; recursion is through parts."""
    root = draw(_schema(schemas))
    nested = draw(_keyword(_leaf))
    defined = {
        "P": {"type": ["object", "string"], "properties": {"a": {"$ref": "#/$defs/P"}}},
        "Q": draw(_keyword(_leaf.filter(lambda s: "$ref" not in str(s)))),
    }
    defined["P"] |= nested if "$ref" not in str(nested) else {}
    return {**root, "$defs": defined}


@st.composite
def relatives(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents, the second a small change (or several) of the first."""
    old = draw(documents())
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 3))):
        _mutate(draw, new)
    return (old, new) if draw(st.booleans()) else (new, old)


def _mutate(draw: st.DrawFn, document: dict[str, Any]) -> None:
    places: list[dict[str, Any]] = []
    _collect(document, places.append)
    place = draw(st.sampled_from(places))
    keys = [key for key in place if key != "$defs"]
    is_less = draw(st.booleans())
    if keys and is_less:
        del place[draw(st.sampled_from(keys))]
        return
    inner: st.SearchStrategy[Any] = st.booleans() | st.sampled_from(
        [{"type": "string"}, {"type": "integer"}, {"minimum": 1}, {"const": "a"}, _OBJECT]
    )
    place |= copy.deepcopy(draw(_keyword(inner)))


def _collect(value: Any, take: Callable[[dict[str, Any]], None], named: bool = False) -> None:
    """Every mapping that is a schema."""
    if isinstance(value, dict):
        if not named:
            take(value)
        for key, item in value.items():
            if key not in ("const", "enum", "dependentRequired") or named:
                _collect(item, take, key in _NAMED and not named)
    elif isinstance(value, list):
        for item in value:
            _collect(item, take)


_NAMED = ("$defs", "properties", "patternProperties", "dependentSchemas")
