"""A worker's shares of partitions: which it consumes, each through a pipeline of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from jararaca.contract.topology import PartitionedQueue, Topology
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.partition import Partition
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.consumer_timeout import consumer_timeout
from jararaca.messagebus.partitions.member import Leave, Member
from jararaca.messagebus.partitions.partition_consumer import PartitionConsumer, Tasks
from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.messagebus.worker.pipelines import Handlers, Pipelines
from jararaca.messagebus.worker.prefetch import prefetch_of
from jararaca.transport import Transport


class PartitionShares:
    """Consumes what the workers of each service agree that this one has.

    `running` has the tasks of all deliveries; `cancelled` is set once nothing new is delivered.
    """

    def __init__(
        self,
        transport: Transport,
        pipelines: Pipelines,
        quarantine: Quarantine,
        running: set[asyncio.Task[Any]],
        cancelled: asyncio.Event,
        prefetch: int,
    ) -> None:
        self._transport = transport
        self._pipelines = pipelines
        self._quarantine = quarantine
        self._running = running
        self._cancelled = cancelled
        self._prefetch = prefetch
        self._members: list[Member] = []
        self._consumed: dict[str, PartitionConsumer] = {}
        self._stopping = False

    @property
    def queues(self) -> frozenset[str]:
        """The queues that are consumed here now."""
        return frozenset(self._consumed)

    async def share(self, topology: Topology, queues: Mapping[str, Sequence[BoundHandler]]) -> None:
        """Take a share of a service's partitions, as far as their queues are chosen."""
        chosen = [each for each in topology.partitioned if each.queue in queues]
        if topology.workers is None or not chosen:
            return
        parts = {
            part.queue: (part, tuple(queues[each.queue]))
            for each in chosen
            for part in _parts(each)
        }
        serves = {
            name: items
            for each in chosen
            for name, items in ((each.queue, (each.queue,)), (each.exchange, each.names))
        }

        async def begin(queue: str) -> Leave:
            await self._consume(*parts[queue])
            return partial(self._leave, queue)

        member = Member(self._transport, topology.workers, serves, begin)
        self._members.append(member)
        await member.start()

    def stop(self) -> None:
        """Begin no further message."""
        self._stopping = True
        for each in self._consumed.values():
            each.stop()

    async def stop_taking(self) -> None:
        """Take no further partition."""
        await asyncio.gather(*(member.stop_taking() for member in self._members))

    async def leave(self) -> None:
        """Give back what is left, once nothing runs: the next worker may have it."""
        await asyncio.gather(*(member.leave() for member in self._members))

    async def _consume(self, partition: Partition, handlers: Handlers) -> None:
        running, stopping = Tasks(self._running), asyncio.Event()
        pipeline = self._pipelines.of_partition(partition, handlers, stopping)
        receiver = QueueReceiver(
            self._transport, pipeline, handlers, self._quarantine, running, self._cancelled
        )
        consumer = await self._transport.consume(
            partition.queue,
            prefetch_of(handlers, self._prefetch),
            receiver.on_delivery,
            timeout=consumer_timeout([each.spec for each in handlers], in_order=True),
            alone=True,
        )
        receiver.begun(consumer)
        self._consumed[partition.queue] = PartitionConsumer(receiver, consumer, running, stopping)

    async def _leave(self, queue: str) -> None:
        await self._consumed[queue].leave(finish=not self._stopping)
        del self._consumed[queue]
        self._pipelines.forget(queue)


def _parts(queue: PartitionedQueue) -> Sequence[Partition]:
    """All that is consumed of it: what is unsorted, and the partitions."""
    return [Partition(queue, number) for number in (None, *range(queue.count))]
