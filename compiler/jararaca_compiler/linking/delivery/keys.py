"""Routing keys with open words, and the binding keys that they meet (AMQP 0-9-1, 3.1.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from jararaca_compiler import ir
from jararaca_compiler.lower.addresses.address import PARAMETER

Word = tuple[str, ...] | None
"""The values that a word of a routing key may have; None for any."""
Key = tuple[Word, ...]
_MOST_VALUES = 1_000
_ANY = "x"


def key_of(address: str, parameters: Sequence[ir.Parameter]) -> Key:
    """The routing keys of a channel's address: a parameter's `enum` bounds its word."""
    enums = {each.name: each.enum for each in parameters}
    return tuple(_word(text, enums) for text in address.split("."))


def _word(text: str, enums: dict[str, tuple[str, ...]]) -> Word:
    names = PARAMETER.findall(text)
    if not names:
        return (text,)
    choices = [enums.get(name, ()) for name in names]
    number = 1
    for values in choices:
        number *= len(values)
    if not 0 < number <= _MOST_VALUES or any("." in v for values in choices for v in values):
        return None
    return tuple(_filled(text, values) for values in product(*choices))


def _filled(text: str, values: Sequence[str]) -> str:
    left = iter(values)
    return PARAMETER.sub(lambda _: next(left), text)


def meeting(key: Key, binding_key: str) -> str | None:
    """A routing key that `key` allows and the binding key matches; None where there is none."""
    found = _meeting(key, tuple(binding_key.split(".")), {})
    return None if found is None else ".".join(found)


Found = tuple[str, ...] | None


def _meeting(key: Key, pattern: tuple[str, ...], known: dict[tuple[int, int], Found]) -> Found:
    """As `meeting`, by words; `known` remembers what is left of both."""
    place = (len(key), len(pattern))
    if place not in known:
        known[place] = _first_meeting(key, pattern, known)
    return known[place]


def _first_meeting(
    key: Key, pattern: tuple[str, ...], known: dict[tuple[int, int], Found]
) -> Found:
    if not pattern:
        return () if not key else None
    if pattern[0] == "#":
        none_taken = _meeting(key, pattern[1:], known)
        if none_taken is not None or not key:
            return none_taken
        return _after(key[0], _meeting(key[1:], pattern, known))
    if not key:
        return None
    word = _met(key[0], pattern[0])
    return None if word is None else _after(word, _meeting(key[1:], pattern[1:], known))


def _after(word: Word | str, rest: Found) -> Found:
    if rest is None:
        return None
    return (word if isinstance(word, str) else _some(word), *rest)


def _met(word: Word, pattern: str) -> str | None:
    if pattern == "*":
        return _some(word)
    return pattern if word is None or pattern in word else None


def _some(word: Word) -> str:
    return _ANY if word is None else word[0]


def example_of(key: Key) -> str:
    """One routing key that `key` allows."""
    return ".".join(map(_some, key))


def outside(key: Key, place: int, allowed: Sequence[str]) -> str | None:
    """A value that the word at `place` may have and `allowed` lacks; None where it has all."""
    word = key[place] if place < len(key) else ()
    if word is None:
        return next(text for text in (_ANY, *map(_other, allowed)) if text not in allowed)
    return next((value for value in word if value not in allowed), None)


def _other(value: str) -> str:
    return value + _ANY
