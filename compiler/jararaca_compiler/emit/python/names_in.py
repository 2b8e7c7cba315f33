"""The names that Python code has outside of its texts."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_TEXT = re.compile(r'r?"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.S)


def without_texts(code: str) -> str:
    """The code, its strings cut out."""
    return _TEXT.sub("", code)


def words_of(code: str) -> set[str]:
    """The names in code that has no texts, keywords among them."""
    return set(_WORD.findall(code))
