"""Reading a stream: in order, from wherever is asked, and on after a lost connection."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from jararaca import Exchange, Queue, QueueBinding, Topology
from jararaca.errors import BrokerError, QueueNotFoundError
from jararaca.transport import Transport
from jararaca.transport.amqp.transport import AmqpTransport

from tests.conformance.conftest import Bench, Inbox, message


async def streamed(bench: Bench, count: int, **arguments: object) -> Transport:
    """A connection whose stream has so many messages: `0`, `1`, ..."""
    transport = await bench.connect()
    await transport.declare(
        Topology(
            (Exchange("jararaca", shared=True),),
            (Queue(bench.name, arguments={"x-queue-type": "stream", **arguments}),),
            (QueueBinding("jararaca", bench.name, bench.key),),
        )
    )
    for number in range(count):
        await transport.publish(message(bench.key, str(number).encode()))
    return transport


async def test_a_stream_is_read_from_its_beginning_by_each_who_asks(bench: Bench) -> None:
    transport = await streamed(bench, 5)
    for _ in range(2):
        inbox = Inbox(transport.ack)
        consumer = await transport.read(bench.name, 2, inbox, "first")
        assert await inbox.bodies(5) == [b"0", b"1", b"2", b"3", b"4"]
        await consumer.cancel()


async def test_a_read_message_says_where_it_stands(bench: Bench) -> None:
    transport = await streamed(bench, 3)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, "first")
    assert [(await inbox.next()).offset for _ in range(3)] == [0, 1, 2]


async def test_reading_begins_at_an_offset(bench: Bench) -> None:
    transport = await streamed(bench, 6)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, 4)
    assert await inbox.bodies(2) == [b"4", b"5"]


async def test_reading_what_is_to_come_passes_over_what_is_there(bench: Bench) -> None:
    transport = await streamed(bench, 3)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, "next")
    await transport.publish(message(bench.key, b"new"))
    assert (await inbox.next()).body == b"new"


@pytest.mark.parametrize("before", [timedelta(hours=1), timedelta(days=60 * 365)])
async def test_reading_from_a_time_before_all_begins_with_the_first(
    bench: Bench, before: timedelta
) -> None:
    """AMQP's timestamps begin with 1970."""
    transport = await streamed(bench, 2)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, datetime.now(UTC) - before)
    assert await inbox.bodies(2) == [b"0", b"1"]


async def test_the_last_message_is_among_the_last(bench: Bench) -> None:
    transport = await streamed(bench, 3)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, "last")
    while (await inbox.next()).body != b"2":
        pass


async def test_no_more_come_than_are_not_acked(bench: Bench) -> None:
    transport = await streamed(bench, 10)
    inbox = Inbox()
    await transport.read(bench.name, 3, inbox, "first")
    held = [await inbox.next() for _ in range(3)]
    await asyncio.sleep(0.3)
    assert not inbox.waiting
    for each in held:
        await transport.ack(each)
    assert await inbox.bodies(3) == [b"3", b"4", b"5"]


async def test_after_a_lost_connection_reading_goes_on_behind_the_last(bench: Bench) -> None:
    transport = await streamed(bench, 4)
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, "first")
    assert await inbox.bodies(4) == [b"0", b"1", b"2", b"3"]
    if isinstance(transport, AmqpTransport):
        connection = await transport._receiving.connection()
        await connection.close()
    await transport.publish(message(bench.key, b"4"))
    assert (await inbox.next()).body == b"4"


async def test_a_binding_from_before_ends_where_it_is_not_wanted(bench: Bench) -> None:
    transport = await bench.declared()
    await transport.declare(Topology(unbound=(QueueBinding("jararaca", bench.name, bench.key),)))
    await transport.publish(message(bench.key))
    assert await transport.count(bench.name) == 0


async def test_nothing_is_read_of_what_is_not_there(bench: Bench) -> None:
    transport = await bench.connect()
    with pytest.raises(QueueNotFoundError):
        await transport.read("nobody-has-declared-this", 10, Inbox(), "first")


async def test_what_is_beyond_the_limit_is_not_read_any_more() -> None:
    bench = Bench("memory://limits")
    transport = await streamed(bench, 10, **{"x-max-length-bytes": 3})
    inbox = Inbox(transport.ack)
    await transport.read(bench.name, 10, inbox, 0)
    assert await inbox.bodies(3) == [b"7", b"8", b"9"]
    with pytest.raises(BrokerError):
        await transport.fetch(bench.name)
    await bench.close()
