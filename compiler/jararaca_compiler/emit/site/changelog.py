"""What has changed since a revision, as the site tells it: by message, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jararaca_compiler import ir
from jararaca_compiler.emit.site.urls import PageUrls

Verdict = Literal["breaks", "risky", "safe"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: where, what, for whom it breaks or may break, and what to do about it."""

    group: str
    subject: str
    text: str
    verdict: Verdict
    whom: tuple[str, ...]
    why: str
    help: str


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one message or thing; `href` leads to its page, None where it is gone."""

    name: str
    href: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """The changes of the contract since a revision."""

    revision: str
    entries: Sequence[Entry]

    def groups(self, services: tuple[ir.Service, ...], urls: PageUrls) -> tuple[Group, ...]:
        """The changes by what they belong to, those that break somebody first."""
        names = dict.fromkeys(entry.group for entry in self.entries)
        found = [
            Group(
                name,
                _address(name, services, urls),
                tuple(entry for entry in self.entries if entry.group == name),
            )
            for name in names
        ]
        return tuple(sorted(found, key=_rank))

    def count(self, verdict: Verdict) -> int:
        """How many changes have this verdict."""
        return sum(entry.verdict == verdict for entry in self.entries)


def _rank(group: Group) -> int:
    return min(("breaks", "risky", "safe").index(entry.verdict) for entry in group.entries)


def _address(name: str, services: tuple[ir.Service, ...], urls: PageUrls) -> str | None:
    for service in services:
        if service.name == name:
            return urls.overview(service)
        for message in service.messages:
            if name in (message.name, message.class_name, f"{service.name}.{message.name}"):
                return urls.message(service, message.name)
    return None
