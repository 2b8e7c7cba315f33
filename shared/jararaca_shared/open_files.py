"""What a topology costs a broker: RabbitMQ 3 reserves open files for each quorum queue."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_shared.definitions import Topology

A_QUORUM_QUEUE = 3
"""Files that RabbitMQ 3 reserves for one, on each node that has it. Measured with 1,024 of them:
3.10.8 locks up between 150 and 180 queues with dead letters; 4.0.5 and 4.3.6 reserve none."""

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
    """The open files that RabbitMQ 3 reserves for so many quorum queues, and for all delays."""
    return A_QUORUM_QUEUE * (queues + FOR_DELAYS)


def is_tight(queues: int) -> bool:
    """Whether a broker with the usual limit may refuse to work."""
    return needed(queues) > TIGHT * USUAL_LIMIT


def told(queues: int) -> str:
    """The numbers in one sentence."""
    named = "1 quorum queue" if queues == 1 else f"{queues} quorum queues"
    text = f"{named}, for which RabbitMQ 3 reserves {needed(queues):,} open files"
    return f"{text} with all delays (by default it has {USUAL_LIMIT:,}); RabbitMQ 4 reserves none"


REMEDY = "raise the limit of a RabbitMQ 3: LimitNOFILE=65536, or --ulimit nofile=65536:65536"
