"""Handlers that read a stream: in order, one worker at a time, and on from where they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from jararaca import (
    From,
    Queue,
)
from jararaca.contract import headers
from jararaca.contract.positions import position_queue
from jararaca.contract.topology import dead_letter_queue
from jararaca.messagebus.blame.verdict import CULPRIT
from jararaca.messagebus.streams import reader
from jararaca.transport import Publication
from jararaca.transport.amqp.transport import AmqpTransport

from tests.conformance.conftest import AMQP, PATIENCE, Bench
from tests.conformance.event_log import Log
from tests.support.brokers import delete_queues


@pytest.fixture
async def bench(broker_url: str) -> AsyncIterator[Bench]:
    made = Bench(broker_url)
    yield made
    await made.close()
    if not made.url.startswith("memory:"):
        left = (f"{made.name}.stream", position_queue(made.name), position_queue("named"))
        await delete_queues(made.url, *left)


async def test_a_new_handler_reads_history_in_order_and_goes_on_with_what_comes(
    bench: Bench,
) -> None:
    log = Log(bench)
    await log.declared()
    await log.publish(*range(5))
    async with log.reading():
        await log.until(5)
        await log.publish(5, 6)
        assert await log.until(7) == [0, 1, 2, 3, 4, 5, 6]


async def test_a_restarted_worker_goes_on_behind_what_was_handled(bench: Bench) -> None:
    log = Log(bench)
    async with log.reading():
        await log.publish(0, 1, 2)
        await log.until(3)
    await log.publish(3)
    async with log.reading():
        assert await log.until(4) == [0, 1, 2, 3]


@pytest.mark.parametrize("broker_url", AMQP, indirect=True)
@pytest.mark.parametrize("meanwhile", [True, False])
async def test_a_stream_that_was_deleted_and_declared_anew_is_not_passed_over_in_silence(
    bench: Bench,
    meanwhile: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """RabbitMQ gives nothing until the new one has come as far as the old one was read."""
    monkeypatch.setattr(reader, "FIRST_LOOK_SECONDS", 0.5)
    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.5)
    log = Log(bench)

    async def told() -> None:
        async with asyncio.timeout(2 * PATIENCE):
            while "deleted and declared anew" not in caplog.text:
                await asyncio.sleep(0.05)

    async def anew() -> None:
        await delete_queues(bench.url, log.stream)
        await log.declared()
        await log.publish(10, 11)

    async with log.reading():
        await log.publish(*range(10))
        await log.until(10)
        if meanwhile:
            await anew()
            await told()
    if not meanwhile:
        await anew()
        async with log.reading():
            await told()
    assert log.seen == [*range(10)]
    await delete_queues(bench.url, position_queue(bench.name))
    async with log.reading():
        await log.publish(12)
        assert await log.until(13) == [*range(13)]


async def test_what_fails_is_tried_in_its_place_and_then_is_a_dead_letter(bench: Bench) -> None:
    log = Log(bench)
    log.failing |= {1: 2, 3: 99}
    async with log.reading():
        await log.publish(*range(5))
        assert await log.until(4) == [0, 1, 2, 4]
    letters = await bench.connect()
    letter = await letters.fetch(dead_letter_queue(bench.name))
    assert letter is not None
    assert letter.body == b'{"number":3}'
    assert letter.headers[headers.OFFSET] == 3
    assert letter.headers[headers.STREAM] == log.stream
    assert letter.headers[headers.QUEUE] == bench.name
    await letters.ack(letter)


async def test_a_dead_letter_that_is_replayed_comes_to_the_handler_and_not_to_the_stream(
    bench: Bench,
) -> None:
    log = Log(bench)
    async with log.reading():
        transport = await bench.connect()
        await transport.publish(Publication(bench.name, b'{"number":7}', exchange=""))
        assert await log.until(1) == [7]
        await log.publish(8)
        assert await log.until(2) == [7, 8]


async def test_one_of_several_workers_reads_and_another_goes_on_when_it_stops(
    bench: Bench,
) -> None:
    log = Log(bench)
    first = log.worker()
    await first.start()
    async with log.reading():
        await log.publish(*range(10))
        await log.until(10)
        await first.stop()
        await log.publish(10, 11)
        assert await log.until(12) == [*range(12)]


async def test_after_a_lost_connection_all_is_handled_in_order(bench: Bench) -> None:
    log = Log(bench)
    async with log.reading() as worker:
        await log.publish(*range(5))
        await log.until(5)
        if isinstance(worker._transport, AmqpTransport):
            connection = await worker._transport._receiving.connection()
            await connection.close()
        await log.publish(5, 6)
        async with asyncio.timeout(PATIENCE):
            while 6 not in log.seen:
                await asyncio.sleep(0.01)
    assert sorted(set(log.seen)) == [*range(7)]
    assert log.seen[-2:] == [5, 6]


async def test_what_ends_its_connection_each_time_is_a_dead_letter_and_reading_goes_on(
    bench: Bench,
) -> None:
    log = Log(bench)
    log.ending.add(2)
    await log.declared()
    await log.publish(*range(4))
    lives, dead = 0, []
    async with asyncio.timeout(PATIENCE):
        while 3 not in log.seen:
            log.ended.clear()
            worker = log.worker()
            await worker.start()
            while not log.ended.is_set() and 3 not in log.seen:
                await asyncio.sleep(0.01)
            if log.ended.is_set():
                lives += 1
                await worker._transport.close()
            dead.append(asyncio.create_task(worker.stop()))
    assert CULPRIT <= lives <= CULPRIT + 2
    assert list(dict.fromkeys(log.seen)) == [0, 1, 3]
    letters = await bench.connect()
    letter = await letters.fetch(dead_letter_queue(bench.name))
    assert letter is not None and letter.body == b'{"number":2}'
    assert "it was begun 6 times at offset 2" in str(letter.headers[headers.REASON])
    await letters.ack(letter)
    for each in dead:
        each.cancel()
    await asyncio.gather(*dead, return_exceptions=True)


async def test_a_batch_is_divided_in_order_around_what_fails(bench: Bench) -> None:
    log = Log(bench, batch=4, within=0.3)
    log.failing[2] = 99
    await log.declared()
    await log.publish(*range(8))
    async with log.reading():
        assert await log.until(7) == [0, 1, 3, 4, 5, 6, 7]
    assert log.calls[0] == [0, 1, 2, 3]
    assert log.calls[-1] == [4, 5, 6, 7]
    assert [each.outcome for each in log.told].count("dead-lettered") == 1


async def test_a_handler_may_begin_with_the_last_ones(bench: Bench) -> None:
    log = Log(bench, stream=From.last(2))
    await log.declared()
    await log.publish(*range(6))
    async with log.reading():
        assert await log.until(2) == [4, 5]


async def test_a_handler_may_begin_at_a_time(bench: Bench) -> None:
    before = Log(bench)
    await before.declared()
    await before.publish(0, 1)
    await asyncio.sleep(2)  # A message's time is in whole seconds.
    log = Log(bench, stream=From.time(datetime.now(UTC)))
    await log.publish(2)
    async with log.reading():
        assert await log.until(1) == [2]


async def test_a_handler_goes_on_behind_what_another_has_stored(bench: Bench) -> None:
    log = Log(bench, stream=From.stored("named"))
    async with log.reading():
        await log.publish(0, 1)
        await log.until(2)
    other = Log(bench, stream=From.stored("named"))
    async with other.reading():
        await other.publish(2)
        assert await other.until(1) == [2]


async def test_events_that_are_not_kept_any_more_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench("memory://not-kept")
    log = Log(bench)
    kept = Queue(log.stream, arguments={"x-queue-type": "stream", "x-max-length-bytes": 40})
    queues = tuple(kept if q.name == log.stream else q for q in log.service.topology.queues)
    log.service = replace(log.service, topology=replace(log.service.topology, queues=queues))
    async with log.reading():
        await log.publish(0)
        await log.until(1)
    await log.publish(*range(1, 10))
    async with log.reading():
        await log.until(2)
    assert log.seen[0] == 0
    assert log.seen[-1] == 9
    assert "are not kept any more" in caplog.text
    await bench.close()
