"""What a message says in a file: found where two small files differ, replaced in the large one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_CLASSES = ("messages.py", "schemas.py")
_DEPTH = {
    "messages.py": 0,
    "schemas.py": 0,
    "asyncapi.json": 3,
    "examples.json": 1,
}
"""How far the line is indented with which a class, a message or a schema begins."""
_BEGINNING = {
    "messages.py": re.compile(r"^(?=class )", re.M),
    "schemas.py": re.compile(r"^(?=class )", re.M),
    "asyncapi.json": re.compile(r'^ "components": \{\n', re.M),
    "examples.json": re.compile(r"^\{\n", re.M),
}
"""Where those begin in a file: nothing before that may differ, imports aside."""
_KEY = re.compile(r' *"(?:[^"\\]|\\.)*": ')


def patched_text(name: str, large: str, before: str, after: str) -> str | None:
    """The large file with the pieces that differ in the small ones; None where more differs."""
    if name not in _DEPTH:
        return None
    old_head, old = _parts(name, before)
    new_head, new = _parts(name, after)
    if len(old) != len(new) or (old_head != new_head and name not in _CLASSES):
        return None
    for piece, other in zip(old, new, strict=True):
        if piece != other:
            is_same = _called(piece) == _called(other)
            exchanged = _exchanged(large, piece, other) if is_same else None
            if exchanged is None:
                return None
            large = exchanged
    return large


def _parts(name: str, source: str) -> tuple[str, list[str]]:
    """What stands before the pieces, and these."""
    match = _BEGINNING[name].search(source)
    if match is None:
        return source, []
    lines = source[match.end() :].split("\n")
    return source[: match.end()], list(_pieces(lines, _DEPTH[name]))


def _pieces(lines: Sequence[str], depth: int) -> Iterator[str]:
    """Each piece from its first line to the bracket that closes it; lines between are their own."""
    piece: list[str] = []
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        closing = indent == depth and line.strip(" ,") in ("}", "]")
        if piece and line and indent <= depth and not closing:
            yield _text(piece)
            piece = []
        piece.append(line)
    yield _text(piece)


def _called(piece: str) -> str:
    """What a piece is: its key in JSON, which its value may follow; its first line in Python."""
    key = _KEY.match(piece)
    return key[0] if key else piece.partition("\n")[0]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n").removesuffix(",")


def _exchanged(large: str, old: str, new: str) -> str | None:
    at = large.find(f"\n{old}")
    end = at + 1 + len(old)
    if at < 0 or large.find(f"\n{old}", at + 1) >= 0 or large[end : end + 1] not in ("\n", ","):
        return None
    return large[: at + 1] + new + large[end:]
