"""Partitions that are to be others: what is there, whether it is drained, and the switch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jararaca.contract.headers import PARTITION
from jararaca.contract.topology import Exchange, PartitionedQueue, QueueBinding, Topology
from jararaca.errors import JararacaError, QueueNotFoundError
from jararaca.transport import QueueDepth, Transport

MOST = 64
"""Partitions that a queue can have."""

ROUTED_SECONDS = 0.5
"""How long what the broker had routed before the way was closed may take to be in its queue."""


class NotDrainedError(JararacaError):
    """Partitions cannot be changed now: messages of the old ones would be overtaken."""


@dataclass(frozen=True, slots=True)
class Repartitioning:
    """A queue whose partitions on the broker are others than compiled; 0: it is whole there.

    `busy` are those of its queues that hold messages, or have consumers.
    """

    wanted: PartitionedQueue
    count: int
    busy: tuple[tuple[str, QueueDepth], ...]

    @property
    def old(self) -> PartitionedQueue:
        """The queue as the broker has it."""
        return PartitionedQueue(self.wanted.queue, self.count)

    @property
    def told(self) -> str:
        """What is to be done, step by step."""
        there = f"{self.count} partitions" if self.count else "no partitions"
        steps = (
            f"has {there}, compiled {self.wanted.count}. To keep the order of its keys: stop what "
            "publishes to it, let the old workers drain it, stop them, run `jararaca topology "
            "apply`, and start the new ones"
        )
        waiting = "; ".join(
            f"{name}: {depth.messages} wait, {depth.consumers} consume" for name, depth in self.busy
        )
        return f"{steps} ({waiting or 'it is drained: `topology apply` switches now'})"


async def repartitionings(transport: Transport, topology: Topology) -> tuple[Repartitioning, ...]:
    """The queues whose partitions have to change. Raises AccessRefusedError."""
    found = []
    for wanted in topology.partitioned:
        whole = await _depth(transport, wanted.queue)
        depths: list[tuple[str, QueueDepth]] = []
        while len(depths) < MOST:
            name = f"{wanted.queue}.p{len(depths)}"
            depth = await _depth(transport, name)
            if depth is None:
                break
            depths.append((name, depth))
        if whole is None or len(depths) == wanted.count:
            continue
        every = [(wanted.queue, whole), *depths]
        busy = tuple(each for each in every if each[1].messages or each[1].consumers)
        found.append(Repartitioning(wanted, len(depths), busy))
    return tuple(found)


async def switch(transport: Transport, topology: Topology) -> tuple[str, ...]:
    """Remove the old partitions of each such queue, so that the new ones can be declared; their
    names. Raises NotDrainedError, with all as it was, where one is in use.

    A publisher that is still at work may have sent something since it was looked: the way into the
    partitions is closed first, and then it is looked again.
    """
    changing = await repartitionings(transport, topology)
    _refuse_busy(changing)
    ways = [_way(each, topology) for each in changing]
    try:
        for way in ways:
            await _close(transport, way)
        await asyncio.sleep(ROUTED_SECONDS if changing else 0)
        _refuse_busy(await repartitionings(transport, topology))
    except BaseException:
        for way in ways:
            await transport.declare(way)
        raise
    for each in changing:
        await transport.remove((each.wanted.queue, *each.old.names), ())
    return tuple(each.wanted.queue for each in changing)


async def _close(transport: Transport, way: Topology) -> None:
    if way.exchanges:
        await transport.remove((), tuple(exchange.name for exchange in way.exchanges))
    else:
        await transport.declare(Topology(unbound=way.bindings))


def _refuse_busy(changing: Sequence[Repartitioning]) -> None:
    for each in changing:
        if each.busy:
            raise NotDrainedError(f"{each.wanted.queue} {each.told}")


def _way(changing: Repartitioning, topology: Topology) -> Topology:
    """How messages come into a queue, or its partitions, as long as they are the old ones."""
    wanted, old = changing.wanted, changing.old
    into = [each for each in topology.exchange_bindings if each.destination == wanted.exchange]
    if not changing.count:
        whole = (QueueBinding(each.source, wanted.queue, each.routing_key) for each in into)
        return Topology(bindings=tuple(whole))
    led = (
        QueueBinding(
            old.exchange, name, "", {"x-match": "all-with-x", PARTITION: f"{n}/{old.count}"}
        )
        for n, name in enumerate(old.names)
    )
    return Topology(
        exchanges=(
            Exchange(old.exchange, "headers", arguments={"alternate-exchange": old.alternate}),
            Exchange(old.alternate, "fanout"),
        ),
        bindings=(*led, QueueBinding(old.alternate, old.queue, "")),
        exchange_bindings=tuple(into),
    )


async def _depth(transport: Transport, queue: str) -> QueueDepth | None:
    try:
        return await transport.depth(queue)
    except QueueNotFoundError:
        return None
