"""What `jararaca observe` has heard, as the site shows it: figures, a table, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """A message of a service; `used` says how many of its fields somebody sends."""

    service: str
    message: str
    seen: int
    valid: int
    invalid: int
    unchecked: int
    publishers: tuple[tuple[str, int, int], ...]
    used: str


@dataclass(frozen=True, slots=True)
class ObservedFinding:
    """A finding: what it is about, its kind in words and its look, and what was found."""

    service: str
    subject: str
    title: str
    tone: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ObservedGroup:
    """The findings about one subject."""

    service: str
    subject: str
    findings: tuple[ObservedFinding, ...]


@dataclass(frozen=True, slots=True)
class SiteObservation:
    """All of an observation; `notes` say what was not heard, and what was too much."""

    since: str
    until: str
    heard: int
    summary: str
    how: str
    rows: tuple[ObservedRow, ...]
    wrong: tuple[ObservedFinding, ...]
    dead: tuple[ObservedFinding, ...]
    notes: tuple[str, ...]

    def seen(self) -> tuple[ObservedRow, ...]:
        """The messages that came, the most frequent first."""
        return tuple(sorted((r for r in self.rows if r.seen), key=lambda r: (-r.seen, r.message)))

    def total(self, verdict: str) -> int:
        """How many messages have a verdict."""
        return sum(getattr(row, verdict) for row in self.rows)

    def grouped(self, findings: Iterable[ObservedFinding]) -> tuple[ObservedGroup, ...]:
        """By what they are about, in their order."""

        def about(finding: ObservedFinding) -> tuple[str, str]:
            return finding.service, finding.subject

        ordered = sorted(findings, key=about)
        return tuple(ObservedGroup(*key, tuple(each)) for key, each in groupby(ordered, about))
