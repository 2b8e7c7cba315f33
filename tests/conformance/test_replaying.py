"""Replaying: history goes to one handler's queue, in order, and can be interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from jararaca import ConfigurationError, From
from jararaca.operations.replay.replay import Replay, Replayed, Wanted, routes_called
from jararaca.transport import Publication, Transport

from tests.conformance.conftest import Bench
from tests.conformance.event_log import Log
from tests.support.brokers import delete_queues

ALL = Wanted()


@pytest.fixture
async def bench(broker_url: str) -> AsyncIterator[Bench]:
    made = Bench(broker_url)
    yield made
    await made.close()
    if not made.url.startswith("memory:"):
        await delete_queues(made.url, f"{made.name}.stream")


async def replayed(bench: Bench, log: Log, wanted: Wanted = ALL, *, dry: bool = False) -> Replayed:
    return await replay_of(await bench.connect(), log, wanted).run(dry=dry)


def replay_of(transport: Transport, log: Log, wanted: Wanted) -> Replay:
    routes = routes_called(log.service.routes, "take")
    return Replay(transport, routes, log.service.routes, wanted, lambda done, total: None)


async def test_history_comes_to_the_handler_again_in_order(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(*range(5))
        await log.until(5)
        done = await replayed(bench, log)
        assert await log.until(10) == [*range(5), *range(5)]
    assert (done.read, done.sent) == (5, 5)


async def test_a_handler_of_the_stream_gets_it_beside_what_it_reads(bench: Bench) -> None:
    log = Log(bench, stream=From.first())
    async with log.reading():
        await log.publish(0, 1)
        await log.until(2)
        await replayed(bench, log)
        await log.until(4)
        await log.publish(2)
        assert await log.until(5) == [0, 1, 0, 1, 2]


async def test_only_events_with_the_values_go(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(*range(4))
        await log.until(4)
        done = await replayed(bench, log, Wanted(where=(("number", "2"),)))
        assert await log.until(5) == [0, 1, 2, 3, 2]
    assert (done.read, done.sent) == (4, 1)


async def test_what_nobody_can_read_has_no_values_and_ends_no_replay(bench: Bench) -> None:
    log = Log(bench, stream=None)
    await log.declared()
    transport = await bench.connect()
    for body in (b"[" * 100_000, b"{", b"7"):
        await transport.publish(Publication(bench.name, body))
    await log.publish(2)
    done = await replayed(bench, log, Wanted(where=(("number", "2"),)), dry=True)
    assert (done.read, done.sent) == (4, 1)


async def test_only_events_of_the_time_go(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(0, 1)
        await log.until(2)
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert (await replayed(bench, log, Wanted(since=now - hour), dry=True)).sent == 2
    assert (await replayed(bench, log, Wanted(until=now - hour), dry=True)).sent == 0


async def test_a_dry_run_sends_nothing(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(0, 1)
        await log.until(2)
    done = await replayed(bench, log, dry=True)
    assert done.sent == 2
    assert [each.body for each in done.samples] == [b'{"number":0}', b'{"number":1}']
    assert await (await bench.connect()).count(bench.name) == 0


async def test_an_interrupted_replay_goes_on_behind_what_was_sent(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(*range(6))
        await log.until(6)
    transport = await bench.connect()
    wanted = Wanted(rate=3.0)
    stopped = asyncio.create_task(replay_of(transport, log, wanted).run())
    while await transport.count(bench.name) < 3:
        await asyncio.sleep(0.01)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    done = await replayed(bench, log, wanted)
    assert done.resumed is not None
    async with log.reading():
        handled = await log.until(12)
    # What was sent last may be sent again: whether it was is not known.
    assert sorted(set(handled[6:])) == [*range(6)]
    assert len(handled) <= 13


async def test_what_is_replayed_twice_from_the_start_is_sent_twice(bench: Bench) -> None:
    log = Log(bench, stream=None)
    async with log.reading():
        await log.publish(0)
        await log.until(1)
        await replayed(bench, log)
        await replayed(bench, log)
        assert await log.until(3) == [0, 0, 0]


async def test_an_idempotent_handler_skips_what_it_has_done(bench: Bench) -> None:
    log = Log(bench, stream=None, idempotent=True)
    async with log.reading():
        await log.publish(0, 1)
        await log.until(2)
        await replayed(bench, log)
        await log.publish(2)
        assert await log.until(3) == [0, 1, 2]
    assert [each.outcome for each in log.told].count("duplicate") == 2


@pytest.mark.parametrize("published", [False, True])
async def test_what_the_handler_publishes_is_dropped_unless_it_is_wanted(
    bench: Bench, published: bool
) -> None:
    log = Log(bench, stream=None, follows=True)
    async with log.reading():
        await log.publish(0)
        await log.until(1)
        await replayed(bench, log, Wanted(published=published))
        await log.until(2)
    outside = await bench.connect()
    assert await outside.count(log.followers) == (2 if published else 1)
    await delete_queues(bench.url, log.followers) if bench.url.startswith("amqp") else None


def test_a_handler_whose_events_are_not_kept_is_told_what_to_do() -> None:
    log = Log(Bench("memory://not-kept"), stream=None)
    from dataclasses import replace

    routes = [replace(each, stream=None) for each in log.service.routes]
    with pytest.raises(ConfigurationError, match="add `x-stream"):
        routes_called(routes, "take")
    with pytest.raises(ConfigurationError, match="no handler is called nobody"):
        routes_called(routes, "nobody")
