"""What RabbitMQ closes a channel over without naming it is found among all that was in flight."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import aiormq
import pytest
from jararaca import PublishNackedError, Queue, Topology
from jararaca.contract.message_ids import new_message_id
from jararaca.transport import Properties, Publication, Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.support.brokers import Broker, delete_queues

pytestmark = pytest.mark.broker
INNOCENTS = 60


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_culprit_is_refused_in_the_brokers_words_and_nobody_else_is_harmed(
    each_broker: Broker, transport: str
) -> None:
    queue = f"blamed-{uuid4().hex[:8]}"
    publisher = transport_for(with_transport(each_broker.url, transport))
    await publisher.connect()
    try:
        await publisher.declare(Topology(queues=(Queue(queue),)))
        internal = f"{queue}.internal"
        await declare_internal(each_broker.url, internal)
        culprits = [publisher.publish(Publication("x", b"", internal)) for _ in range(2)]
        innocents = [
            publisher.publish(Publication(queue, b"%d" % n, "", Properties(new_message_id())))
            for n in range(INNOCENTS)
        ]
        async with asyncio.timeout(20):
            first, *others, last = await asyncio.gather(
                culprits[0], *innocents, culprits[1], return_exceptions=True
            )
        for culprit in (first, last):
            assert isinstance(culprit, PublishNackedError), culprit
            assert "internal exchange" in str(culprit)
        assert others == [None] * INNOCENTS
        arrived = await bodies(publisher, queue)
        assert len(arrived) == INNOCENTS
        # Once when the channel was closed under it, and once alone.
        assert max(arrived.values()) <= 2
    finally:
        await publisher.close()
        await delete_queues(each_broker.url, queue)


async def declare_internal(url: str, name: str) -> None:
    """An exchange that RabbitMQ takes no publication for, and says so in words of its own."""
    connection = await aiormq.connect(url.partition("?")[0])
    channel = await connection.channel()
    await channel.exchange_declare(name, internal=True, auto_delete=True)
    await connection.close()


async def bodies(transport: Transport, queue: str) -> Counter[bytes]:
    """How often each body is in a queue."""
    found: Counter[bytes] = Counter()
    while (delivery := await transport.fetch(queue)) is not None:
        found[delivery.body] += 1
        await transport.ack(delivery)
    return found
