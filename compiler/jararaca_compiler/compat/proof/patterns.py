"""Whether a regular expression finds something in a text, where languages read it alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from jararaca_compiler.schemas.ecma_patterns import strict_pattern
from jararaca_compiler.schemas.pattern_tokens import Token, tokens

_LINE_ENDS = re.compile("[\n\r\u2028\u2029]")
"""What `.` and `$` take for the end of a line, each language in its own way."""
_BY_ALPHABET = re.compile(r"\\[sSbB]")
"""What spaces and words are beyond ASCII, each language says for itself."""
_SHORT, _LONG = 16, 100
_FEW_LOOPS = 2


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`nests`: its tries may double with each character; `loops`: how many have no end."""

    search: re.Pattern[str]
    by_alphabet: bool
    nests: bool
    loops: int

    def is_decided(self, text: str) -> bool:
        if self.by_alphabet and not text.isascii():
            return False
        if len(text) > _SHORT and self.nests:
            return False
        return len(text) <= _LONG or self.loops <= _FEW_LOOPS


def matches(pattern: str, text: str) -> bool | None:
    """Whether `pattern` is found in `text`; None where languages differ, or it may take long."""
    read = _read(pattern)
    if read is None or _LINE_ENDS.search(text) or not read.is_decided(text):
        return None
    return read.search.search(text) is not None


@lru_cache(4096)
def _read(pattern: str) -> _Pattern | None:
    found = tokens(pattern)
    if found is None or strict_pattern(pattern) is None:
        return None
    try:
        search = re.compile(pattern, re.ASCII)
    except re.error:
        return None
    return _Pattern(search, bool(_BY_ALPHABET.search(pattern)), _nests(found), _loops(found))


def _nests(tokens: list[Token]) -> bool:
    """Whether a group is repeated that can itself be read in several ways."""
    varies = [False]
    closed = False
    for kind, text in tokens:
        repeats = kind == "count" and not text.startswith("?")
        if repeats and closed:
            return True
        closed = False
        if kind == "open":
            varies.append(False)
        elif kind == "close" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] |= closed
        elif kind in ("count", "or"):
            varies[-1] = True
    return False


def _loops(tokens: list[Token]) -> int:
    return sum(kind == "count" and text[0] in "*+{" for kind, text in tokens)
