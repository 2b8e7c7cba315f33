"""Texts that probably satisfy what is known of them: lengths, a pattern, a format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from jararaca_compiler.compat.proof.formats import EXAMPLES, FILLER, checked
from jararaca_compiler.compat.proof.schema import Schema

_LONGEST = 400
_PART = re.compile(
    r"\[(?P<not>\^?)(?P<set>(?:\\.|[^\]\\])+)\]|\\(?P<class>[dws])|\\(?P<literal>.)"
    r"|(?P<any>\.)|(?P<plain>[^\\\[\]{}()*+?.|^$])"
)
_COUNT = re.compile(r"\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|[*+?]")
_CLASSES = {"d": "0", "w": FILLER, "s": " "}


def texts(known: Iterable[Schema], near: Iterable[Schema]) -> Iterator[str]:
    """Short ones first; `near` are schemas whose bounds are worth a try."""
    listed = [atom.keys for atom in (*known, *near)]
    lengths = {0, 1}
    for keys in listed:
        if isinstance(keys.get("pattern"), str):
            yield from matching(keys["pattern"])
        kind = checked(keys.get("format"))
        if kind is not None:
            yield EXAMPLES[kind]
        for word in ("minLength", "maxLength"):
            bound = keys.get(word)
            if isinstance(bound, int | float):
                lengths |= {int(bound) - 1, int(bound), int(bound) + 1}
    yield from (FILLER * length for length in sorted(lengths) if 0 <= length <= _LONGEST)


def matching(pattern: str) -> Iterator[str]:
    """Texts that a simple pattern finds: one as short as can be, and one a little longer."""
    for more in (0, 1):
        text = _made(pattern.removeprefix("^").removesuffix("$"), more)
        if text is not None:
            yield text


def _made(pattern: str, more: int) -> str | None:
    found: list[str] = []
    place = 0
    while place < len(pattern):
        part = _PART.match(pattern, place)
        if part is None:
            return None
        place = part.end()
        count = _COUNT.match(pattern, place)
        least = 1
        if count is not None:
            place = count.end()
            least = _least(count) + more
        found.append(_letter(part) * least)
    return "".join(found)[:_LONGEST]


def _least(count: re.Match[str]) -> int:
    return int(count["least"]) if count["least"] else int(count.group() == "+")


def _letter(part: re.Match[str]) -> str:
    if part["set"] is not None:
        return _of_set(part["set"], bool(part["not"]))
    if part["class"] is not None:
        return _CLASSES[part["class"]]
    return part["literal"] or part["plain"] or FILLER


def _of_set(letters: str, refused: bool) -> str:
    if refused:
        return next((c for c in f"{FILLER}A0 " if re.match(f"[^{letters}]", c)), FILLER)
    first: Sequence[str] = letters.lstrip("\\")
    return _CLASSES.get(first[0], first[0]) if letters.startswith("\\") else first[0]
