"""A collector of batches: when one goes, and what becomes of its messages where it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from jararaca.handling.batching.collector import Collector, Entry
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DONE, Decision, Requeue
from jararaca.messages.received import MessageOf
from jararaca.transport import Delivery, Properties

HANDLER = cast(BoundHandler, object())


def message(number: int) -> MessageOf[Any]:
    delivery = Delivery("jobs", "job", "", b"%d" % number, Properties(), {}, False, number)
    return MessageOf(None, delivery, {}, 1)


class Tried:
    """What a handler would do with the batches: it waits until it may."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.may = asyncio.Event()
        self.error: BaseException | None = None

    async def __call__(self, entries: Sequence[Entry]) -> Sequence[Decision]:
        self.sizes.append(len(entries))
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return [Decision(each.delivery, DONE) for _, each in entries]


def join(collector: Collector, *numbers: int) -> list[asyncio.Task[Decision]]:
    return [asyncio.ensure_future(collector.join(HANDLER, message(number))) for number in numbers]


async def begun(tried: Tried, count: int) -> None:
    async with asyncio.timeout(20):
        while len(tried.sizes) < count:
            await asyncio.sleep(0)


async def test_a_batch_grows_while_no_slot_is_free() -> None:
    tried = Tried()
    collector = Collector(tried, 3, 0.001, 1, asyncio.Event())
    first = join(collector, 1)
    await begun(tried, 1)
    others = join(collector, 2)
    await asyncio.sleep(0.05)
    others += join(collector, 3)
    tried.may.set()
    decisions = await asyncio.gather(*first, *others)
    assert tried.sizes == [1, 2]
    assert [each.delivery.body for each in decisions] == [b"1", b"2", b"3"]


async def test_where_its_first_message_is_cancelled_the_others_go_back() -> None:
    tried = Tried()
    leader, other = join(Collector(tried, 2, 60.0, None, asyncio.Event()), 1, 2)
    await begun(tried, 1)
    leader.cancel()
    assert isinstance((await other).settlement, Requeue)
    with pytest.raises(asyncio.CancelledError):
        await leader


async def test_an_error_of_ours_is_everybodys_in_the_batch() -> None:
    tried = Tried()
    tried.error = RuntimeError("a fault of ours")
    tried.may.set()
    tasks = join(Collector(tried, 2, 60.0, None, asyncio.Event()), 1, 2)
    for task in tasks:
        with pytest.raises(RuntimeError, match="a fault of ours"):
            await task


async def test_after_a_batch_the_next_message_leads_another() -> None:
    tried = Tried()
    tried.may.set()
    collector = Collector(tried, 2, 60.0, None, asyncio.Event())
    await asyncio.gather(*join(collector, 1, 2))
    await asyncio.gather(*join(collector, 3, 4))
    assert tried.sizes == [2, 2]


@pytest.mark.parametrize("size", [2, 100])
async def test_a_batch_that_has_gone_leaves_nothing_that_waits(size: int) -> None:
    """A worker has millions of them before it stops."""
    tried = Tried()
    tried.may.set()
    stopping = asyncio.Event()
    collector = Collector(tried, size, 0.01, None, stopping)
    await asyncio.wait_for(asyncio.gather(*join(collector, 1, 2)), 20)
    await asyncio.sleep(0)
    assert tried.sizes == [2]
    assert asyncio.all_tasks() == {asyncio.current_task()}
