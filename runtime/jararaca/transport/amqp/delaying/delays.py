"""Delayed messages without a plugin: a binary chain of queues, as NServiceBus has on RabbitMQ.

Level N keeps a message for 2^N tenths of a second. A delay is written as binary digits in front
of the destination; the message enters at its highest digit that is 1, and each level either keeps
it or passes it on. All messages of one level wait equally long, so that none blocks another, and
each level is a durable quorum queue that hands over at least once: a broker's restart loses none.

At the end stands a destination: `queue.NAME`, or an exchange, where the message goes on by the
topic in its `CC` header. An exchange without a queue for the topic drops an event: `event.NAME`
also feeds a queue that forgets at once, so that the broker's at least once is content. A task is
parked (`jobs`). Where nobody told of its queue it goes as `task.NAME`, by a queue of its own, and
waits until there is one: 32 of these hold up the others of the kind, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from jararaca.contract.topology import (
    Exchange,
    ExchangeBinding,
    Queue,
    QueueBinding,
    Topology,
    dead_letter_queue,
)
from jararaca.transport import DELAY_LEVELS as LEVELS
from jararaca.transport import DELAY_UNIT as UNIT

NAME = "jararaca.delay"
DELIVERY = f"{NAME}.delivery"
TASKS = f"{NAME}.tasks"
FORGOTTEN = f"{NAME}.forgotten"
UNDELIVERABLE = f"{NAME}.undeliverable"
"""Takes what was for a queue that is gone when its time has come. A queue of the name, which older
versions made, is no longer bound once `topology apply` has run."""

PARKED = dead_letter_queue(NAME)
"""Keeps it: RabbitMQ 4 would drop a letter after 20 looks without a limit of its own."""

KEPT_DELIVERIES = 1_000_000

ON, OFF = "~1", "~0"
"""The digits: words that no topic has, for topics are compared with the same bindings."""


@dataclass(frozen=True, slots=True)
class DelayTopology:
    """The queues and exchanges of some levels, and the bindings between them."""

    topology: Topology
    between: tuple[ExchangeBinding, ...]


def units_of(delay: float) -> int:
    """A delay in tenths of a second, rounded up."""
    return min(max(1, ceil(round(delay / UNIT, 6))), (1 << LEVELS) - 1)


def level_of(units: int) -> int:
    """The level that a delay enters at."""
    return units.bit_length() - 1


def entry(level: int) -> str:
    """The exchange, and the queue, of a level."""
    return f"{NAME}.{level:02d}"


EXITS = frozenset((DELIVERY, TASKS, *(entry(level) for level in range(LEVELS))))
"""The exchanges that a message is handed to last when its delay is over: the end of the chain, or
the level after which its digits are all 0, from where bindings lead on."""


def destination(exchange: str, routing_key: str, *, mandatory: bool) -> str:
    """What a delayed message is for: a queue, or an exchange, for a task or for an event."""
    if not exchange:
        return of_queue(routing_key)
    return f"{'task' if mandatory else 'event'}.{exchange}"


def of_queue(name: str) -> str:
    """What a message is delayed for that a queue gets again, whatever its topic."""
    return f"queue.{name}"


def destinations(topology: Topology) -> tuple[str, ...]:
    """All that a topology's messages can be delayed for."""
    exchanges = [exchange.name for exchange in topology.exchanges if exchange.name]
    return (
        *(of_queue(queue.name) for queue in topology.queues),
        *(destination(name, "", mandatory=kind) for name in exchanges for kind in (False, True)),
    )


def routing_key(units: int, destination: str) -> str:
    """The digits, highest first, then the destination."""
    digits = (ON if units >> level & 1 else OFF for level in reversed(range(LEVELS)))
    return ".".join((*digits, destination))


def destination_of(routing_key: str) -> str:
    """The destination behind the digits."""
    return routing_key.split(".", LEVELS)[-1]


def queue_of(routing_key: str) -> str | None:
    """The queue that a delayed message is for; None for one that goes on by its topic."""
    kind, _, name = destination_of(routing_key).partition(".")
    return name if kind == "queue" else None


def delivery_key(destination: str) -> str:
    """What binds a destination to the end of the chain: any digits, and just this name."""
    return ".".join((*["*"] * LEVELS, destination))


def binding_of(destination: str) -> QueueBinding | ExchangeBinding:
    """The binding that a destination needs at the end of the chain."""
    kind, _, name = destination.partition(".")
    key = delivery_key(destination)
    if kind == "queue":
        return QueueBinding(DELIVERY, name, key)
    return ExchangeBinding(TASKS if kind == "task" else DELIVERY, name, key)


def topology(highest: int) -> DelayTopology:
    """The levels from `highest` down, and the end of the chain."""
    levels = range(highest + 1)
    return DelayTopology(
        Topology(
            exchanges=(
                Exchange(UNDELIVERABLE, "fanout"),
                Exchange(DELIVERY, arguments={"alternate-exchange": UNDELIVERABLE}),
                Exchange(TASKS),
                *(Exchange(entry(level)) for level in levels),
            ),
            queues=(
                Queue(
                    PARKED,
                    arguments={"x-queue-type": "quorum", "x-delivery-limit": KEPT_DELIVERIES},
                ),
                Queue(FORGOTTEN, arguments={"x-queue-type": "classic", "x-message-ttl": 0}),
                _keeper(TASKS, 1, TASKS),
                *(_keeper(entry(n), int(UNIT * 1_000) << n, _below(n)) for n in levels),
            ),
            bindings=(
                QueueBinding(UNDELIVERABLE, PARKED, ""),
                QueueBinding(DELIVERY, FORGOTTEN, delivery_key("event.#")),
                QueueBinding(DELIVERY, TASKS, delivery_key("task.#")),
                *(
                    QueueBinding(entry(level), entry(level), _pattern(level, ON))
                    for level in levels
                ),
            ),
        ),
        tuple(_passing(highest)),
    )


def _keeper(name: str, milliseconds: int, onward: str) -> Queue:
    """A queue that keeps each message so long, then hands it to the exchange `onward`."""
    return Queue(
        name,
        arguments={
            "x-queue-type": "quorum",
            "x-message-ttl": milliseconds,
            "x-dead-letter-exchange": onward,
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
