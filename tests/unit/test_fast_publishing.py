"""Many messages at once: in order, all confirmed, and what failed is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from jararaca import Exchange, Message, Publisher, Queue, QueueBinding, Topology, UnroutableError
from jararaca.publishing.batches import MAX_IN_FLIGHT
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Delivery, Publication, Transport
from jararaca.transport.connect import transport_for

COUNT = MAX_IN_FLIGHT + 300


class Made(Message):
    """A task, so that it must have a queue."""

    MESSAGE_TOPIC = "many.made"
    MESSAGE_TYPE = "task"
    number: int


class Lost(Message):
    """A task that nobody has a queue for."""

    MESSAGE_TOPIC = "many.nowhere"
    MESSAGE_TYPE = "task"


@pytest.fixture(params=["memory", pytest.param("amqp", marks=pytest.mark.broker)])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    """Connected, with the queue `many` for Made."""
    memory = f"memory://{uuid4()}"
    amqp = request.param == "amqp"
    made = transport_for(request.getfixturevalue("scratch_broker_url") if amqp else memory)
    await made.connect()
    await made.declare(
        Topology(
            (Exchange("jararaca", shared=True),),
            (Queue("many"),),
            (QueueBinding("jararaca", "many", "many.made"),),
        )
    )
    yield made
    await made.close()


async def numbers(transport: Transport, count: int) -> list[int]:
    """The numbers of so many messages in the queue, in the order of their receipt."""
    seen: list[int] = []
    done = asyncio.Event()

    async def take(delivery: Delivery) -> None:
        seen.append(Made.decode(delivery.body).number)
        await transport.ack(delivery)
        if len(seen) == count:
            done.set()

    consumer = await transport.consume("many", 100, take)
    await asyncio.wait_for(done.wait(), 30)
    await consumer.cancel()
    return seen


async def test_many_messages_arrive_all_and_in_their_order(transport: Transport) -> None:
    await Publisher(transport).publish_many(Made(number=n) for n in range(COUNT))
    assert await numbers(transport, COUNT) == list(range(COUNT))


async def test_one_that_fails_is_told_after_the_others_have_arrived(transport: Transport) -> None:
    messages = [Made(number=0), Lost(), Made(number=1)]
    with pytest.raises(UnroutableError, match="nowhere"):
        await Publisher(transport).publish_many(messages)
    assert await numbers(transport, 2) == [0, 1]


async def test_a_handlers_publications_go_out_in_order_and_none_twice(transport: Transport) -> None:
    staged = StagedPublisher(transport)
    for n in range(COUNT):
        await staged.publish(Made(number=n))
    await staged.publish(Lost())
    with pytest.raises(UnroutableError):
        await staged.flush()
    assert staged.staged == 1, "only what was not taken is kept"
    with pytest.raises(UnroutableError):
        await staged.flush()
    assert await numbers(transport, COUNT) == list(range(COUNT))


class Counting:
    """A transport that notes how many publications wait at a time."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def publish(self, publication: Publication) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1


async def test_no_more_than_the_limit_are_on_their_way_at_a_time() -> None:
    transport = Counting()
    await Publisher(transport).publish_many(Made(number=n) for n in range(3 * MAX_IN_FLIGHT))  # type: ignore[arg-type]
    assert transport.most == MAX_IN_FLIGHT
