"""Delayed messages without a plugin: a binary chain of queues, as NServiceBus has on RabbitMQ.

Level N keeps a message for 2^N tenths of a second. A delay is written as binary digits in front
of the destination; the message enters at its highest digit that is 1, and each level either keeps
it or passes it on. All messages of one level wait equally long, so that none blocks another, and
each level is a durable quorum queue that hands over at least once: a broker's restart loses none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from jararaca.topology import Exchange, Queue, QueueBinding, Topology

LEVELS = 28
UNIT = 0.1
"""Seconds of level 0; all levels together are 310 days."""

MAX_DELAY = (2**LEVELS - 1) * UNIT
NAME = "jararaca.delay"
DELIVERY = f"{NAME}.delivery"
UNDELIVERABLE = f"{NAME}.undeliverable"
"""Keeps what was for a queue that is gone when its time has come."""

ON, OFF = "~1", "~0"
"""The digits: words that no topic has, for topics are compared with the same bindings."""


@dataclass(frozen=True, slots=True)
class ExchangeBinding:
    """What makes messages flow from an exchange into another."""

    source: str
    destination: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class DelayTopology:
    """The queues and exchanges of some levels, and the bindings between them."""

    topology: Topology
    between: tuple[ExchangeBinding, ...]


def units_of(delay: float) -> int:
    """A delay in tenths of a second, rounded up. Raises ValueError beyond MAX_DELAY."""
    units = max(1, ceil(round(delay / UNIT, 6)))
    if units >= 2**LEVELS:
        raise ValueError(f"a delay is {MAX_DELAY / 86_400:.0f} days at most, got {delay:g} s")
    return units


def level_of(units: int) -> int:
    """The level that a delay enters at."""
    return units.bit_length() - 1


def entry(level: int) -> str:
    """The exchange, and the queue, of a level."""
    return f"{NAME}.{level:02d}"


def routing_key(units: int, queue: str) -> str:
    """The digits, highest first, then the queue that the message is for."""
    digits = (ON if units >> level & 1 else OFF for level in reversed(range(LEVELS)))
    return ".".join((*digits, queue))


def delivery_key(queue: str) -> str:
    """What binds a queue to the end of the chain: any digits, and just this name."""
    return ".".join((*["*"] * LEVELS, queue))


def topology(highest: int) -> DelayTopology:
    """The levels from `highest` down, and the end of the chain."""
    levels = range(highest + 1)
    return DelayTopology(
        Topology(
            exchanges=(
                Exchange(UNDELIVERABLE, "fanout"),
                Exchange(DELIVERY, arguments={"alternate-exchange": UNDELIVERABLE}),
                *(Exchange(entry(level)) for level in levels),
            ),
            queues=(
                Queue(UNDELIVERABLE, arguments={"x-queue-type": "quorum"}),
                *(_keeper(level) for level in levels),
            ),
            bindings=(
                QueueBinding(UNDELIVERABLE, UNDELIVERABLE, ""),
                *(
                    QueueBinding(entry(level), entry(level), _pattern(level, ON))
                    for level in levels
                ),
            ),
        ),
        tuple(_passing(highest)),
    )


def _keeper(level: int) -> Queue:
    return Queue(
        entry(level),
        arguments={
            "x-queue-type": "quorum",
            "x-message-ttl": int(UNIT * 1_000) << level,
            "x-dead-letter-exchange": _below(level),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def _passing(highest: int) -> Iterator[ExchangeBinding]:
    for level in range(highest + 1):
        yield ExchangeBinding(entry(level), _below(level), _pattern(level, OFF))


def _below(level: int) -> str:
    return entry(level - 1) if level else DELIVERY


def _pattern(level: int, digit: str) -> str:
    return ".".join((*["*"] * (LEVELS - 1 - level), digit, "#"))
