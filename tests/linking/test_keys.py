"""Routing keys with open words meet a binding key just where one of them is matched by it."""

from __future__ import annotations

from itertools import product

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jararaca.contract.topics import matches
from jararaca_compiler.linking.delivery.keys import Key, meeting, outside

ALPHABET = ("a", "b", "x")
words = st.one_of(
    st.none(), st.lists(st.sampled_from(ALPHABET[:2]), min_size=1, max_size=2).map(tuple)
)
keys = st.lists(words, min_size=1, max_size=4).map(tuple)
patterns = st.lists(st.sampled_from(("a", "b", "*", "#")), min_size=1, max_size=4).map(".".join)


def concrete(key: Key) -> list[str]:
    choices = [ALPHABET if word is None else word for word in key]
    return [".".join(each) for each in product(*choices)]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(keys, patterns)
@example((None, ("a",)), "#.a.#")
@example((("a",), None), "#.#")
def test_a_meeting_is_a_key_that_the_binding_matches(key: Key, pattern: str) -> None:
    found = meeting(key, pattern)
    matched = [each for each in concrete(key) if matches(pattern, each)]
    assert (found is None) == (not matched)
    assert found is None or (found in concrete(key) and matches(pattern, found))


@given(keys, st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=3))
def test_a_value_outside_of_a_list_is_one_that_the_word_may_have(
    key: Key, allowed: list[str]
) -> None:
    value = outside(key, 0, allowed)
    values = key[0]
    if values is None:
        assert value is not None and value not in allowed
    else:
        assert (value is None) == (set(values) <= set(allowed))
        assert value is None or (value in values and value not in allowed)
