"""Strategies that aim at one difficulty each: schemas that differ in few, telling words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

Pair = tuple[Any, Any]
_ABSENT = object()
_KINDS = ({"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "object"})
_SOME = (*_KINDS, {"minimum": 1}, {"maximum": 1}, {"const": "a"}, {"minLength": 1}, True, False)
_PARTS = (
    *_SOME,
    {"required": ["a"]},
    {"required": ["b"]},
    {"properties": {"a": {"type": "string"}}},
    {"type": "number", "exclusiveMinimum": 1},
    {"enum": ["a", 1, None]},
)
_BOUNDS = (-1, 0, 0.5, 1, 1.5, 2)

NUMBERS: tuple[Any, ...] = (-2, -1, -0.5, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, "a")
ANYTHING: tuple[Any, ...] = (
    *NUMBERS, None, True, "", "b", "ab", [], {}, {"a": 1}, {"a": "x"}, {"b": 1}, {"a": 1, "b": "x"},
)  # fmt: skip
_FILLINGS: tuple[Any, ...] = (1, 0.5, "a", "", None, {"a": 1})
OBJECTS: tuple[Any, ...] = (
    {},
    *({name: filling} for name in ("a", "b", "ab", "z") for filling in _FILLINGS),
    *({"a": one, "b": two} for one in (1, "a") for two in (1, "a")),
    *({"a": one, "z": two} for one in (1, "a") for two in (1, "a")),
    {"a": 1, "b": 1, "ab": 1, "z": 1},
    "a",
)
ARRAYS: tuple[Any, ...] = (
    [],
    *([one] for one in _FILLINGS),
    *([one, two] for one in (1, 0.5, "a") for two in (1, 0.5, "a", None)),
    [1, 1, 1],
    ["a", 1, "b"],
    [1, 2, 3, 4],
    "a",
)
CONSTANTS: tuple[Any, ...] = (None, True, False, 0, 1, 1.5, "a", "b", "", [], {}, [1], {"a": 1})


def _maybe(found: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(_ABSENT) | found


@st.composite
def _alike(draw: st.DrawFn, words: dict[str, st.SearchStrategy[Any]]) -> Pair:
    """Two schemas of the same keywords: most are as they were, some are drawn anew."""
    old = {word: draw(found) for word, found in words.items()}
    changed = draw(st.sets(st.sampled_from(sorted(words)), max_size=2))
    new = {**old, **{word: draw(words[word]) for word in sorted(changed)}}
    return tuple(  # type: ignore[return-value]
        {word: value for word, value in side.items() if value is not _ABSENT} for side in (old, new)
    )


_choices = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=3)


@st.composite
def choices(draw: st.DrawFn) -> Pair:
    """`oneOf` and `anyOf` whose branches overlap, with a branch more, less or other."""
    branches = draw(_choices)
    others = [*branches]
    index = draw(st.integers(0, len(branches)))
    others[index : index + draw(st.integers(0, 1))] = draw(
        st.lists(st.sampled_from(_PARTS), max_size=1)
    )
    words = st.sampled_from(("oneOf", "oneOf", "anyOf"))
    sides = {draw(words): branches}, {draw(words): others or [True]}
    wrapped = draw(st.sampled_from((None, None, "not", "single")))
    if wrapped == "not":
        return {"not": sides[0]}, {"not": sides[1]}
    return (sides[0], draw(st.sampled_from(_PARTS))) if wrapped == "single" else sides


@st.composite
def recursions(draw: st.DrawFn) -> Pair:
    """A schema `P` that refers to itself in place, and one that does not; neither is in `$defs`."""
    branches = draw(st.lists(st.sampled_from(_SOME), min_size=1, max_size=2))
    loop: Any = {"$ref": "#/$defs/P"}
    guard = draw(st.sampled_from((None, None, *_KINDS)))
    if guard is not None:
        loop = {"allOf": [guard, loop]}
    branches.insert(draw(st.integers(0, len(branches))), loop)
    other = draw(st.sampled_from(_SOME) | _choices.map(lambda some: {"anyOf": some}))
    return {"anyOf": branches}, other


_value = st.sampled_from((*_KINDS, True, False, {"minimum": 1}))
_open_or_closed = st.sampled_from((True, False, {"type": "string"}, {"type": "integer"}))
_named = st.dictionaries(st.sampled_from(("a", "b")), _value, max_size=2)
_matched = st.dictionaries(st.sampled_from(("^a", "b$", "^z$")), _value, min_size=1, max_size=2)
_needed = st.lists(st.sampled_from(("a", "b", "z")), unique=True, max_size=2)
_sizes = st.integers(0, 3)
objects = _alike(
    {
        "type": st.sampled_from((_ABSENT, "object")),
        "properties": _maybe(_named),
        "additionalProperties": _maybe(_open_or_closed),
        "patternProperties": _maybe(_matched),
        "required": _maybe(_needed),
    }
)
_two = st.sampled_from(({"type": "string"}, {"type": "integer"}))
patterns = _alike(
    {
        "enum": st.sampled_from((_ABSENT, _ABSENT, [{"a": 1}, {"z": "a"}], [{"b": 1}])),
        "properties": _maybe(st.fixed_dictionaries({"a": _two})),
        "patternProperties": _maybe(st.fixed_dictionaries({"^a": _two})),
        "required": st.sampled_from((_ABSENT, ["a"], ["z"])),
        "additionalProperties": _maybe(_two | st.just(False)),
    }
)
rare_objects = _alike(
    {
        "properties": _maybe(_named),
        "allOf": _maybe(
            st.fixed_dictionaries(
                {},
                optional={
                    "properties": _named,
                    "additionalProperties": _open_or_closed,
                    "unevaluatedProperties": _open_or_closed,
                },
            ).map(lambda part: [part])
        ),
        "additionalProperties": _maybe(_open_or_closed),
        "unevaluatedProperties": _maybe(_open_or_closed),
        "propertyNames": _maybe(st.sampled_from(({"maxLength": 1}, {"enum": ["a", "z"]}))),
        "maxProperties": _maybe(_sizes),
        "minProperties": _maybe(_sizes),
        "dependentRequired": _maybe(st.dictionaries(st.just("a"), _needed, max_size=1)),
    }
)
_types = st.sampled_from(("integer", "number", ["integer", "string"], ["number", "null"]))
_number = {
    "type": _maybe(_types),
    "minimum": _maybe(st.sampled_from(_BOUNDS)),
    "exclusiveMinimum": _maybe(st.sampled_from(_BOUNDS)),
    "maximum": _maybe(st.sampled_from(_BOUNDS)),
    "exclusiveMaximum": _maybe(st.sampled_from(_BOUNDS)),
    "multipleOf": _maybe(st.sampled_from((0.5, 1, 2, 3))),
}


@st.composite
def numbers(draw: st.DrawFn) -> Pair:
    """Bounds of integers and fractions, one or two of them, alone or in a union."""
    kept = draw(st.sets(st.sampled_from(sorted(_number.keys() - {"type"})), min_size=1, max_size=2))
    old, new = draw(_alike({word: _number[word] for word in sorted({"type"} | kept)}))
    if not draw(st.booleans()):
        return old, new
    beside = draw(st.sampled_from(({"const": 3}, {"type": "integer"}, {"exclusiveMaximum": 0})))
    return {"anyOf": [old, beside]}, draw(st.sampled_from((new, {"anyOf": [beside, new]})))


@st.composite
def bounds(draw: st.DrawFn) -> Pair:
    """One bound each, of the same end, inclusive or exclusive, of integers or of numbers."""
    end = draw(st.sampled_from(("inimum", "aximum")))
    words = st.sampled_from((f"m{end}", f"exclusiveM{end}"))
    kinds = st.sampled_from(("integer", "integer", "number"))
    if draw(st.integers(0, 3)) == 0:
        return {"const": draw(st.sampled_from((0, 1, 2)))}, {
            draw(words): draw(st.sampled_from((0, 1, 2)))
        }
    old, new = (
        {"type": draw(kinds), draw(words): draw(st.sampled_from((0, 0.5, 1, 2)))} for _ in "on"
    )
    return old, new


_listed = st.lists(st.sampled_from(CONSTANTS), min_size=1, max_size=4)
enums = _alike(
    {
        "enum": _maybe(_listed),
        "const": st.sampled_from((_ABSENT, _ABSENT, *CONSTANTS)),
        "type": _maybe(_types | st.sampled_from(("string", "boolean", "null", "object"))),
        "not": _maybe(_listed.map(lambda some: {"enum": some})),
    }
)
arrays = _alike(
    {
        "items": _maybe(_value),
        "prefixItems": _maybe(st.lists(_value, min_size=1, max_size=2)),
        "minItems": _maybe(_sizes),
        "maxItems": _maybe(_sizes),
        "uniqueItems": _maybe(st.booleans()),
        "contains": _maybe(_value),
        "unevaluatedItems": _maybe(_open_or_closed),
    }
)


def unrolled(schema: Any, last: bool, depth: int = 3) -> Any:
    """What `recursions` gave without references: after `depth` rounds, the schema `last`."""
    if depth == 0:
        return last
    return _replaced(schema, lambda: unrolled(schema, last, depth - 1))


def _replaced(value: Any, made: Callable[[], Any]) -> Any:
    if isinstance(value, dict):
        return made() if "$ref" in value else {k: _replaced(v, made) for k, v in value.items()}
    return [_replaced(item, made) for item in value] if isinstance(value, list) else value


def families() -> Iterator[tuple[str, st.SearchStrategy[Pair], tuple[Any, ...]]]:
    """Each difficulty's name, pairs, and the values that tell them apart."""
    yield "choices", choices(), ANYTHING
    yield "objects", objects, OBJECTS
    yield "patterns", patterns, OBJECTS
    yield "rare objects", rare_objects, OBJECTS
    yield "bounds", bounds(), NUMBERS
    yield "numbers", numbers(), NUMBERS
    yield "enums", enums, CONSTANTS
    yield "arrays", arrays, ARRAYS
