"""What a message says in a file: found where two small files differ, replaced in the large one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DEPTH = {"messages.py": 0, "asyncapi.yaml": 4, "asyncapi.json": 6, "examples.json": 2}
"""How far the line is indented with which a message begins."""
_CLASS = re.compile(r"^class ", re.M)


def replaced_piece(name: str, large: str, before: str, after: str) -> str | None:
    """The large file with what differs between the small ones; None where that is not so easy."""
    if name not in _DEPTH:
        return None
    old, new = before.split("\n"), after.split("\n")
    if name == "messages.py":
        old, new = _classes(before), _classes(after)
    bounds = _piece(old, new, _DEPTH[name])
    if bounds is None:
        return None if old != new else large
    first, old_end, new_end = bounds
    return _exchanged(large, _text(old[first:old_end]), _text(new[first:new_end]))


def _classes(source: str) -> list[str]:
    match = _CLASS.search(source)
    return source[match.start() :].split("\n") if match else []


def _piece(old: Sequence[str], new: Sequence[str], depth: int) -> tuple[int, int, int] | None:
    """Where the one piece begins in which the files differ, and where it ends in each."""
    shorter = min(len(old), len(new))
    first = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    if first == shorter and len(old) == len(new):
        return None
    same = next((i for i in range(shorter - first) if old[-1 - i] != new[-1 - i]), shorter - first)
    while first and (not old[first - 1] or _indent(old[first - 1]) != depth):
        first -= 1
    first -= 1
    if first < 0:
        return None
    old_end, new_end = _end(old, first, depth), _end(new, first, depth)
    inside = old_end >= len(old) - same and new_end >= len(new) - same
    return (first, old_end, new_end) if inside else None


def _end(lines: Sequence[str], first: int, depth: int) -> int:
    """Behind the last line of the piece; a bracket that closes it belongs to it."""
    for at in range(first + 1, len(lines)):
        line = lines[at]
        if line and _indent(line) <= depth:
            return at + 1 if line.strip(" ,") in ("}", "]") and _indent(line) == depth else at
    return len(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _text(lines: Sequence[str]) -> str:
    return "\n" + "\n".join(lines).rstrip("\n").removesuffix(",")


def _exchanged(large: str, old: str, new: str) -> str | None:
    at = large.find(old)
    if at < 0 or large.find(old, at + 1) >= 0 or large[at + len(old) :][:1] not in ("\n", ","):
        return None
    return large[:at] + new + large[at + len(old) :]
