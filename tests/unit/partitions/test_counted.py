"""A worker that declares nothing, and a broker with more partitions than it knows."""

from __future__ import annotations

from typing import cast

import pytest
from jararaca import PartitionedQueue, Topology
from jararaca.errors import AccessRefusedError, QueueNotFoundError, TopologyMismatchError
from jararaca.messagebus.partitions.counted import refuse_more_partitions
from jararaca.transport import QueueDepth, Transport

TOPOLOGY = Topology((), (), (), partitioned=(PartitionedQueue("a", 2), PartitionedQueue("b", 3)))


class Broker:
    """One that has these queues, and shows some to nobody."""

    def __init__(self, *there: str, hidden: str = "") -> None:
        self.there = there
        self.hidden = hidden

    async def depth(self, queue: str) -> QueueDepth:
        """Whether it is there."""
        if queue == self.hidden:
            raise AccessRefusedError(queue)
        if queue not in self.there:
            raise QueueNotFoundError(queue)
        return QueueDepth(0, 0)


async def test_as_many_as_are_known_are_no_reason() -> None:
    made = Broker("a.p0", "a.p1", "b.p0", "b.p1", "b.p2")
    await refuse_more_partitions(cast(Transport, made), TOPOLOGY)


@pytest.mark.parametrize("hidden", ["", "a.p2"])
async def test_one_more_is_refused_wherever_it_is(hidden: str) -> None:
    made = Broker("b.p3", hidden=hidden)
    with pytest.raises(TopologyMismatchError, match="'b' has more partitions .* than the 3"):
        await refuse_more_partitions(cast(Transport, made), TOPOLOGY)
