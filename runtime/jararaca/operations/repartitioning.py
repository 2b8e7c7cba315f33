"""Partitions that are to be others: what is there, whether it is drained, and the switch."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca.contract.topology import PartitionedQueue, Topology
from jararaca.errors import JararacaError, QueueNotFoundError
from jararaca.transport import QueueDepth, Transport

MOST = 64
"""Partitions that a queue can have."""


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
    names. Raises NotDrainedError, before anything is changed, where one is in use.
    """
    changing = await repartitionings(transport, topology)
    for each in changing:
        if each.busy:
            raise NotDrainedError(f"{each.wanted.queue} {each.told}")
    for each in changing:
        queue, old = each.wanted.queue, PartitionedQueue(each.wanted.queue, each.count)
        await transport.remove((queue, *old.names), (old.exchange, old.alternate))
    return tuple(each.wanted.queue for each in changing)


async def _depth(transport: Transport, queue: str) -> QueueDepth | None:
    try:
        return await transport.depth(queue)
    except QueueNotFoundError:
        return None
