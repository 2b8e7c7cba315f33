"""Streams with `filter-by`: who reads some values gets these, whatever the broker leaves out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from jararaca import ConfigurationError, From
from jararaca.contract.headers import FILTER_VALUE
from jararaca.contract.positions import position_queue
from jararaca.operations.replay.replay import Replay, Replayed, Wanted, routes_called
from jararaca.publishing.publication import publication_of
from jararaca.routing.declarations import topology_of
from jararaca.transport import Publication

from tests.conformance.conftest import Bench
from tests.conformance.event_log import Log
from tests.support.brokers import delete_queues

NUMBER = "$message.payload#/number"


@pytest.fixture
async def bench(broker_url: str) -> AsyncIterator[Bench]:
    made = Bench(broker_url)
    yield made
    await made.close()
    if not made.url.startswith("memory:"):
        await delete_queues(made.url, f"{made.name}.stream", position_queue(made.name))


def filtered(bench: Bench, stream: From | None) -> Log:
    return Log(bench, stream=stream, filter_by=NUMBER)


async def foreign(bench: Bench, *numbers: int) -> None:
    """Events of a publisher who knows nothing of filters."""
    transport = await bench.connect()
    for number in numbers:
        body = b'{"number":%d}' % number
        await transport.publish(Publication(bench.name, body, exchange="jararaca"))


async def test_a_handler_gets_its_values_alone_and_those_of_foreign_publishers(
    bench: Bench,
) -> None:
    log = filtered(bench, From.first().only("1", "3"))
    await log.declared()
    await log.publish(*range(5))
    await foreign(bench, 2, 3)
    async with log.reading():
        assert await log.until(3) == [1, 3, 3]
        await log.publish(2, 1)
        assert await log.until(4) == [1, 3, 3, 1]
    await log.publish(0, 3)
    async with log.reading():
        assert await log.until(5) == [1, 3, 3, 1, 3]


async def replayed(bench: Bench, log: Log, **where: str) -> Replayed:
    routes = routes_called(log.service.routes, "take")
    wanted = Wanted(where=tuple(where.items()))
    transport = await bench.connect()
    return await Replay(transport, routes, log.service.routes, wanted, lambda done, of: None).run()


@pytest.mark.parametrize("last", [2, 7])
async def test_a_replay_of_a_value_ends_whatever_comes_last(bench: Bench, last: int) -> None:
    log = filtered(bench, None)
    async with log.reading():
        await log.publish(*range(4), last)
        await log.until(5)
        done = await replayed(bench, log, number="2")
        expected = 1 + (last == 2)
        assert done.sent == expected
        assert await log.until(5 + expected) == [0, 1, 2, 3, last, *[2] * expected]
        assert (await replayed(bench, log, number="9")).sent == 0


async def test_a_replay_finds_what_a_foreign_publisher_sent(bench: Bench) -> None:
    log = filtered(bench, None)
    async with log.reading():
        await log.publish(1)
        await foreign(bench, 2)
        await log.publish(3)
        await log.until(3)
        assert (await replayed(bench, log, number="2")).sent == 1


def test_a_publication_has_its_value_for_the_broker() -> None:
    made = filtered(Bench("memory://value"), None).made
    assert publication_of(made(number=7)).headers == {FILTER_VALUE: "7"}


def test_values_of_a_stream_that_is_filtered_by_nothing_are_refused() -> None:
    log = filtered(Bench("memory://nothing"), From.first().only("1"))
    routes = tuple(replace(each, filter_by=None) for each in log.service.routes)
    with pytest.raises(ConfigurationError, match="add `filter-by"):
        topology_of(replace(log.service, routes=routes))


@pytest.mark.parametrize("values", [(), (7,), ("a", None)])
def test_values_that_are_no_texts_are_refused(values: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="values as texts"):
        From.first().only(*values)
