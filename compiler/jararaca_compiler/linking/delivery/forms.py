"""Whether a word of a routing key may have the form of a channel's word: `lights/{id}/on`.

RabbitMQ binds whole words, so that `*` lets others through, and a worker acks them unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.keys import Key, Open, Word
from jararaca_compiler.lower.addresses.address import PARAMETER

_SENT = frozenset(".*#")
"""What a parameter's value cannot have where it is published."""
_TAKEN = frozenset("/")
"""What it cannot have besides where it is read, if the channel's word has slashes, as in MQTT."""
_Letter = str | frozenset[str]
"""A letter of a word; or one of a parameter's value, which is none of these."""


def has_form(key: Key, address: str, parameters: Iterable[ir.Parameter]) -> bool:
    """Whether some routing key of `key` is one of the channel at `address`."""
    words = address.split(".")
    return all(
        _may_be(key[each.word], each.pattern, words[each.word])
        for each in parameters
        if each.pattern is not None and each.word < len(key)
    )


def _may_be(word: Word, pattern: str, text: str) -> bool:
    if isinstance(word, Open):
        return share_a_word(word.text, text)
    return any(re.fullmatch(pattern, each) for each in word)


def share_a_word(sent: str, taken: str) -> bool:
    """Whether values of the parameters of two words give the same text."""
    left = _letters(sent, _SENT)
    right = _letters(taken, _TAKEN if "/" in taken else frozenset())
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        place = one, other = waiting.pop()
        if place == (len(left), len(right)):
            return True
        if place in seen or one == len(left) or other == len(right):
            continue
        seen.add(place)
        if _agree(left[one], right[other]):
            waiting += product(_after(left, one), _after(right, other))
    return False


def _letters(word: str, barred: frozenset[str]) -> Sequence[_Letter]:
    letters: list[_Letter] = []
    for place, fixed in enumerate(PARAMETER.split(word)[::2]):
        letters += [barred, *fixed] if place else fixed
    return letters


def _agree(one: _Letter, other: _Letter) -> bool:
    if isinstance(one, str):
        return one == other if isinstance(other, str) else one not in other
    return not isinstance(other, str) or other not in one


def _after(letters: Sequence[_Letter], place: int) -> tuple[int, ...]:
    """Where one may be after the letter: a value has one letter or more."""
    return (place + 1,) if isinstance(letters[place], str) else (place, place + 1)
