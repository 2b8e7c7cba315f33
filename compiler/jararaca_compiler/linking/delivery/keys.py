"""Routing keys with open words, and the binding keys that they meet (AMQP 0-9-1, 3.1.3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice, product

from jararaca_compiler import ir
from jararaca_compiler.lower.addresses.address import PARAMETER

_MOST_VALUES = 1_000
_MOST_KEYS = 5_000
_ANY = "x"
_NO_VALUE = frozenset(".*#")
"""What a parameter's value cannot have: the runtime refuses to publish it."""


@dataclass(frozen=True, slots=True)
class Open:
    """A word of which parameters are a part, or all: `order-{id}` is `order-` and something."""

    text: str

    def __contains__(self, word: object) -> bool:
        """Whether some values of the parameters give a word."""
        fixed = map(re.escape, PARAMETER.split(self.text)[::2])
        return isinstance(word, str) and re.fullmatch("[^.*#]+".join(fixed), word) is not None

    def with_value(self, value: str) -> str:
        """The word whose parameters all have a value."""
        return PARAMETER.sub(lambda _: value, self.text)


Word = tuple[str, ...] | Open
"""The values that a word of a routing key may have."""
Key = tuple[Word, ...]


def key_of(address: str, parameters: Sequence[ir.Parameter]) -> Key:
    """The routing keys of a channel's address: a parameter's `enum` bounds its word."""
    enums = {each.name: each.enum for each in parameters}
    return tuple(_word(text, enums) for text in address.split("."))


def _word(text: str, enums: dict[str, tuple[str, ...]]) -> Word:
    names = PARAMETER.findall(text)
    if not names:
        return (text,)
    choices = [[v for v in enums.get(name, ()) if v and not _NO_VALUE & set(v)] for name in names]
    number = 1
    for values in choices:
        number *= len(values)
    if not 0 < number <= _MOST_VALUES:
        return Open(text)
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
        return _after(some(key[0]), _meeting(key[1:], pattern, known))
    if not key:
        return None
    word = _met(key[0], pattern[0])
    return None if word is None else _after(word, _meeting(key[1:], pattern[1:], known))


def _after(word: str, rest: Found) -> Found:
    return None if rest is None else (word, *rest)


def _met(word: Word, pattern: str) -> str | None:
    if pattern == "*":
        return some(word)
    return pattern if pattern in word else None


def some(word: Word) -> str:
    """One text that a word may be."""
    return word.with_value(_ANY) if isinstance(word, Open) else word[0]


def example_of(key: Key) -> str:
    """One routing key that `key` allows."""
    return ".".join(map(some, key))


def all_kinds(key: Key, binding_keys: Iterable[str]) -> list[str] | None:
    """Routing keys that `key` allows, one for each way in which binding keys can tell them apart.

    A binding key tells words apart only by the words that it has itself. None for too many.
    """
    told = sorted({word for each in binding_keys for word in each.split(".")} - {"*", "#"})
    found = list(islice(product(*(_kinds(word, told) for word in key)), _MOST_KEYS + 1))
    return None if len(found) > _MOST_KEYS else [".".join(words) for words in found]


def _kinds(word: Word, told: Sequence[str]) -> Sequence[str]:
    if not isinstance(word, Open):
        return word
    return [*(text for text in told if text in word), next(_others(word, told))]


def _others(word: Open, listed: Iterable[str]) -> Iterator[str]:
    """Words that are none of the listed ones."""
    known = set(listed)
    made = (word.with_value(_ANY * length) for length in count(1))
    return (text for text in made if text not in known)


def outside(key: Key, parameter: ir.Parameter, address: str) -> str | None:
    """A value of a parameter of `address` that `key` allows and its `enum` lacks; None for none."""
    if parameter.word >= len(key):
        return None
    own = Open(address.split(".")[parameter.word])
    found = (_value(text, parameter) for text in _texts(key[parameter.word], own, parameter.enum))
    return next((value for value in found if value and value not in parameter.enum), None)


def _texts(word: Word, own: Open, listed: Sequence[str]) -> Iterable[str]:
    """The words to try: of an open one, more of each form than values that are listed."""
    if not isinstance(word, Open):
        return word
    forms = (islice(_others(form, ()), len(listed) + 1) for form in (word, own))
    return (text for form in forms for text in form if text in word)


def _value(word: str, parameter: ir.Parameter) -> str | None:
    """The parameter's value in a word; None where the word is of another form."""
    if parameter.pattern is None:
        return word
    found = re.fullmatch(parameter.pattern, word)
    return None if found is None else found[1]
