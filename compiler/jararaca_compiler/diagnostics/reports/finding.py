"""What a report is made of: one thing to say, at one place, whichever command says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jararaca_compiler.documents.source import Span

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`span.path` is relative to the repository, as a pull request shows it.

    `accepted` marks what a team has agreed to: it is shown, and fails nothing.
    """

    code: str
    level: Level
    message: str
    span: Span
    help: str = ""
    title: str = ""
    related: tuple[tuple[Span, str], ...] = ()
    accepted: bool = False


def fingerprints(found: Iterable[Finding]) -> Iterator[str]:
    """What tells each finding from the others, and stays the same when lines move."""
    seen: dict[str, int] = {}
    for each in found:
        what = f"{each.code}\n{each.span.path}\n{each.message}"
        seen[what] = seen.get(what, 0) + 1
        yield hashlib.sha256(f"{what}\n{seen[what]}".encode()).hexdigest()
