"""The comparison of schemas against brute force: no unsafe change is ever called safe."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jararaca_compiler.compat.relation import Relation, relation
from jararaca_compiler.resolve import Found

from .compat_schemas import CONSTANTS, NAMES, NUMBERS, TEXTS, documents, relatives, values

SETTINGS = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_OBJECTS = [
    {name: value, **more}
    for name in (*NAMES, "zz")
    for value in (1, "a", "b", None, {"a": "x"}, [1])
    for more in ({}, {"a": 1}, {"b": "ab", "c1": 2})
]
_ARRAYS = [[1], [1, 1], [0.5, "a"], ["a", "b", 3], [{}, {"a": 1}], [1, 2, 3, 4], [None]]
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


@SETTINGS
@given(pair=relatives(), more=st.lists(values, max_size=8))
def test_what_one_accepts_and_the_other_rejects_was_foretold(
    pair: tuple[Any, Any], more: list[Any]
) -> None:
    old, new = pair
    before, after = judge(old), judge(new)
    found = relation_of(old, new)
    for value in [*INSTANCES, *more]:
        was, now = before.is_valid(value), after.is_valid(value)
        assert found.narrowed or not (was and not now), (old, new, value)
        assert found.widened or not (now and not was), (old, new, value)


@SETTINGS
@given(document=documents())
def test_a_schema_is_no_change_of_itself(document: dict[str, Any]) -> None:
    again = json.loads(json.dumps(document))
    assert relation_of(document, again) == Relation(False, False, False, False)
