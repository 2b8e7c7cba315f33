"""What a topology costs a broker: RabbitMQ keeps files open for each quorum queue."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_shared.definitions import Topology

A_QUORUM_QUEUE = 3
"""Files that RabbitMQ reserves for one, on each node that has it."""

FOR_DELAYS = 30
"""Quorum queues of all delays, in each virtual host; a worker makes the shorter ones first."""

USUAL_LIMIT = 1_024
"""What a process may open where nobody has raised it. At its limit RabbitMQ answers nobody."""

TIGHT = 0.75
"""The share of the limit from which on it is told: connections and its own files need the rest."""


def quorum_queues(topologies: Iterable[Topology]) -> int:
    """How many different quorum queues topologies have."""
    queues = [queue for topology in topologies for queue in topology.queues]
    kinds = {queue.name: dict(queue.arguments).get("x-queue-type") for queue in queues}
    return sum(kind == "quorum" for kind in kinds.values())


def needed(queues: int) -> int:
    """Open files for so many quorum queues, and for all delays."""
    return A_QUORUM_QUEUE * (queues + FOR_DELAYS)


def is_tight(queues: int) -> bool:
    """Whether a broker with the usual limit may refuse to work."""
    return needed(queues) > TIGHT * USUAL_LIMIT


def told(queues: int) -> str:
    """The numbers in one sentence."""
    text = f"{queues} quorum queues, with all delays {needed(queues):,} open files of the broker"
    return f"{text}; the usual limit is {USUAL_LIMIT:,}"


REMEDY = "raise the broker's limit of open files: LimitNOFILE=65536, or --ulimit nofile=65536"
