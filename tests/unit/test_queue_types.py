"""Each queue of ours names its type, for a virtual host may have another default, and its limit."""

from __future__ import annotations

from uuid import uuid4

import pytest
from jararaca import Queue, RequestTimeoutError, Topology
from jararaca.publishing.requests import QUEUE_PREFIX, request
from jararaca.transport import Publication
from jararaca.transport.amqp.delaying.delays import PARKED
from jararaca.transport.amqp.delaying.provisioning import provisioned
from jararaca.transport.connect import transport_for
from jararaca.transport.memory.transport import MemoryTransport

MANY_LOOKS = 100_000
"""Each look at a kept letter gives it back, which counts towards the limit of its queue (20 in
RabbitMQ 4 where none is named, and each in 4.0 to 4.2)."""


def delays() -> dict[str, Queue]:
    """The queues of all delays, by their names."""
    tasks = frozenset({"parcel.pack"})
    return {each.name: each for each in provisioned(Topology(tasks=tasks)).topology.queues}


def test_the_queues_of_delays_name_their_type() -> None:
    assert delays()
    assert [each.name for each in delays().values() if "x-queue-type" not in each.arguments] == []


def test_letters_that_are_parked_may_be_looked_at_as_often_as_one_likes() -> None:
    assert delays()[PARKED].arguments["x-delivery-limit"] >= MANY_LOOKS


async def test_the_queue_of_a_process_for_its_answers_is_a_classic_one() -> None:
    """It is one process's: on a quorum queue its answers would be written to three disks."""
    transport = transport_for(f"memory://{uuid4()}")
    assert isinstance(transport, MemoryTransport)
    await transport.connect()
    await transport.declare(Topology(queues=(Queue("nobody"),)))
    with pytest.raises(RequestTimeoutError):
        await request(transport, Publication("nobody", b"{}", ""), timeout=0.05)
    (replies,) = (
        each.spec for name, each in transport.broker.queues.items() if name.startswith(QUEUE_PREFIX)
    )
    assert replies.arguments["x-queue-type"] == "classic"
    await transport.close()
