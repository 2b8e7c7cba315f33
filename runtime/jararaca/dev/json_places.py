"""Where in a JSON text a value stands: the line and the column of what a validator names by steps.

The text is one that a parser has taken; nothing here recurses, however deep it is nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from json import JSONDecoder

_DECODER = JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = r'"(?:[^"\\]|\\.)*"'
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_SCALAR = re.compile(rf"{_STRING}|[^,\]}}\s]+", re.DOTALL)


def line_and_column(text: str, steps: Sequence[int | str]) -> tuple[int, int]:
    """The place of a value, both from 1; of the nearest one around it, where it is not there.

    Steps that no key or index answers to are skipped: a validator names variants too.
    """
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    for step in steps:
        at = next((place for key, place in _children(text, at) if key == step), at)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _children(text: str, at: int) -> Iterator[tuple[int | str, int]]:
    """The keys, or the indexes, of what stands there, each with the place of its value."""
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        return
    number = 0
    at = _past_space(text, at + 1)
    while at < len(text) and text[at] not in "]}":
        key: int | str = number
        if opening == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _past_space(text, _past_space(text, at) + 1)
        yield key, at
        number += 1
        at = _past_space(text, _end(text, at))
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)


def _end(text: str, at: int) -> int:
    """Where the value that begins there is over."""
    if text[at] not in "[{":
        found = _SCALAR.match(text, at)
        return found.end() if found else len(text)
    depth = 0
    for bracket in _BRACKETS.finditer(text, at):
        if bracket[0] in "[{":
            depth += 1
        elif bracket[0] in "]}":
            depth -= 1
        if depth == 0:
            return bracket.end()
    return len(text)


def _past_space(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]
