"""The comparison of schemas against brute force: no unsafe change is ever called safe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jararaca_compiler.compat.proof.relation import Relation, relation
from jararaca_compiler.references.resolver import Found

from . import compat_targets as targets
from .compat_schemas import CONSTANTS, NAMES, NUMBERS, TEXTS, documents, relatives, values

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
AIMED = settings(SETTINGS, max_examples=600)
_OBJECTS = [
    {name: value, **more}
    for name in (*NAMES, "zz")
    for value in (1, "a", "b", None, {"a": "x"}, [1])
    for more in ({}, {"a": 1}, {"b": "ab", "c1": 2})
]
_ARRAYS = [[1], [1, 1], [0.5, "a"], ["a", "b", 3], [{}, {"a": 1}], [1, 2, 3, 4], [None]]
FAMILIES = tuple(targets.families())
INSTANCES: list[Any] = [*CONSTANTS, *TEXTS, *NUMBERS, *_OBJECTS, *_ARRAYS]


def lookup(document: Any) -> Any:
    """The references of one document, `#/...`."""

    def find(ref: str) -> Found:
        found = document
        for token in ref.removeprefix("#/").split("/"):
            found = found[token]
        return Found(found, "", ref.removeprefix("#"))

    return find


def relation_of(old: Any, new: Any) -> Relation:
    return relation(old, new, lookup(old), lookup(new))


def judge(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def foretold(pair: targets.Pair, found: Relation, tried: Sequence[Any]) -> None:
    """Every value that only one of the two accepts was told before."""
    before, after = judge(pair[0]), judge(pair[1])
    for value in tried:
        was, now = before.is_valid(value), after.is_valid(value)
        assert found.narrowed or not (was and not now), (*pair, value)
        assert found.widened or not (now and not was), (*pair, value)


@SETTINGS
@given(pair=relatives(), more=st.lists(values, max_size=8))
def test_what_one_accepts_and_the_other_rejects_was_foretold(
    pair: tuple[Any, Any], more: list[Any]
) -> None:
    foretold(pair, relation_of(*pair), [*INSTANCES, *more])


@pytest.mark.parametrize(
    ("pairs", "telling"), [f[1:] for f in FAMILIES], ids=[f[0] for f in FAMILIES]
)
def test_no_unsafe_change_is_called_safe_where_it_is_difficult(
    pairs: st.SearchStrategy[targets.Pair], telling: tuple[Any, ...]
) -> None:
    @AIMED
    @given(pair=pairs)
    def check(pair: targets.Pair) -> None:
        foretold(pair, relation_of(*pair), telling)
        foretold(pair[::-1], relation_of(*pair[::-1]), telling)

    check()


@AIMED
@given(pair=targets.recursions(), last=st.booleans())
def test_a_schema_that_refers_to_itself_in_place_is_safe_only_in_each_reading(
    pair: targets.Pair, last: bool
) -> None:
    recursive, other = pair
    document = {"$ref": "#/$defs/P", "$defs": {"P": recursive}}
    meant = targets.unrolled(recursive, last)
    foretold((meant, other), relation_of(document, other), targets.ANYTHING)
    foretold((other, meant), relation_of(other, document), targets.ANYTHING)


@SETTINGS
@given(document=documents())
def test_a_schema_is_no_change_of_itself(document: dict[str, Any]) -> None:
    again = json.loads(json.dumps(document))
    assert relation_of(document, again) == Relation(False, False, False, False)


def _branching(word: str, levels: int) -> dict[str, Any]:
    """Each level is twice the one below: a tree of 2 ** levels leaves in a few lines."""
    defined: dict[str, Any] = {"L0": {"type": "object", "required": ["a"]}}
    for level in range(1, levels):
        below = {"$ref": f"#/$defs/L{level - 1}"}
        defined[f"L{level}"] = {word: [below, {"allOf": [below, {"minProperties": level}]}]}
    return {"$ref": f"#/$defs/L{levels - 1}", "$defs": defined}


@pytest.mark.parametrize("word", ["anyOf", "oneOf", "allOf"])
@pytest.mark.parametrize("levels", [3, 30])
def test_the_work_of_a_hostile_pair_is_bounded_and_what_is_not_proved_is_unsafe(
    word: str, levels: int
) -> None:
    hostile = _branching(word, levels)
    for other in ({"const": {"b": 1}}, {"type": "string"}):
        assert relation_of(other, hostile).narrowed
    assert relation_of({"const": {"b": 1}}, _branching("anyOf", levels)).widened


@pytest.mark.parametrize("word", ["unevaluatedProperties", "unevaluatedItems", "$dynamicRef"])
def test_what_the_proof_cannot_read_is_unsafe_within_an_intersection_too(word: str) -> None:
    new = {"allOf": [{word: "#nowhere" if word == "$dynamicRef" else False}]}
    assert relation_of({}, new).narrowed
