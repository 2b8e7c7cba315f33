"""The messages of a large service in groups: by domain, by tag, or by their topics' first word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.emit.site import about

MOST_UNGROUPED = 60
"""A menu of more messages would be most of each page."""
_MOST_GROUPS = 40
OTHERS = "others"
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that belong together; `slug` is unique in the service."""

    name: str
    slug: str
    messages: tuple[ir.Message, ...]
    names: frozenset[str]

    def has(self, message: ir.Message) -> bool:
        """Whether the message is one of them."""
        return message.name in self.names

    def near(self, message: ir.Message | None) -> tuple[ir.Message, ...]:
        """All of them, or those around one of many."""
        if message is None or len(self.messages) <= MOST_UNGROUPED:
            return self.messages
        at = next(i for i, m in enumerate(self.messages) if m.name == message.name)
        start = max(0, min(at - MOST_UNGROUPED // 2, len(self.messages) - MOST_UNGROUPED))
        return self.messages[start : start + MOST_UNGROUPED]


def groups_of(service: ir.Service) -> tuple[Group, ...]:
    """By name, those without one last; none for a service of few messages."""
    if len(service.messages) <= MOST_UNGROUPED:
        return ()
    kept: dict[str, list[ir.Message]] = {}
    named = _naming(service)
    for message in service.messages:
        kept.setdefault(named(message), []).append(message)
    names = sorted(kept, key=lambda name: (name == OTHERS, _by_number(name)))
    return tuple(
        Group(name, f"group-{number}", tuple(kept[name]), frozenset(m.name for m in kept[name]))
        for number, name in enumerate(names, 1)
    )


def _naming(service: ir.Service) -> Callable[[ir.Message], str]:
    """What names the group of a message: the first way that names most and makes few groups."""
    around = about.of_service(service).domain
    ways: tuple[Callable[[ir.Message], str], ...] = (
        lambda message: _unlike(about.of_message(service, message).domain, around),
        lambda message: next(iter(message.tags), ""),
        lambda message: _first_word(message.topic),
    )
    for way in ways:
        names = [way(message) for message in service.messages]
        counts = Counter(name for name in names if name)
        large = sum(counts.values()) >= len(names) / 2
        if large and 1 < len(counts) <= _MOST_GROUPS:
            return lambda message, way=way: way(message) or OTHERS  # type: ignore[misc]
    return lambda message: _letter(message.class_name)


def _by_number(name: str) -> list[tuple[int, str]]:
    """`area2` before `area10`."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if n % 2 else (0, part) for n, part in enumerate(parts)]


def _unlike(domain: str, around: str) -> str:
    return domain if domain != around else ""


def _first_word(topic: str) -> str:
    word = topic.lstrip("/").replace("/", ".").partition(".")[0]
    return "" if "{" in word else word


def _letter(name: str) -> str:
    first = name.lstrip("_")[:1].upper()
    return first if first.isascii() and first.isalpha() else OTHERS
