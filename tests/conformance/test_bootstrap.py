"""A new handler that asks for history: one worker fills its queue with it, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

import pytest
from jararaca import ConfigurationError, From, MessageHandler, Microservice, Worker
from jararaca.contract.positions import bootstrap_name, position_queue
from jararaca.contract.topology import dead_letter_queue
from jararaca.messagebus.streams import bootstrap, refill
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench
from tests.conformance.event_log import Log
from tests.support.brokers import delete_queues
from tests.support.services import service_of


@pytest.fixture(autouse=True)
def no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody publishes while these tests begin."""
    monkeypatch.setattr(bootstrap, "SEAM_SECONDS", 0.0)


@pytest.fixture
async def bench(broker_url: str) -> AsyncIterator[Bench]:
    made = Bench(broker_url)
    yield made
    await made.close()
    if not made.url.startswith("memory:"):
        await delete_queues(made.url, f"{made.name}.stream", note_of(made))


def note_of(bench: Bench) -> str:
    return position_queue(bootstrap_name(bench.name))


def asking(bench: Bench, begin: From | None = None, **options: Any) -> Log:
    return Log(bench, stream=None, bootstrap=begin or From.first(), **options)


async def is_done(log: Log) -> None:
    """Wait until whoever starts finds nothing more to send: it goes on at once."""
    queue = note_of(log.bench)
    transport = await log.bench.connect()
    async with asyncio.timeout(PATIENCE):
        while (await transport.depth(queue)).consumers:
            await asyncio.sleep(0.02)


async def test_a_first_start_gets_history_and_goes_on_with_what_comes(bench: Bench) -> None:
    log = asking(bench)
    await log.kept(*range(5))
    async with log.reading():
        assert await log.until(5) == [*range(5)]
        await log.publish(5)
        assert await log.until(6) == [*range(6)]
        await is_done(log)
    async with log.reading():
        await is_done(log)
        await log.publish(6)
        assert await log.until(7) == [*range(7)]


async def test_a_queue_that_is_there_already_is_not_filled(bench: Bench) -> None:
    before = Log(bench, stream=None)
    async with before.reading():
        await before.publish(0)
        await before.until(1)
    log = asking(bench)
    async with log.reading():
        await is_done(log)
        await log.publish(1)
        assert await log.until(1) == [1]


async def test_of_two_workers_that_start_at_once_one_fills_the_queue(bench: Bench) -> None:
    log = asking(bench)
    await log.kept(*range(10))
    async with log.reading(), log.reading():
        await log.until(10)
        await is_done(log)
        await log.publish(10)
        await log.until(11)
    assert sorted(log.seen) == [*range(11)]


async def test_two_services_that_start_at_once_are_filled_each_for_itself(bench: Bench) -> None:
    log = asking(bench)
    await log.kept(*range(3))
    second = f"{bench.name}-2"
    theirs = service_of(replace(log.service.routes[0], queue=second))
    app = Microservice(theirs, controllers=[log.controller()])
    other = Worker(app, transport_for(bench.url))
    worker = log.worker()
    await asyncio.gather(worker.start(), other.start())
    await log.until(6)
    await is_done(log)
    await asyncio.gather(worker.stop(), other.stop())
    assert sorted(log.seen) == [0, 0, 1, 1, 2, 2]
    if bench.url.startswith("amqp"):
        note = position_queue(bootstrap_name(second))
        await delete_queues(bench.url, second, dead_letter_queue(second), note)


class TwoHoursLater(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(hours=2)


@pytest.mark.parametrize("begin", [From.first(), From.time(timedelta(hours=1))])
async def test_what_is_interrupted_goes_on_where_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, begin: From
) -> None:
    monkeypatch.setattr(bootstrap, "GROUP", 2)
    monkeypatch.setattr(refill, "LOOKED_AFTER", 1)
    monkeypatch.setattr(refill, "WAITING", 2)
    log = asking(bench, begin)
    await log.kept(*range(12))
    log.ending.add(3)
    async with log.reading(prefetch=1, shutdown_timeout=0.1):
        await asyncio.wait_for(log.ended.wait(), PATIENCE)
        await log.publish(12)
    log.ending.clear()
    monkeypatch.setattr(bootstrap, "datetime", TwoHoursLater)
    async with log.reading():
        await log.until(13)
        await is_done(log)
    # A group may be sent again: whether it was is not known.
    assert set(log.seen) == {*range(13)} and len(log.seen) <= 15


@pytest.mark.parametrize(
    ("begin", "expected"), [(From.last(2), 2), (From.time(timedelta(hours=1)), 4)]
)
async def test_history_begins_where_it_is_asked_for(
    bench: Bench, begin: From, expected: int
) -> None:
    log = asking(bench, begin)
    await log.kept(*range(4))
    async with log.reading():
        await log.until(expected)
        await is_done(log)
    assert log.seen == [*range(4)][-expected:]


async def test_a_stream_without_events_is_no_history(bench: Bench) -> None:
    log = asking(bench)
    async with log.reading():
        await is_done(log)
        await log.publish(0)
        assert await log.until(1) == [0]


def test_a_handler_whose_events_are_not_kept_is_told_what_to_do() -> None:
    log = asking(Bench("memory://bootstrap"))
    routes = tuple(replace(each, stream=None) for each in log.service.routes)
    with pytest.raises(ConfigurationError, match="add `x-stream"):
        topology_of(replace(log.service, routes=routes))


@pytest.mark.parametrize(
    "options",
    [
        {"bootstrap": True},
        {"bootstrap": From.stored("name")},
        {"bootstrap": From.first(), "stream": From.first()},
        {"bootstrap": From.first(), "ordered": True},
        {"bootstrap": From.first(), "ordered_by": hash},
    ],
)
def test_what_makes_no_sense_of_history_is_refused(options: dict[str, Any]) -> None:
    log = Log(Bench("memory://refused"), stream=None)
    with pytest.raises(ValueError, match="bootstrap"):
        MessageHandler(log.made, **options)
