"""Dead letters counted by what they have in common: a queue, a handler and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from jararaca.operations.dead_letter import DeadLetter

_PARTICULAR = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b0x[0-9a-f]+\b|\d+")
"""What makes two reasons differ that are one: ids, addresses and numbers."""


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Letters that were given up alike; times are None where no letter tells one."""

    queue: str
    handler: str
    reason: str
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


def grouped(letters: Iterable[DeadLetter]) -> list[LetterGroup]:
    """The groups, the largest first."""
    found: dict[tuple[str, str, str], LetterGroup] = {}
    for letter in letters:
        key = (letter.queue, letter.handler or "-", alike(letter.reason))
        found[key] = _with(found.get(key, LetterGroup(*key)), letter.dead_lettered_at)
    return sorted(found.values(), key=lambda group: (-group.count, group.queue, group.reason))


def alike(reason: str) -> str:
    """A reason without what is this message's alone: `no order 17` and `no order 18` are one."""
    return _PARTICULAR.sub("…", reason.partition("\n")[0])


def _with(group: LetterGroup, at: datetime | None) -> LetterGroup:
    times = [time for time in (group.first, group.last, at) if time is not None]
    first, last = (min(times), max(times)) if times else (None, None)
    return replace(group, count=group.count + 1, first=first, last=last)
