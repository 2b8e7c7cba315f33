"""The memory broker ends what is ended: a consumer gets nothing more, and its queue keeps it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from jararaca import Exchange, Queue, Topology
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_exchange

from tests.conformance.conftest import Inbox


async def test_a_consumer_that_is_cancelled_gets_nothing_more_and_cancels_once() -> None:
    transport = transport_for(f"memory://{uuid4()}")
    await transport.connect()
    await transport.declare(Topology((), (Queue("queue"),), ()))
    first, second = Inbox(transport.ack), Inbox(transport.ack)
    consumer = await transport.consume("queue", 10, first)
    await transport.publish(Publication("queue", b"1", ""))
    assert await first.bodies(1) == [b"1"]
    await consumer.cancel()
    await consumer.cancel()
    await transport.publish(Publication("queue", b"2", ""))
    await asyncio.sleep(0.05)
    assert first.waiting == 0
    assert await transport.count("queue") == 1
    await transport.consume("queue", 10, second)
    assert await second.bodies(1) == [b"2"]
    await transport.close()


def test_what_was_delayed_in_a_loop_that_has_ended_comes_in_the_next_one() -> None:
    """As where a command publishes, and another one works on the same broker afterwards."""
    url = f"memory://{uuid4()}"

    async def publish() -> None:
        first = transport_for(url)
        await first.connect()
        await first.declare(Topology((), (Queue("queue"),), ()))
        await first.publish(Publication("queue", b"later", "", delay=0.05))

    async def receive() -> list[bytes]:
        second, inbox = transport_for(url), Inbox()
        await second.connect()
        await second.consume("queue", 1, inbox)
        return await inbox.bodies(1)

    asyncio.run(publish())
    assert asyncio.run(receive()) == [b"later"]


async def test_the_services_own_exchange_is_the_urls_else_the_documents() -> None:
    named = transport_for(f"memory://{uuid4()}?exchange=mine")
    unnamed = transport_for(f"memory://{uuid4()}")
    documented = Topology((Exchange("theirs", shared=True),), (), ())
    for transport, exchange in ((named, "mine"), (unnamed, "theirs")):
        await transport.connect()
        await transport.declare(documented)
        assert transport.exchange == exchange
        await transport.declare(Topology((), (), ()))
        assert transport.exchange == exchange, "a topology without one changes nothing"
        assert [each.name for each in await transport.inspect(documented)] == [exchange]
        await transport.close()


def test_an_exchange_that_the_url_names_stays() -> None:
    assert with_exchange("memory://x", "a b") == "memory://x?exchange=a%20b"
    assert with_exchange("memory://x?exchange=mine", "other") == "memory://x?exchange=mine"
    assert with_exchange("amqp://h/?heartbeat=5", "a") == "amqp://h/?heartbeat=5&exchange=a"


async def test_where_one_consumer_has_the_queue_the_next_has_it_once_the_first_is_cancelled() -> (
    None
):
    transport = transport_for(f"memory://{uuid4()}")
    await transport.connect()
    single = Queue("queue", arguments={"x-single-active-consumer": True})
    await transport.declare(Topology((), (single,), ()))
    first, second = Inbox(), Inbox()
    consumer = await transport.consume("queue", 1, first)
    await transport.consume("queue", 1, second)
    for body in (b"1", b"2"):
        await transport.publish(Publication("queue", body, ""))
    assert await first.bodies(1) == [b"1"]
    await asyncio.sleep(0.02)
    assert (first.waiting, second.waiting) == (0, 0)
    await consumer.cancel()
    assert await second.bodies(1) == [b"2"]
    await transport.close()


async def test_a_consumer_that_takes_one_at_a_time_anyway_is_never_careful() -> None:
    transport = transport_for(f"memory://{uuid4()}")
    await transport.connect()
    await transport.declare(Topology((), (Queue("queue"),), ()))
    for prefetch, careful in ((1, False), (2, True)):
        consumer = await transport.consume("queue", prefetch, Inbox(), careful=True)
        assert consumer.careful is careful
        await consumer.be_careful(False)
        assert consumer.careful is False
        await consumer.be_careful(True)
        assert consumer.careful is careful
    await transport.close()
