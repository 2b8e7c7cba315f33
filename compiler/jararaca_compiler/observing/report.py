"""The report of an observation: what was seen, what is wrong, and what is declared and dead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from jararaca_compiler.observing.contract import ObservedMessage
from jararaca_compiler.observing.observer import Observer, Seen
from jararaca_compiler.observing.places import Places
from jararaca_compiler.observing.tally import Tally

FORMAT = 1
OTHER = "(other)"
"""What came after the most that is told apart."""

Kind = Literal[
    "invalid",
    "unknown-type",
    "undeclared-topic",
    "undeclared-field",
    "deprecated",
    "dead-message",
    "dead-field",
    "dead-value",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
WRONG: tuple[Kind, ...] = KINDS[:5]
"""Somebody publishes what the contract does not say, or no longer wants."""

DEAD: tuple[Kind, ...] = KINDS[5:]
"""The contract says what nobody has published."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One: `subject` is the message, channel or topic, `place` where in it, `count` how often."""

    kind: Kind
    service: str
    subject: str
    place: str = ""
    reason: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class MessageReport:
    """A message of a service; `fields` are all that it declares, by how many messages had each."""

    service: str
    message: str
    seen: int
    valid: int
    invalid: int
    unchecked: int
    channels: dict[str, int]
    publishers: dict[str, dict[str, int]]
    fields: dict[str, int]
    values: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was heard from `since` to `until`; `dropped` None: maybe some, nobody can tell.

    `seconds` is how long the ears were open, `deaf_seconds` how long there was no connection.
    `capped` says which names were too many to be told apart.
    """

    since: str | None
    until: str | None
    heard: int
    seconds: float
    deaf_seconds: float
    dropped: int | None
    sample: float
    messages: tuple[MessageReport, ...]
    findings: tuple[Finding, ...]
    unheard: tuple[str, ...] = ()
    capped: tuple[str, ...] = ()
    format: int = FORMAT

    def of(self, *kinds: str) -> tuple[Finding, ...]:
        """The findings of these kinds."""
        return tuple(each for each in self.findings if each.kind in kinds)

    def as_json(self) -> dict[str, Any]:
        """As it is written, and read as evidence by `jararaca diff`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How it was listened; `exchanges` are those with ears, None: all."""

    seconds: float = 0.0
    deaf_seconds: float = 0.0
    dropped: int | None = 0
    sample: float = 1.0
    unheard: tuple[str, ...] = field(default=())
    exchanges: frozenset[str] | None = None


def report_of(observer: Observer, hearing: Hearing = Hearing()) -> Report:
    """What has been observed so far."""
    messages = [(each, observer.seen[key]) for key, each in observer.contract.messages.items()]
    hearable = _hearable(observer, hearing.exchanges)
    findings = [
        found
        for each, seen in messages
        for found in _of_message(each, seen)
        if found.kind != "dead-message" or (each.service, each.name) in hearable
    ]
    unheard = [
        f"{each.service}.{each.name}: it is on no exchange that is listened to"
        for each, seen in messages
        if not seen.seen and (each.service, each.name) not in hearable
    ]
    return Report(
        since=_time(observer.first),
        until=_time(observer.last),
        heard=observer.heard,
        seconds=round(hearing.seconds, 3),
        deaf_seconds=round(hearing.deaf_seconds, 3),
        dropped=hearing.dropped,
        sample=hearing.sample,
        messages=tuple(_message(each, seen) for each, seen in messages),
        findings=tuple(sorted([*findings, *_strangers(observer)], key=_order)),
        unheard=(*hearing.unheard, *unheard),
        capped=tuple(_capped(observer)),
    )


def _hearable(observer: Observer, exchanges: frozenset[str] | None) -> set[tuple[str, str]]:
    """The messages that would have been heard: of others, silence proves nothing.

    Answers go straight to who asked.
    """
    return {
        (channel.service, name)
        for channel in observer.contract.channels
        if exchanges is None or channel.exchange in exchanges
        for name in channel.messages
    }


def _order(finding: Finding) -> tuple[int, str, str, int, str, str]:
    at = KINDS.index(finding.kind)
    return at, finding.service, finding.subject, -finding.count, finding.place, finding.reason


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _message(message: ObservedMessage, seen: Seen) -> MessageReport:
    values: dict[str, dict[str, int]] = {}
    for place, declared in message.places.items():
        if declared.enum:
            values[place] = {value: seen.values.get((place, value), 0) for value in declared.enum}
    publishers = {
        name: {"seen": count, "invalid": seen.invalid_of[name]} for name, count in seen.publishers
    }
    return MessageReport(
        message.service,
        message.name,
        seen.seen,
        seen.seen - seen.invalid - _unchecked(seen),
        seen.invalid,
        _unchecked(seen),
        dict(seen.channels),
        publishers,
        {place: seen.fields.get(place, 0) for place in sorted(message.places) if place},
        values,
    )


def _unchecked(seen: Seen) -> int:
    return max(0, min(seen.unchecked, seen.seen - seen.invalid))


def _of_message(message: ObservedMessage, seen: Seen) -> Iterator[Finding]:
    who = (message.service, message.name)
    if seen.seen == 0:
        if not message.is_deprecated:
            yield Finding("dead-message", *who)
        else:
            yield Finding("dead-message", *who, reason="deprecated")
        return
    for (place, reason), count in _all(seen.violations, (OTHER, OTHER)):
        yield Finding("invalid", *who, place, reason, count)
    for place, count in _all(seen.undeclared, OTHER):
        yield Finding("undeclared-field", *who, place, count=count)
    if message.is_deprecated:
        yield Finding("deprecated", *who, count=seen.seen)
    for place, declared in sorted(message.places.items()):
        count = seen.fields.get(place, 0)
        if place and declared.is_deprecated and count:
            yield Finding("deprecated", *who, place, count=count)
        if not count and _parent_seen(place, seen, message.places):
            yield Finding("dead-field", *who, place)
        for value in declared.enum if count else ():
            if (place, value) not in seen.values:
                yield Finding("dead-value", *who, place, value)


def _parent_seen(place: str, seen: Seen, places: Places) -> bool:
    """Whether what it would stand in has come: what is below a dead field is not told again."""
    parent = place.removesuffix("[]") if place.endswith("[]") else place.rpartition(".")[0]
    while parent not in places and parent:
        parent = parent.rpartition(".")[0]
    return bool(place) and bool(seen.fields.get(parent, 0))


def _all(tally: Tally[Any], other: Any) -> Iterator[tuple[Any, int]]:
    yield from tally
    if tally.other:
        yield other, tally.other


def _strangers(observer: Observer) -> Iterator[Finding]:
    for (exchange, topic, type_), count in _all(observer.topics, (OTHER, OTHER, "")):
        yield Finding("undeclared-topic", "", topic, exchange, type_, count)
    for (service, channel, type_, who), count in _all(observer.types, (OTHER, OTHER, OTHER, "")):
        yield Finding("unknown-type", service, channel, type_ or "(none)", who, count)


def _capped(observer: Observer) -> Iterator[str]:
    if observer.topics.other:
        yield f"undeclared topics (messages beside those told: {observer.topics.other})"
    if observer.types.other:
        yield f"unknown types (messages beside those told: {observer.types.other})"
    for (service, name), seen in observer.seen.items():
        for what, tally in (
            ("violations", seen.violations),
            ("undeclared fields", seen.undeclared),
            ("publishers", seen.publishers),
        ):
            if tally.other:
                yield f"{what} of {service}.{name} (beside those told: {tally.other})"
