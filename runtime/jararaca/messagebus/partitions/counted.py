"""A worker that declares nothing looks whether the broker has as many partitions as it knows."""

from __future__ import annotations

from jararaca.contract.topology import Exchange, PartitionedQueue, Topology
from jararaca.errors import AccessRefusedError, QueueNotFoundError, TopologyMismatchError
from jararaca.transport import Transport


async def refuse_other_partitions(transport: Transport, topology: Topology) -> None:
    """Raise TopologyMismatchError where the broker has another count than compiled.

    The alternate exchange is called by the count, and the account has a right to it: RabbitMQ 4.3
    does not tell an account whether there are queues that it has no right to.
    """
    for each in topology.partitioned:
        counted = Exchange(each.alternate, "fanout")
        (found,) = await transport.inspect(Topology(exchanges=(counted,)))
        if found.state == "missing" or await _has_more(transport, each):
            raise TopologyMismatchError(
                f"the queue {each.queue!r} has not the {each.count} partitions on the broker that "
                "were compiled. Nothing was changed: `jararaca topology plan` shows how to change "
                "their number and keep the order"
            )


async def _has_more(transport: Transport, queue: PartitionedQueue) -> bool:
    try:
        await transport.depth(f"{queue.queue}.p{queue.count}")
    except (QueueNotFoundError, AccessRefusedError):
        return False
    return True
