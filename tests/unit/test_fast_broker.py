"""The fast transport against a real RabbitMQ whose connections and channels are ended under it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast
from uuid import uuid4

import aiormq
import pytest
from jararaca import (
    Exchange,
    PublishTimeoutError,
    Queue,
    QueueBinding,
    Topology,
    UnroutableError,
)
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.transport import FastTransport
from jararaca.transport.amqp.fast.wire import frames
from jararaca.transport.connect import transport_for
from pamqp import commands

pytestmark = pytest.mark.broker
PATIENCE = 30


@pytest.fixture
def queue() -> str:
    return f"fast-{uuid4().hex[:8]}"


@pytest.fixture
async def transport(scratch_broker_url: str, queue: str) -> AsyncIterator[FastTransport]:
    made = transport_for(scratch_broker_url)
    assert isinstance(made, FastTransport), "the fast transport is the default"
    await made.connect()
    await made.declare(
        Topology(
            (Exchange("jararaca", shared=True),),
            (Queue(queue, arguments={"x-queue-type": "quorum"}),),
            (QueueBinding("jararaca", queue, queue),),
        )
    )
    yield made
    await made.close()


def message(queue: str, number: int = 0, exchange: str | None = None) -> Publication:
    properties = Properties(message_id=f"id-{number}")
    return Publication(queue, b"%d" % number, exchange, properties, mandatory=True)


async def cut(link: Link) -> None:
    """End the connection as a dead network does, without a word of AMQP."""
    connection = await link.connection()
    assert isinstance(connection, FastConnection)
    socket = connection.socket.buffer._transport
    assert socket is not None
    socket.abort()


class Inbox:
    """Deliveries, unsettled."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __call__(self, delivery: Delivery) -> None:
        self._queue.put_nowait(delivery)

    async def take(self, count: int) -> list[Delivery]:
        return [await asyncio.wait_for(self._queue.get(), PATIENCE) for _ in range(count)]


async def waiting_in(url: str, queue: str) -> int | None:
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel()
        return (await channel.queue_declare(queue, passive=True)).message_count


async def test_publications_whose_confirms_were_cut_off_are_sent_again(
    transport: FastTransport, scratch_broker_url: str, queue: str
) -> None:
    publishing = [
        asyncio.ensure_future(transport.publish(message(queue, number))) for number in range(200)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await cut(transport._sending)
    await asyncio.wait_for(asyncio.gather(*publishing), PATIENCE)
    inbox = Inbox()
    seen: set[str | None] = set()
    await transport.consume(queue, 500, inbox)
    while len(seen) < 200:
        (delivery,) = await inbox.take(1)
        seen.add(delivery.properties.message_id)
        await transport.ack(delivery)
    assert seen == {f"id-{number}" for number in range(200)}


async def test_deliveries_of_a_lost_channel_come_again_and_are_settled_on_the_new_one(
    transport: FastTransport, scratch_broker_url: str, queue: str
) -> None:
    inbox = Inbox()
    await transport.consume(queue, 100, inbox)
    await asyncio.gather(*(transport.publish(message(queue, number)) for number in range(20)))
    before = await inbox.take(20)
    await cut(transport._receiving)
    again = await inbox.take(20)
    for delivery in (*before, *again):
        await transport.ack(delivery)
    assert all(delivery.redelivered for delivery in again)
    await transport.publish(message(queue, 20))
    (last,) = await inbox.take(1)
    await transport.ack(last)
    await transport.close()
    assert await waiting_in(scratch_broker_url, queue) == 0


async def test_acks_of_a_channel_that_the_broker_has_closed_hurt_nobody(
    transport: FastTransport, queue: str
) -> None:
    inbox = Inbox()
    await transport.consume(queue, 10, inbox)
    await transport.publish(message(queue, 1))
    (stale,) = await inbox.take(1)
    connection = await transport._receiving.connection()
    assert isinstance(connection, FastConnection)
    acks, _ = stale.token
    channels = cast(list[FastChannel], list(connection.socket.channels.values()))
    channel = next(each for each in channels if each.acks is acks)
    connection.socket.buffer.write(frames.method(commands.Basic.Ack(999), channel.number))
    (again,) = await inbox.take(1)
    assert again.redelivered
    for settle in (transport.ack, transport.requeue):
        await settle(stale)
    await transport.ack(again)
    await transport.publish(message(queue, 2))
    (after,) = await inbox.take(1)
    assert not connection.is_closed, "an ack for the closed channel has ended the connection"
    assert (after.body, after.redelivered) == (b"2", False)


async def test_one_bad_publication_fails_alone_among_many_in_flight(
    transport: FastTransport, queue: str
) -> None:
    good = [transport.publish(message(queue, number)) for number in range(50)]
    bad = transport.publish(message(queue, 50, exchange="absent"))
    more = [transport.publish(message(queue, number)) for number in range(51, 100)]
    outcomes = await asyncio.gather(*good, bad, *more, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [UnroutableError]


async def test_a_queue_that_was_deleted_is_declared_and_consumed_again(
    transport: FastTransport, scratch_broker_url: str, queue: str
) -> None:
    inbox = Inbox()
    await transport.consume(queue, 10, inbox)
    async with aiormq.Connection(scratch_broker_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(queue)
    async with asyncio.timeout(PATIENCE):
        while transport.ready:
            await asyncio.sleep(0.01)
        while not transport.ready:
            await asyncio.sleep(0.01)
    await transport.publish(message(queue, 7))
    (delivery,) = await inbox.take(1)
    await transport.ack(delivery)
    assert delivery.body == b"7"


async def test_acks_are_with_the_broker_when_close_returns(
    transport: FastTransport, scratch_broker_url: str, queue: str
) -> None:
    inbox = Inbox()
    await transport.consume(queue, 500, inbox)
    await asyncio.gather(*(transport.publish(message(queue, number)) for number in range(300)))
    deliveries = await inbox.take(300)
    for delivery in deliveries[:299]:
        await transport.ack(delivery)
    await transport.close()
    assert await waiting_in(scratch_broker_url, queue) == 1


async def test_unacked_deliveries_are_never_more_than_the_prefetch(
    transport: FastTransport, queue: str
) -> None:
    inbox = Inbox()
    await asyncio.gather(*(transport.publish(message(queue, number)) for number in range(60)))
    await transport.consume(queue, 10, inbox)
    held = await inbox.take(10)
    await asyncio.sleep(0.2)
    assert inbox._queue.empty()
    for delivery in held:
        await transport.requeue(delivery)
    assert len(await inbox.take(10)) == 10


async def test_bodies_larger_than_a_frame_come_back_whole(
    transport: FastTransport, queue: str
) -> None:
    body = bytes(range(256)) * 4_096
    inbox = Inbox()
    await transport.consume(queue, 20, inbox)
    await asyncio.gather(
        *(transport.publish(Publication(queue, body[n:], mandatory=True)) for n in range(20))
    )
    bodies = [delivery.body for delivery in await inbox.take(20)]
    # Publications that are made side by side may overtake one another; none comes in pieces.
    assert sorted(map(len, bodies)) == sorted(len(body) - n for n in range(20))
    assert all(each == body[-len(each) :] for each in bodies)


async def test_a_publication_that_is_not_confirmed_in_time_raises_and_says_why(
    scratch_broker_url: str, queue: str
) -> None:
    separator = "&" if "?" in scratch_broker_url else "?"
    made = transport_for(f"{scratch_broker_url}{separator}publish_timeout=0.5")
    assert isinstance(made, FastTransport)
    await made.connect()
    await made.publish(Publication(queue, b""))
    channel = made._sender._fast_channel  # type: ignore[attr-defined]
    channel.confirms.acked = lambda *_: None
    with pytest.raises(PublishTimeoutError, match=r"in 0.5 s: no confirm came"):
        await made.publish(Publication(queue, b""))
    await made.close()
