"""Texts that a pattern probably finds; whoever asks checks each."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from jararaca_compiler.schemas.pattern_tokens import Token, tokens

FILLER = "x"
_LONGEST = 400
_COUNT = re.compile(r"\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|[*+?]")
_CLASSES = {"d": "0", "w": FILLER, "s": " ", "D": FILLER, "W": "-", "S": FILLER, "b": "", "B": ""}


def matching(pattern: str) -> Iterator[str]:
    """Texts that a pattern may find: one as short as can be, and one a little longer."""
    found = tokens(pattern)
    for more in (0, 1) if found is not None else ():
        yield _alternative(deque(found or ()), more)[:_LONGEST]


def _alternative(left: deque[Token], more: int) -> str:
    """A text for the first alternative of a group, which is read to its end."""
    text, is_first = "", True
    while left and left[0][0] != "close":
        kind, token = left.popleft()
        if kind == "or":
            is_first = False
            continue
        part = _part(kind, token, left, more)
        count = _COUNT.match(left.popleft()[1]) if left and left[0][0] == "count" else None
        times = 1 if count is None else _least(count) + (more if _is_open(count) else 0)
        text += part * times if is_first and len(text) < _LONGEST else ""
    if left:
        left.popleft()
    return text


def _part(kind: str, token: str, left: deque[Token], more: int) -> str:
    if kind == "open":
        inner = _alternative(left, more)
        return inner if token in ("(", "(?:") else ""
    if kind == "class":
        letters = token[1:-1]
        return _of_set(letters.removeprefix("^"), letters.startswith("^"))
    if kind == "escape":
        return _CLASSES.get(token[1], token[1])
    if token in ("^", "$"):
        return ""
    return FILLER if token == "." else token


def _is_open(count: re.Match[str]) -> bool:
    return not count["least"] or count["most"] not in (None, count["least"])


def _least(count: re.Match[str]) -> int:
    return int(count["least"]) if count["least"] else int(count.group() == "+")


def _of_set(letters: str, refused: bool) -> str:
    if refused:
        return next((c for c in f"{FILLER}A0 " if re.match(f"[^{letters}]", c)), FILLER)
    if not letters.startswith("\\"):
        return letters[:1]
    return _CLASSES.get(letters[1], letters[1])
