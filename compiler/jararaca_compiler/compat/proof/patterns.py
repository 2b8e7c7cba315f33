"""Whether a regular expression finds something in a text, where languages read it alike.

And whether one finds only what another does: of those that are whole texts without groups.
"""

from __future__ import annotations

import math
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
_ASCII = [chr(code) for code in range(128)]
_DIGITS = frozenset("0123456789") | {r"\d"}
_SETS = {
    r"\d": _DIGITS,
    r"\w": _DIGITS | {each for each in _ASCII if each.isalnum()} | {"_", r"\w"},
}
"""What is surely in a class. It has itself as a member: what else it has, each language says."""
_CLASS_PART = re.compile(r"(\\[dw])|\\?([!-~ ])(?:-\\?([!-~ ]))?")
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_COUNTS = {"*": (0, math.inf), "+": (1, math.inf), "?": (0, 1)}


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


@dataclass(frozen=True, slots=True)
class _Run:
    """So many characters, each of a set."""

    letters: frozenset[str]
    least: float
    most: float


def is_within(narrow: str, wide: str) -> bool:
    """Whether each text that `narrow` finds is surely one that `wide` finds."""
    inner, outer = _runs(narrow), _runs(wide)
    if inner is None or outer is None:
        return False
    if len(outer) == 1 and inner:
        letters = frozenset().union(*(each.letters for each in inner))
        inner = [_Run(letters, sum(r.least for r in inner), sum(r.most for r in inner))]
    return len(inner) == len(outer) and all(
        one.letters <= other.letters and other.least <= one.least and one.most <= other.most
        for one, other in zip(inner, outer, strict=True)
    )


@lru_cache(4096)
def _runs(pattern: str) -> list[_Run] | None:
    """What follows what in `^[A-Z]{2}-[0-9]+$`; None for other patterns."""
    found = tokens(pattern)
    if not found or _read(pattern) is None:
        return None
    if found[0] != ("plain", "^") or found[-1] != ("plain", "$"):
        return None
    runs: list[_Run] = []
    inner = found[1:-1]
    for place, (kind, text) in enumerate(inner):
        if kind == "count":
            continue
        letters = _letters(kind, text)
        following = inner[place + 1] if place + 1 < len(inner) else ("", "")
        least, most = _times(following[1]) if following[0] == "count" else (1, 1)
        if letters is None or least > most:
            return None
        if runs and runs[-1].letters == letters:
            last = runs.pop()
            least, most = last.least + least, last.most + most
        runs.append(_Run(letters, least, most))
    return runs


def _times(count: str) -> tuple[float, float]:
    braces = _COUNT.match(count)
    if braces is None:
        return _COUNTS[count[0]]
    least = int(braces[1])
    return least, int(braces[3]) if braces[3] else math.inf if braces[2] else least


def _letters(kind: str, text: str) -> frozenset[str] | None:
    """What a token may be; None where it is no set of characters of ASCII."""
    if kind == "plain":
        return (
            frozenset(text) if text.isascii() and text.isprintable() and text not in "^$." else None
        )
    if kind == "escape":
        return _SETS.get(text) or (None if text[1].isalnum() else frozenset(text[1]))
    if kind != "class" or text.startswith("[^") or "--" in text:
        return None  # Some languages subtract what follows `--`.
    found: set[str] = set()
    place, inner = 0, text[1:-1]
    while place < len(inner):
        part = _CLASS_PART.match(inner, place)
        if part is None or (part[0][0] == "\\" and not part[1] and part[0][1].isalnum()):
            return None
        if part[1]:
            found |= _SETS[part[1]]
        else:
            found |= {chr(code) for code in range(ord(part[2]), ord(part[3] or part[2]) + 1)}
        place = part.end()
    return frozenset(found)
