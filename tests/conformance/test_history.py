"""A range of a stream: all of it, whatever its length, and an end where the stream is gone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from jararaca.errors import QueueNotFoundError
from jararaca.messagebus.streams import history as module
from jararaca.messagebus.streams.ends import last_offset
from jararaca.messagebus.streams.history import AT_ONCE, history

from tests.conformance.conftest import AMQP, Bench
from tests.conformance.test_streams import streamed
from tests.support.brokers import delete_queues

PATIENCE = 30
MANY = 2 * AT_ONCE + 50
"""More than are read before the first of them is done."""


async def test_more_than_are_read_at_once_come_all_and_in_order(bench: Bench) -> None:
    transport = await streamed(bench, MANY)
    bodies: list[bytes] = []
    async with asyncio.timeout(PATIENCE):
        async with aclosing(history(transport, bench.name, "first", MANY - 1)) as groups:
            async for group in groups:
                assert len(group) <= AT_ONCE // 2
                bodies += [each.body for each in group]
    assert bodies == [str(number).encode() for number in range(MANY)]


@pytest.mark.parametrize("broker_url", AMQP, indirect=True)
@pytest.mark.parametrize("is_there_again", [False, True])
async def test_a_stream_that_is_deleted_meanwhile_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, is_there_again: bool
) -> None:
    """RabbitMQ would let a reader wait for ever: for the queue, or for offsets far beyond."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.3)
    transport = await streamed(bench, MANY)
    with pytest.raises(QueueNotFoundError, match=f"{bench.name}.*deleted"):
        async with asyncio.timeout(PATIENCE):
            async with aclosing(history(transport, bench.name, "first", MANY - 1)) as groups:
                async for _ in groups:
                    await delete_queues(bench.url, bench.name)
                    if is_there_again:
                        await streamed(bench, 3)


async def test_of_a_time_at_which_nothing_was_published_nothing_comes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.3)
    transport = await streamed(bench, 1)
    last = await last_offset(transport, bench.name)
    assert last == 0
    async with asyncio.timeout(PATIENCE):
        found = [group async for group in history(transport, bench.name, "next", last)]
    assert found == []
