"""Queues that were declared before their service's dead letters shared one queue.

RabbitMQ changes no argument of a queue. One that differs only in where its dead letters go works as
well as before: what handlers give up goes to the shared queue, and what RabbitMQ itself gives up to
the queue's own, where `jararaca dead-letters` looks too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from jararaca.contract.topology import Queue, Topology, dead_letter_queue
from jararaca.printable import logger_named
from jararaca.transport import Finding

logger = logger_named("jararaca.broker")

ROUTING_KEY = "x-dead-letter-routing-key"
Inspect = Callable[[Queue], Awaitable[Finding]]
"""How a queue stands to the broker."""


def older(topology: Topology, queue: Queue) -> Queue | None:
    """The queue as it was declared with a dead-letter queue of its own; None where it has it."""
    shared = topology.dead_letters
    if shared is None or queue.arguments.get(ROUTING_KEY) != shared:
        return None
    own = dead_letter_queue(queue.name)
    return replace(queue, arguments={**queue.arguments, ROUTING_KEY: own})


async def inspected(topology: Topology, queue: Queue, inspect: Inspect) -> Finding:
    """How a queue stands to the broker; "older" where only its dead letters go elsewhere."""
    found = await inspect(queue)
    before = older(topology, queue) if found.state == "different" else None
    if before is None or (await inspect(before)).state != "same":
        return found
    own = dead_letter_queue(queue.name)
    return Finding(
        "queue",
        queue.name,
        "older",
        f"works as it is; what RabbitMQ itself gives up goes to {own}, compiled "
        f"{topology.dead_letters}. To change that: stop what publishes to it, let it run empty, "
        "stop its workers, delete it, and start again",
    )


def left(letters: str, number: int) -> Finding:
    """A dead-letter queue from before, and what is still in it."""
    waiting = "1 dead letter waits" if number == 1 else f"{number} dead letters wait"
    wait = f"{waiting} in it: replay or purge what is there, then delete it"
    return Finding(
        "queue",
        letters,
        "left",
        f"is no longer compiled; {wait if number else 'it is empty: delete it'} once its queue was "
        "declared anew",
    )


async def as_found(topology: Topology, inspect: Inspect) -> Topology:
    """The same topology, in which such queues are as the broker has them."""
    queues = []
    kept = 0
    for queue in topology.queues:
        before = older(topology, queue)
        finding = None if before is None else await inspected(topology, queue, inspect)
        is_older = before is not None and finding is not None and finding.state == "older"
        queues.append(before if is_older and before is not None else queue)
        kept += is_older
    if kept:
        logger.info(
            "%d queues still have dead-letter queues of their own: `jararaca topology plan` shows "
            "them, and the way over",
            kept,
        )
    return replace(topology, queues=tuple(queues))
