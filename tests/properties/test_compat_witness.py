"""A verdict about two schemas holds: what is proven has no counterexample, a witness is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import SchemaStore
from jararaca_compiler.compat.witness.verdict import Proven, Refuted, Unknown, Verdict, decide

from . import compat_targets as targets
from .compat_schemas import relatives, values
from .test_compat_relation import AIMED, FAMILIES, INSTANCES, SETTINGS, judge, lookup


def verdict_of(sent: Any, received: Any) -> Verdict:
    store = SchemaStore(lookup(sent), lookup(received))
    sides = store.schema(sent, "", "", 0), store.schema(received, "", "", 1)
    return decide(Prover(store), sides[:1], sides[1:])


def holds(pair: targets.Pair, found: Verdict, tried: Sequence[Any]) -> None:
    before, after = judge(pair[0]), judge(pair[1])
    if isinstance(found, Refuted):
        assert before.is_valid(found.witness), (*pair, found)
        assert not after.is_valid(found.witness), (*pair, found)
    if isinstance(found, Proven):
        for value in tried:
            assert not before.is_valid(value) or after.is_valid(value), (*pair, value)


@SETTINGS
@given(pair=relatives(), more=st.lists(values, max_size=8))
def test_a_verdict_holds(pair: tuple[Any, Any], more: list[Any]) -> None:
    holds(pair, verdict_of(*pair), [*INSTANCES, *more])


@pytest.mark.parametrize(
    ("pairs", "telling"), [f[1:] for f in FAMILIES], ids=[f[0] for f in FAMILIES]
)
def test_a_verdict_holds_where_it_is_difficult(
    pairs: st.SearchStrategy[targets.Pair], telling: tuple[Any, ...]
) -> None:
    @settings(AIMED, max_examples=200)
    @given(pair=pairs)
    def check(pair: targets.Pair) -> None:
        holds(pair, verdict_of(*pair), telling)

    check()


@pytest.mark.parametrize(
    ("sent", "received", "witness"),
    [
        ({"type": "integer"}, {"type": "string"}, 0),
        ({"type": "string"}, {"type": "string", "maxLength": 2}, "xxx"),
        ({"type": "string"}, {"type": "string", "format": "uuid"}, ""),
        ({"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"}, {"maxLength": 3}, "AA-0"),
        ({"type": "integer", "minimum": 1}, {"minimum": 5}, 1),
        ({"type": "array", "items": {"type": "string"}}, {"minItems": 1}, []),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "b"),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"minimum": 3}}},
            {"properties": {"a": {"type": "number"}}},
            {"a": ""},
        ),
        (
            {"type": "object", "properties": {"a": {"oneOf": [{"const": 1}, {"const": 2}]}}},
            {"properties": {"a": {"const": 1}}},
            {"a": 2},
        ),
        ({"type": "object", "required": ["id"]}, {"required": ["id", "total"]}, {"id": 0}),
    ],
)
def test_a_witness_is_small(sent: Any, received: Any, witness: Any) -> None:
    found = verdict_of(sent, received)
    assert isinstance(found, Refuted)
    assert len(str(found.witness)) <= len(str(witness)) + 4
    holds((sent, received), found, ())


def test_what_cannot_be_told_is_unknown() -> None:
    assert verdict_of({"type": "string"}, {"pattern": "(?<!a)b|^$|."}) == Unknown()
