"""The queues of a partitioned channel: what the broker has in the place of one queue.

A publication comes by the topic exchange into a headers exchange, which leads it by our publisher's
header to its partition. What has no header, or one of another count, goes on by the alternate
exchange into the queue itself: a worker puts it into its partition by the key that it reads.

The alternate exchange is called by the count, and so the broker refuses a worker with another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from jararaca_compiler import ir

HEADER = "x-jararaca-partition"
"""`3/8`: the fourth of eight. CRC-32 of the key's UTF-8, modulo the count."""

INTO = ".partitions"
"""How the exchange is called that leads to a queue's partitions: by the queue, and this."""

_PARTITION: ir.Arguments = (
    ("x-queue-leader-locator", "balanced"),
    ("x-single-active-consumer", True),
)
_ROSTER: ir.Arguments = (
    ("x-max-length", 1_000),
    ("x-message-ttl", 10_000),
    ("x-queue-type", "quorum"),
    ("x-single-active-consumer", True),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is declared for partitioned queues."""

    exchanges: tuple[ir.Exchange, ...] = ()
    queues: tuple[ir.Queue, ...] = ()
    bindings: tuple[ir.QueueBinding, ...] = ()
    between: tuple[ir.ExchangeBinding, ...] = ()


def partitions(queue: ir.Queue, count: int, bound: Iterable[tuple[str, str]]) -> Parts:
    """The parts of a queue, whose arguments they have; `bound` are its exchanges and keys."""
    name = queue.name
    into, unsorted = name + INTO, f"{name}.of-{count}"
    arguments = tuple(sorted({**dict(queue.arguments), **dict(_PARTITION)}.items()))
    names = names_of(ir.PartitionedQueue(name, count))
    return Parts(
        (
            ir.Exchange(into, "headers", True, False, False, (("alternate-exchange", unsorted),)),
            ir.Exchange(unsorted, "fanout", True, False, False),
        ),
        tuple(replace(queue, name=each, arguments=arguments) for each in (name, *names)),
        (
            *(
                ir.QueueBinding(into, each, "", _matching(f"{number}/{count}"))
                for number, each in enumerate(names)
            ),
            ir.QueueBinding(unsorted, name, ""),
        ),
        tuple(ir.ExchangeBinding(exchange, into, key) for exchange, key in sorted(set(bound))),
    )


def roster(service: str) -> ir.Queue:
    """The queue by which a service's workers agree who consumes which partition."""
    return ir.Queue(f"{service}.workers", True, False, False, _ROSTER)


def names_of(queue: ir.PartitionedQueue) -> list[str]:
    """The partitions' queues, in their order."""
    return [f"{queue.queue}.p{number}" for number in range(queue.count)]


def parts_of(queue: str, topology: ir.Topology) -> Iterator[str]:
    """The queues and exchanges that a partitioned queue has besides itself."""
    for each in topology.partitioned:
        if each.queue == queue:
            yield from names_of(each)
            yield from (queue + INTO, f"{queue}.of-{each.count}")
            if topology.workers:
                yield topology.workers


def undivided(topology: ir.Topology) -> ir.Topology:
    """The topology as publishers know it: a partitioned queue is one, bound by its own keys."""
    parts = {part for each in topology.partitioned for part in parts_of(each.queue, topology)}
    own = {each.queue + INTO: each.queue for each in topology.partitioned}
    kept = (b for b in topology.bindings if b.queue not in parts and b.exchange not in parts)
    between = topology.exchange_bindings
    return replace(
        topology,
        exchanges=tuple(each for each in topology.exchanges if each.name not in parts),
        queues=tuple(each for each in topology.queues if each.name not in parts),
        bindings=(
            *kept,
            *(ir.QueueBinding(b.source, own[b.destination], b.routing_key) for b in between),
        ),
        exchange_bindings=(),
        partitioned=(),
        workers=None,
    )


def _matching(value: str) -> ir.Arguments:
    return ((HEADER, value), ("x-match", "all-with-x"))
