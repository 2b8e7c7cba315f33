"""A worker that declares nothing, and a broker with other partitions than it knows."""

from __future__ import annotations

from typing import Literal, cast

import pytest
from jararaca import PartitionedQueue, Topology
from jararaca.errors import AccessRefusedError, QueueNotFoundError, TopologyMismatchError
from jararaca.messagebus.partitions.counted import refuse_other_partitions
from jararaca.transport import Finding, QueueDepth, Transport

TOPOLOGY = Topology((), (), (), partitioned=(PartitionedQueue("a", 2), PartitionedQueue("b", 3)))


class Broker:
    """One that has these queues, and shows some to nobody."""

    def __init__(
        self, *there: str, hidden: str = "", counted: tuple[str, ...] = ("a.of-2", "b.of-3")
    ) -> None:
        self.there = there
        self.hidden = hidden
        self.counted = counted

    async def inspect(self, topology: Topology) -> tuple[Finding, ...]:
        """The exchanges that are called by the count."""
        states: dict[bool, Literal["same", "missing"]] = {True: "same", False: "missing"}
        names = [each.name for each in topology.exchanges]
        return tuple(Finding("exchange", n, states[n in self.counted]) for n in names)

    async def depth(self, queue: str) -> QueueDepth:
        """Whether it is there."""
        if queue == self.hidden:
            raise AccessRefusedError(queue)
        if queue not in self.there:
            raise QueueNotFoundError(queue)
        return QueueDepth(0, 0)


async def test_as_many_as_are_known_are_no_reason() -> None:
    made = Broker("a.p0", "a.p1", "b.p0", "b.p1", "b.p2")
    await refuse_other_partitions(cast(Transport, made), TOPOLOGY)


@pytest.mark.parametrize("hidden", ["", "a.p2"])
async def test_one_more_is_refused_wherever_it_is(hidden: str) -> None:
    made = Broker("b.p3", hidden=hidden)
    with pytest.raises(TopologyMismatchError, match="'b' has not the 3 partitions"):
        await refuse_other_partitions(cast(Transport, made), TOPOLOGY)


async def test_an_exchange_of_another_count_is_refused_whatever_can_be_seen_of_queues() -> None:
    made = Broker("a.p0", "a.p1", hidden="b.p3", counted=("a.of-2", "b.of-4"))
    with pytest.raises(TopologyMismatchError, match="'b' has not the 3 partitions"):
        await refuse_other_partitions(cast(Transport, made), TOPOLOGY)
