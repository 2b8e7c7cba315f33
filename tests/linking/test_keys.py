"""Routing keys with open words meet a binding key just where one of them is matched by it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jararaca.contract.topics import matches
from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.binding_tree import BindingTree
from jararaca_compiler.linking.delivery.forms import share_a_word
from jararaca_compiler.linking.delivery.keys import Key, Open, all_kinds, meeting, outside
from jararaca_compiler.lower.addresses.address import parameters
from jararaca_compiler.references.resolver import Resolver

ALPHABET = ("a", "b", "x", "b-a", "b-x")
OPEN = Open("{name}")
words = st.one_of(
    st.sampled_from((OPEN, Open("b-{name}"))),
    st.lists(st.sampled_from(ALPHABET[:2]), min_size=1, max_size=2).map(tuple),
)
keys = st.lists(words, min_size=1, max_size=4).map(tuple)
patterns = st.lists(st.sampled_from(("a", "b", "b-a", "*", "#")), min_size=1, max_size=4).map(
    ".".join
)


def of(word: tuple[str, ...] | Open) -> list[str]:
    return [text for text in ALPHABET if text in word]


def concrete(key: Key) -> list[str]:
    return [".".join(each) for each in product(*map(of, key))]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(keys, patterns)
@example((OPEN, ("a",)), "#.a.#")
@example((("a",), OPEN), "#.#")
def test_a_meeting_is_a_key_that_the_binding_matches(key: Key, pattern: str) -> None:
    found = meeting(key, pattern)
    matched = [each for each in concrete(key) if matches(pattern, each)]
    assert (found is None) == (not matched)
    assert found is None or (found in concrete(key) and matches(pattern, found))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(keys, st.lists(patterns, min_size=1, max_size=5, unique=True))
@example((OPEN, ("a",)), ["#.a.#", "#", "*.#"])
def test_a_tree_of_bindings_meets_what_each_binding_meets(key: Key, bound: list[str]) -> None:
    found = list(BindingTree([(each, each) for each in bound], by_words=True).meetings(key))
    assert {queue for queue, _ in found} == {p for p in bound if meeting(key, p) is not None}
    assert all(text in concrete(key) and matches(pattern, text) for pattern, text in found)
    exact = list(BindingTree([(each, each) for each in bound], by_words=False).meetings(key))
    assert {queue for queue, _ in exact} == set(bound) & set(concrete(key))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(keys, st.lists(patterns, min_size=1, max_size=3))
def test_binding_keys_treat_each_key_like_one_of_its_kind(key: Key, bound: list[str]) -> None:
    kinds = all_kinds(key, bound)
    assert kinds is not None
    outcomes = {tuple(matches(each, text) for each in bound) for text in kinds}
    assert outcomes == {tuple(matches(each, text) for each in bound) for text in concrete(key)}


@given(words, st.lists(st.sampled_from(("a", "x", "xx")), min_size=1, max_size=3, unique=True))
def test_a_value_outside_of_a_list_is_one_that_the_word_may_have(
    word: tuple[str, ...] | Open, allowed: list[str]
) -> None:
    for address in ("{name}", "b-{name}"):
        (parameter,) = listed(address, allowed)
        value = outside((word,), parameter, address)
        texts = [Open(address).with_value(each) for each in ("a", "b", "x", "b-a", "q", "y-y")]
        values = {t: t.removeprefix("b-") if "-{" in address else t for t in texts if t in word}
        assert (value is None) == (set(values.values()) <= set(allowed))
        assert value is None or Open(address).with_value(value) in word


def listed(address: str, values: list[str]) -> tuple[ir.Parameter, ...]:
    found = parameters(address, {}, Resolver.__new__(Resolver))
    return tuple(replace(each, enum=tuple(values)) for each in found)


forms = st.lists(st.sampled_from(("a", "b", "/", "{p}")), min_size=1, max_size=4).map("".join)


@given(forms, forms)
@example("{p}", "a/{p}")
@example("{p}/{p}", "{p}")
@example("a/{p}", "a/{p}/b")
def test_two_forms_share_a_word_just_where_one_text_has_both(sent: str, taken: str) -> None:
    pattern = next((each.pattern for each in listed(taken, [])), None)
    texts = ("".join(each) for length in range(1, 8) for each in product("ab/", repeat=length))
    both = (t for t in texts if t in Open(sent) and re.fullmatch(pattern or _any(taken), t))
    assert share_a_word(sent, taken) == (next(both, None) is not None)


def _any(form: str) -> str:
    """A whole word takes everything that a word can be, a fixed one itself."""
    return ".+" if form == "{p}" else re.escape(form)
