"""Exchanges, queues and bindings as values, the way the compiler writes them into `routes.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

ExchangeType = Literal["topic", "direct", "fanout", "headers"]
DEFAULT_EXCHANGE = "jararaca"
DEAD_LETTER_SUFFIX = ".dead-letters"
PARTITIONS_SUFFIX = ".partitions"


@dataclass(frozen=True, slots=True)
class Exchange:
    """An AMQP exchange; a broker URL's `?exchange=` renames the `shared` one, the service's own."""

    name: str
    type: ExchangeType = "topic"
    durable: bool = True
    auto_delete: bool = False
    shared: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """An AMQP queue. `arguments` are RabbitMQ's (`x-queue-type`, `x-delivery-limit`, ...)."""

    name: str
    durable: bool = True
    exclusive: bool = False
    auto_delete: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueBinding:
    """What makes messages flow from an exchange into a queue."""

    exchange: str
    queue: str
    routing_key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExchangeBinding:
    """What makes messages flow from an exchange into another."""

    source: str
    destination: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class PartitionedQueue:
    """A queue with `count` partitions; it has itself what came without a partition of its own."""

    queue: str
    count: int

    @property
    def exchange(self) -> str:
        """The exchange that leads to the partitions."""
        return self.queue + PARTITIONS_SUFFIX

    @property
    def alternate(self) -> str:
        """The exchange for what has no partition of these: another count has another one."""
        return f"{self.queue}.of-{self.count}"

    @property
    def names(self) -> tuple[str, ...]:
        """The partitions' queues, in their order."""
        return tuple(f"{self.queue}.p{number}" for number in range(self.count))


@dataclass(frozen=True, slots=True)
class Topology:
    """All that a service declares on the broker, dead-letter queues included.

    `tasks` are the queues whose messages somebody has to do: none of them may be dropped.
    `dead_letters` is the queue that all dead letters go to, where its queues share one; by
    `workers` those of its `partitioned` queues agree who consumes which partition. `unbound` are
    bindings that may be there from before, and are not wanted any more.
    """

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()
    bindings: tuple[QueueBinding, ...] = ()
    tasks: frozenset[str] = frozenset()
    dead_letters: str | None = None
    exchange_bindings: tuple[ExchangeBinding, ...] = ()
    partitioned: tuple[PartitionedQueue, ...] = ()
    workers: str | None = None
    unbound: tuple[QueueBinding, ...] = ()

    def dead_letters_of(self, queue: str) -> str:
        """The queue that keeps what `queue`'s handlers could not do."""
        return self.dead_letters or dead_letter_queue(queue)

    def partitions_of(self, queue: str) -> tuple[str, ...]:
        """The partitions of a queue; none of one that is whole."""
        return next((each.names for each in self.partitioned if each.queue == queue), ())

    def with_shared_exchange(self, name: str) -> Topology:
        """The same topology with the service's own exchange called `name`."""
        shared = {exchange.name for exchange in self.exchanges if exchange.shared}

        def renamed(bindings: tuple[QueueBinding, ...]) -> tuple[QueueBinding, ...]:
            return tuple(replace(b, exchange=name) if b.exchange in shared else b for b in bindings)

        return replace(
            self,
            exchanges=tuple(replace(e, name=name) if e.shared else e for e in self.exchanges),
            exchange_bindings=tuple(
                replace(b, source=name) if b.source in shared else b for b in self.exchange_bindings
            ),
            bindings=renamed(self.bindings),
            unbound=renamed(self.unbound),
        )


def with_single_active_consumer(topology: Topology, queues: Collection[str]) -> Topology:
    """The same topology, in which RabbitMQ lets one consumer at a time have each of `queues`."""
    argument = {"x-single-active-consumer": True}
    return replace(
        topology,
        queues=tuple(
            replace(q, arguments={**q.arguments, **argument}) if q.name in queues else q
            for q in topology.queues
        ),
    )


def dead_letter_queue(queue: str) -> str:
    """The name of the dead-letter queue that `queue`, or a whole service, has for itself."""
    return queue + DEAD_LETTER_SUFFIX
