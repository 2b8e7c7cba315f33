"""What aio-pika's own messages do not keep, and what its channels wait for without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import aiormq
import pamqp.frame
import pytest
from aio_pika import Channel
from jararaca import Queue, Topology
from jararaca.transport import Publication
from jararaca.transport.amqp import AmqpTransport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport
from pamqp import commands

from tests.conformance.conftest import PATIENCE, Inbox
from tests.support.brokers import Broker, delete_queues

pytestmark = pytest.mark.broker


@pytest.fixture(params=TRANSPORTS)
async def transport(
    each_broker: Broker, request: pytest.FixtureRequest
) -> AsyncIterator[AmqpTransport]:
    """Each broker over each transport."""
    made = transport_for(with_transport(each_broker.url, request.param))
    assert isinstance(made, AmqpTransport)
    await made.connect()
    yield made
    await made.close()


@pytest.fixture
async def queue(transport: AmqpTransport, each_broker: Broker) -> AsyncIterator[str]:
    name = f"exact-{uuid4().hex[:8]}"
    await transport.declare(Topology(queues=(Queue(name),)))
    yield name
    await delete_queues(each_broker.url, name)


async def test_a_message_without_a_priority_comes_without_one(
    transport: AmqpTransport, each_broker: Broker, queue: str
) -> None:
    async with aiormq.connect(each_broker.url) as connection:
        given = aiormq.spec.Basic.Properties(message_id="1")
        await (await connection.channel()).basic_publish(b"{}", routing_key=queue, properties=given)
    fetched = await transport.fetch(queue)
    assert fetched is not None
    await transport.requeue(fetched)
    inbox = Inbox()
    await transport.consume(queue, 1, inbox)
    delivery = await inbox.next()
    assert [fetched.properties.priority, delivery.properties.priority] == [None, None]
    await transport.ack(delivery)


async def test_a_connection_that_was_blocked_and_is_lost_holds_up_nobody(
    transport: AmqpTransport, queue: str
) -> None:
    connection = await transport._sending.connection()
    blocked = pamqp.frame.marshal(commands.Connection.Blocked("disk"), 0)
    assert connection.socket._decoder is not None
    connection.socket._decoder.feed(blocked)
    while not transport._sending.blocked:
        await asyncio.sleep(0.01)
    publishing = asyncio.ensure_future(transport.publish(Publication(queue, b"{}", "")))
    channel = asyncio.ensure_future(transport.amqp())
    await asyncio.sleep(0.2)
    connection.socket.abort()
    await asyncio.wait_for(publishing, PATIENCE)
    assert isinstance(await asyncio.wait_for(channel, PATIENCE), Channel)
