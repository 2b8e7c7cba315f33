"""A worker that declares nothing looks whether the broker has as many partitions as it knows."""

from __future__ import annotations

from jararaca.contract.topology import Topology
from jararaca.errors import AccessRefusedError, QueueNotFoundError, TopologyMismatchError
from jararaca.transport import Transport


async def refuse_more_partitions(transport: Transport, topology: Topology) -> None:
    """Raise TopologyMismatchError for more than compiled; too few are missed as queues anyway."""
    for each in topology.partitioned:
        try:
            await transport.depth(f"{each.queue}.p{each.count}")
        except (QueueNotFoundError, AccessRefusedError):
            # RabbitMQ 4.3 tells an account without rights to a queue not even whether it is there.
            continue
        raise TopologyMismatchError(
            f"the queue {each.queue!r} has more partitions on the broker than the {each.count} "
            "compiled. Nothing was changed: `jararaca topology plan` shows how to change their "
            "number and keep the order"
        )
