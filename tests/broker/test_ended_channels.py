"""What is written on a channel that RabbitMQ has just closed does not end the connection."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from jararaca import Publisher, Queue, Topology, UnroutableError
from jararaca.transport import Publication
from jararaca.transport.amqp.channels import close_channel, open_channel
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport
from yarl import URL

from tests.support.brokers import delete_queues

pytestmark = pytest.mark.broker
REFUSED = 60
PUBLISHERS = 10


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_publications_beside_one_that_closes_their_channel_keep_their_connection(
    scratch_broker_url: str, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue = f"ended-{uuid4().hex[:8]}"
    publisher = transport_for(with_transport(scratch_broker_url, transport))
    await publisher.connect()
    await publisher.declare(Topology(queues=(Queue(queue),)))
    over = asyncio.Event()

    async def publish() -> None:
        while not over.is_set():
            await publisher.publish(Publication(queue, b"{}", "", mandatory=True))

    async def refused() -> None:
        for _ in range(REFUSED):
            with pytest.raises(UnroutableError, match="no exchange"):
                await publisher.publish(Publication(queue, b"{}", "no-such-exchange"))
        over.set()

    async with asyncio.timeout(60):
        await asyncio.gather(refused(), *(publish() for _ in range(PUBLISHERS)))
    await publisher.close()
    await delete_queues(scratch_broker_url, queue)
    assert [each for each in caplog.messages if "connection" in each] == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_applications_own_channel_that_is_closed_ends_nobody_elses(
    scratch_broker_url: str, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Publisher.connect(with_transport(scratch_broker_url, transport)) as publisher:
        for _ in range(REFUSED):
            channel = await publisher.amqp()
            underlay = await channel.get_underlay_channel()
            asked = [
                underlay.basic_publish(b"{}", exchange="no-such-exchange", routing_key="x")
                for _ in range(PUBLISHERS)
            ]
            async with asyncio.timeout(20):
                await asyncio.gather(*asked, return_exceptions=True)
    assert [each for each in caplog.messages if "connection" in each] == []


async def test_a_channels_number_is_given_on_as_late_as_possible(scratch_broker_url: str) -> None:
    connection = FastConnection(URL(scratch_broker_url))
    await connection.connect()
    numbers = []
    for _ in range(3):
        channel = await open_channel(connection)
        numbers.append(channel.number)
        await close_channel(channel)
    assert len(set(numbers)) == 3
    kept = await open_channel(connection)
    highest = connection.underlay.connection_tune.channel_max // 2
    found = [connection.fresh_number() for _ in range(highest)]
    assert kept.number not in found and max(found) == highest
    assert found.count(found[0]) == 2, "it begins again where all have been used"
    await connection.close()
