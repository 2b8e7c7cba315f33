"""Routing, confirms, refusals and delays: the same promises on every broker."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from jararaca import (
    Exchange,
    PublishNackedError,
    Queue,
    QueueBinding,
    QueueNotFoundError,
    Topology,
    TopologyMismatchError,
    UnroutableError,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import Properties, Publication, Terms

from tests.conformance.conftest import Bench, Inbox, message


@pytest.mark.parametrize("name", ["fila são 'x'", "日本", "a*b#c", "\x1b[2J", "[](){}^$|\\"])
async def test_a_queue_may_have_any_name(bench: Bench, name: str) -> None:
    bench.name = f"{name}-{uuid4().hex[:8]}"
    transport = await bench.declared()
    assert await transport.inspect(bench.topology())
    await transport.publish(message(bench.key, b"1"))
    await transport.publish(message(bench.name, b"2", exchange=""))
    assert await transport.count(bench.name) in (1, 2)
    found = await transport.fetch(bench.name)
    assert found is not None
    await transport.ack(found)
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 10, inbox)
    assert {found.body, *await inbox.bodies(1)} == {b"1", b"2"}


async def test_a_message_arrives_as_it_was_published(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox()
    properties = Properties(
        message_id="id-1",
        type="Made",
        content_type="application/json",
        content_encoding="identity",
        correlation_id="c-1",
        reply_to="answers",
        timestamp=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        app_id="shop",
    )
    headers = {"tenant": "eu", "attempts": 3, "nested": {"a": [1, "x"]}}
    await transport.consume(bench.name, 1, inbox)
    await transport.publish(message(bench.key, b'{"a": 1}', properties=properties, headers=headers))
    delivery = await inbox.next()
    assert (delivery.queue, delivery.routing_key) == (bench.name, bench.key)
    assert (delivery.exchange, delivery.body) == ("jararaca", b'{"a": 1}')
    assert delivery.properties == properties
    assert dict(delivery.headers) == headers


async def test_a_body_of_several_frames_arrives_whole(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox()
    body = bytes(range(256)) * 1_500
    await transport.consume(bench.name, 1, inbox)
    await transport.publish(message(bench.key, body))
    assert (await inbox.next()).body == body


async def test_messages_of_one_publisher_arrive_in_order(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    for number in range(50):
        await transport.publish(message(bench.key, b"%d" % number))
    await transport.consume(bench.name, 1, inbox)
    assert await inbox.bodies(50) == [b"%d" % number for number in range(50)]


async def test_a_mandatory_message_without_a_queue_raises(bench: Bench) -> None:
    transport = await bench.declared()
    with pytest.raises(UnroutableError, match="nowhere"):
        await transport.publish(message("nowhere", mandatory=True))
    with pytest.raises(UnroutableError):
        await transport.publish(Publication("no-such-queue", b"", "", mandatory=True))
    await transport.publish(message("nowhere"))


async def test_an_exchange_that_is_not_there_raises_and_hurts_nobody_else(bench: Bench) -> None:
    transport = await bench.declared()
    with pytest.raises(UnroutableError, match="no exchange 'absent'"):
        await transport.publish(message("key", exchange="absent"))
    await transport.publish(message(bench.key, mandatory=True))


async def test_a_full_queue_refuses_a_message_and_the_publisher_hears_it(bench: Bench) -> None:
    transport = await bench.declared(**{"x-max-length": 1})
    with pytest.raises(PublishNackedError):
        # RabbitMQ counts with a little delay: it may take a few more than the limit.
        for _ in range(20):
            await transport.publish(message(bench.key))


async def test_a_queue_that_is_not_there_is_named(bench: Bench) -> None:
    transport = await bench.declared()
    with pytest.raises(QueueNotFoundError, match="no queue 'absent'"):
        await transport.consume("absent", 1, Inbox())


async def test_a_queue_that_differs_is_named_with_both_values_and_the_way_out(
    bench: Bench,
) -> None:
    transport = await bench.declared(**{"x-delivery-limit": 3})
    with pytest.raises(TopologyMismatchError) as raised:
        await transport.declare(bench.topology(**{"x-delivery-limit": 7}))
    for part in (bench.name, "x-delivery-limit", "7", "3", "delete"):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "pattern", "fitting", "other"),
    [
        ("topic", "a.*.c", "a.b.c", "a.c"),
        ("topic", "a.#", "a.b.c", "b"),
        ("direct", "a.*", "a.*", "a.b"),
        ("fanout", "", "anything", None),
    ],
)
async def test_an_exchange_routes_by_its_type(
    bench: Bench, kind: str, pattern: str, fitting: str, other: str | None
) -> None:
    transport = await bench.connect()
    exchange = f"{kind}-{uuid4().hex[:8]}"
    queue = Queue(bench.name, arguments={"x-queue-type": "quorum"})
    await transport.declare(
        Topology(
            (Exchange(exchange, kind),),  # type: ignore[arg-type]
            (queue,),
            (QueueBinding(exchange, bench.name, pattern),),
        )
    )
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 5, inbox)
    await transport.publish(message(fitting, b"fits", exchange=exchange, mandatory=True))
    assert (await inbox.next()).body == b"fits"
    if other is not None:
        with pytest.raises(UnroutableError):
            await transport.publish(message(other, exchange=exchange, mandatory=True))


async def test_a_queue_bound_twice_gets_a_message_once(bench: Bench) -> None:
    transport = await bench.connect()
    topology = bench.topology()
    more = QueueBinding("jararaca", bench.name, f"{bench.name}.#")
    await transport.declare(
        Topology(topology.exchanges, topology.queues, (*topology.bindings, more))
    )
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 5, inbox)
    await transport.publish(message(bench.key, b"1"))
    await transport.publish(message(bench.key, b"2"))
    assert await inbox.bodies(2) == [b"1", b"2"]


async def test_delayed_messages_come_in_the_order_of_their_delays_each_once(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 5, inbox)
    for delay in (2.6, 0.1, 1.9, 0.7, 1.3):
        later = Publication(bench.name, b"%.1f" % delay, "", mandatory=True, delay=delay)
        await transport.publish(later)
    await transport.publish(Publication(bench.name, b"days", "", mandatory=True, delay=200_000.0))
    assert await inbox.bodies(5) == [b"0.1", b"0.7", b"1.3", b"1.9", b"2.6"]
    await transport.publish(message(bench.key, b"end"))
    assert await inbox.bodies(1) == [b"end"]


async def test_a_delayed_message_reaches_no_queue_but_its_own(bench: Bench) -> None:
    """One queue's name ends with the other's: a delivery must not go by the last words."""
    transport = await bench.connect()
    longer = Queue(f"shop.{bench.name}", arguments={"x-queue-type": "quorum"})
    await transport.declare(bench.topology(longer))
    mine, other = Inbox(transport.ack), Inbox(transport.ack)
    await transport.consume(bench.name, 5, mine)
    await transport.consume(longer.name, 5, other)
    await transport.publish(Publication(longer.name, b"long", "", mandatory=True, delay=0.1))
    assert await other.bodies(1) == [b"long"]
    await transport.publish(Publication(bench.name, b"short", "", mandatory=True, delay=0.1))
    assert await mine.bodies(1) == [b"short"]


async def test_a_delayed_event_goes_to_all_its_queues_by_its_topic(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 5, inbox)
    await transport.publish(message(bench.key, b"later", delay=0.2))
    await transport.publish(message(f"{bench.name}.nobody", b"dropped", delay=0.1))
    await transport.publish(message(bench.key, b"now"))
    # A busy machine may take longer to publish than the delay is.
    assert sorted(await inbox.bodies(2)) == [b"later", b"now"]


async def test_a_delayed_task_without_a_queue_holds_up_nobody(bench: Bench) -> None:
    if bench.url.startswith("memory:"):
        pytest.skip("the memory broker routes a delayed task when it is due, as it does any other")
    publisher = await bench.connect()
    await publisher.declare(Topology(bench.topology().exchanges))
    await publisher.publish(message(bench.key, b"task", delay=0.1, mandatory=True))
    other = Bench(bench.url)
    try:
        consumer = await other.declared()
        inbox = Inbox(consumer.ack)
        await consumer.consume(other.name, 5, inbox)
        await publisher.publish(message(other.key, b"event", delay=0.2))
        assert await inbox.bodies(1) == [b"event"]
    finally:
        await other.close()


async def test_a_message_that_waited_too_long_is_a_dead_letter(bench: Bench) -> None:
    letters = dead_letter_queue(bench.name)
    transport = await bench.declared(
        **{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": letters}
    )
    await transport.publish(message(bench.key, b"1", terms=Terms(expiration=1)))
    while (letter := await transport.fetch(letters)) is None:
        await transport.count(bench.name)
        await asyncio.sleep(0.01)
    assert letter.body == b"1"
    await transport.ack(letter)
    assert await transport.count(bench.name) == 0


async def test_a_publisher_may_say_who_it_is_and_what_need_not_last(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    terms = Terms(expiration=60_000, persistent=False, user_id="guest")
    properties = Properties(message_id="1", type="Made", app_id="shop", reply_to="answers")
    await transport.publish(message(bench.key, b"1", properties=properties, terms=terms))
    delivery = await inbox.next()
    assert (delivery.body, delivery.properties) == (b"1", properties)
