"""Acks, redelivery, prefetch and dead letters: the same promises on every broker."""

from __future__ import annotations

import asyncio

import pytest
from jararaca import Queue, Topology
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import Delivery, Properties, Publication

from tests.conformance.conftest import Bench, Inbox, message
from tests.support.brokers import version_of


async def test_a_delivery_that_is_not_acked_comes_again_when_the_connection_closes(
    bench: Bench,
) -> None:
    first, second = await bench.declared(), await bench.connect()
    inbox, again = Inbox(), Inbox()
    await first.consume(bench.name, 10, inbox)
    await first.publish(message(bench.key, b"1"))
    assert (await inbox.next()).redelivered is False
    await first.close()
    await second.consume(bench.name, 10, again)
    delivery = await again.next()
    assert (delivery.body, delivery.redelivered) == (b"1", True)


async def test_a_delivery_that_is_acked_never_comes_again(bench: Bench) -> None:
    first, second = await bench.declared(), await bench.connect()
    inbox, again = Inbox(), Inbox()
    await first.consume(bench.name, 10, inbox)
    await first.publish(message(bench.key, b"1"))
    await first.ack(await inbox.next())
    await first.close()
    await second.consume(bench.name, 10, again)
    await second.publish(message(bench.key, b"2"))
    assert (await again.next()).body == b"2"


async def test_a_requeued_delivery_comes_again_marked_as_redelivered(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox()
    await transport.consume(bench.name, 1, inbox)
    await transport.publish(message(bench.key, b"1"))
    await transport.requeue(await inbox.next())
    assert (await inbox.next()).redelivered is True


async def test_prefetch_bounds_what_is_unsettled(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox()
    await transport.consume(bench.name, 2, inbox)
    for number in range(5):
        await transport.publish(message(bench.key, b"%d" % number))
    held = [await inbox.next(), await inbox.next()]
    await asyncio.sleep(0.3)
    assert inbox.waiting == 0, "a third came while two were unsettled"
    await transport.ack(held[0])
    assert (await inbox.next()).body == b"2"


async def test_a_delivery_is_settled_on_its_own_connection_or_not_at_all(bench: Bench) -> None:
    first, second = await bench.declared(), await bench.connect()
    inbox, again = Inbox(), Inbox()
    await first.consume(bench.name, 10, inbox)
    await first.publish(message(bench.key, b"1"))
    stale = await inbox.next()
    await first.close()
    await second.consume(bench.name, 10, again)
    await again.next()
    await first.requeue(stale)
    await first.ack(stale)
    await second.close()
    third = await bench.connect()
    last = Inbox()
    await third.consume(bench.name, 10, last)
    assert (await last.next()).body == b"1"
    await asyncio.sleep(0.3)
    assert last.waiting == 0, "giving a stale delivery back has made a second message of it"


async def test_a_cancelled_consumer_gets_nothing_new_and_may_settle_what_it_has(
    bench: Bench,
) -> None:
    transport = await bench.declared()
    inbox, other = Inbox(), Inbox()
    consumer = await transport.consume(bench.name, 10, inbox)
    await transport.publish(message(bench.key, b"1"))
    held = await inbox.next()
    await consumer.cancel()
    await transport.publish(message(bench.key, b"2"))
    await transport.ack(held)
    await transport.consume(bench.name, 10, other)
    assert (await other.next()).body == b"2"
    assert inbox.waiting == 0


async def test_a_message_that_keeps_coming_back_ends_in_the_dead_letters(bench: Bench) -> None:
    transport = await bench.declared(**{"x-delivery-limit": 2})
    dead = Inbox()
    seen: list[bytes] = []

    async def give_back(delivery: Delivery) -> None:
        seen.append(b"x")
        await transport.requeue(delivery, failed=True)

    await transport.consume(bench.name, 1, Inbox(give_back))
    await transport.consume(dead_letter_queue(bench.name), 1, dead)
    await transport.publish(message(bench.key, b"poison"))
    assert (await dead.next()).body == b"poison"
    assert len(seen) == 3, "delivered once, and redelivered up to the limit"


async def test_what_a_stopping_worker_gives_back_is_not_dead_lettered_from_4_3_on(
    bench: Bench,
) -> None:
    if "amqp" in bench.url and await version_of(bench.url) < (4, 3):
        pytest.skip("up to RabbitMQ 4.2 whatever comes back counts")
    transport = await bench.declared(**{"x-delivery-limit": 2})
    inbox = Inbox()
    await transport.consume(bench.name, 1, inbox)
    await transport.publish(message(bench.key, b"patient"))
    for _ in range(5):
        await transport.requeue(await inbox.next())
    assert (await inbox.next()).body == b"patient"


async def test_two_consumers_share_a_queue_and_each_message_goes_to_one(bench: Bench) -> None:
    first, second = await bench.declared(), await bench.connect()
    one, two = Inbox(first.ack), Inbox(second.ack)
    await first.consume(bench.name, 1, one)
    await second.consume(bench.name, 1, two)
    for number in range(20):
        await first.publish(message(bench.key, b"%d" % number))
    async with asyncio.timeout(20):
        while one.waiting + two.waiting < 20:
            await asyncio.sleep(0.01)
    bodies = await one.bodies(one.waiting) + await two.bodies(two.waiting)
    assert sorted(bodies, key=int) == [b"%d" % number for number in range(20)]


async def test_a_quorum_queue_hands_over_the_highest_of_its_32_levels_first(bench: Bench) -> None:
    """A message without a priority has 4; above 31 all are 31."""
    if "amqp" in bench.url and await version_of(bench.url) < (4, 3):
        pytest.skip("up to RabbitMQ 4.2 there are two levels, or none")
    transport = await bench.declared()
    for priority in (None, 0, 3, 5, 200, 31, 4):
        properties = Properties(priority=priority)
        await transport.publish(message(bench.key, str(priority).encode(), properties=properties))
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    assert await inbox.bodies(7) == [b"200", b"31", b"5", b"None", b"4", b"3", b"0"]


async def test_a_queue_with_priorities_hands_over_the_highest_first(bench: Bench) -> None:
    transport = await bench.connect()
    await transport.declare(Topology(queues=(Queue(bench.name, arguments={"x-max-priority": 9}),)))
    for priority in (1, 9, 5):
        properties = Properties(priority=priority)
        body = b"%d" % priority
        await transport.publish(Publication(bench.name, body, "", properties, mandatory=True))
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    assert await inbox.bodies(3) == [b"9", b"5", b"1"]
