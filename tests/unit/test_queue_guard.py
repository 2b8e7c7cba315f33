"""The guard of a queue: it widens its consumer once no suspect is there, and narrows it for one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca.contract.headers import UNSETTLED
from jararaca.handling.redelivery import strikes_of
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.queue_guard import ASIDE_SECONDS, QueueGuard
from jararaca.messagebus.blame.verdict import APART, CULPRIT, CULPRIT_IN_ORDER, SUSPECT
from jararaca.messagebus.in_hand import InHand
from jararaca.transport import Delivery, Properties
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.transport import MemoryTransport
from jararaca.transport.provenance import DELIVERY_COUNT, SIGNED


class Narrow:
    """A consumer that notes how it is asked to take its messages."""

    queue = "queue"
    careful = True

    def __init__(self) -> None:
        self.asked: list[bool] = []

    async def be_careful(self, careful: bool) -> None:
        self.careful = careful
        self.asked.append(careful)

    async def cancel(self) -> None: ...

    async def leave(self) -> None: ...


class Moved:
    """What was moved on, instead of a pipeline; nothing is while the broker is `away`."""

    def __init__(self) -> None:
        self.rejected: list[str] = []
        self.aside: list[int] = []
        self.delays: list[float] = []
        self.there = asyncio.Event()
        self.there.set()

    async def reject(self, delivery: Delivery, reason: str) -> None:
        await self.there.wait()
        self.rejected.append(reason)

    async def set_aside(self, delivery: Delivery, strikes: int, delay: float) -> None:
        await self.there.wait()
        self.aside.append(strikes)
        self.delays.append(delay)


def delivered(strikes: int) -> Delivery:
    """A delivery that came back unsettled so often."""
    given: dict[str, Any] = {DELIVERY_COUNT: strikes} if strikes else {}
    return Delivery("queue", "topic", "", b"{}", Properties(), given, strikes > 0, None)


async def settled(guard: QueueGuard) -> None:
    """Let the consumer change."""
    if guard._change is not None:
        await guard._change


async def test_the_first_that_is_no_suspect_widens_the_consumer() -> None:
    consumer, guard = Narrow(), QueueGuard(Quarantine(), Moved(), in_order=False)
    guard.begun(consumer)
    assert guard.looks_at(delivered(0)), "the consumer is careful yet"
    assert await guard.admits(delivered(0))
    await settled(guard)
    assert consumer.asked == [False]
    assert not guard.looks_at(delivered(0))
    assert guard.looks_at(delivered(1)), "it was redelivered"


async def test_what_came_before_the_consumer_had_begun_widens_it_too() -> None:
    consumer, guard = Narrow(), QueueGuard(Quarantine(), Moved(), in_order=False)
    assert guard.looks_at(delivered(0))
    assert await guard.admits(delivered(0))
    guard.begun(consumer)
    await settled(guard)
    assert consumer.asked == [False]


async def test_a_suspect_narrows_it_again_and_is_told(caplog: Any) -> None:
    consumer, guard = Narrow(), QueueGuard(Quarantine(), Moved(), in_order=False)
    guard.begun(consumer)
    await guard.admits(delivered(0))
    await settled(guard)
    assert await guard.admits(delivered(SUSPECT))
    await settled(guard)
    assert consumer.asked == [False, True]
    assert f"came back unsettled {SUSPECT} times" in caplog.text


async def test_a_culprit_is_rejected_and_one_strike_less_is_not() -> None:
    moved = Moved()
    guard = QueueGuard(Quarantine(), moved, in_order=False)
    guard.begun(Narrow())
    assert not await guard.admits(delivered(CULPRIT))
    assert len(moved.rejected) == 1 and f"{CULPRIT} times" in moved.rejected[0]
    assert await asyncio.wait_for(guard.admits(delivered(CULPRIT - 1)), 5)
    assert len(moved.rejected) == 1


async def test_in_order_the_consumer_is_left_as_it_is_and_nothing_is_set_aside() -> None:
    consumer, moved = Narrow(), Moved()
    consumer.careful = False
    guard = QueueGuard(Quarantine(), moved, in_order=True)
    guard.begun(consumer)
    assert await guard.admits(delivered(SUSPECT))
    await settled(guard)
    assert (consumer.asked, moved.aside) == ([], [])
    assert await guard.admits(delivered(2 * CULPRIT)), "only the first suspect is judged"


async def test_in_order_nothing_overtakes_what_waits_when_the_line_moves_on() -> None:
    consumer, guard = Narrow(), QueueGuard(Quarantine(), Moved(), in_order=True)
    consumer.careful = False
    guard.begun(consumer)
    looked: list[bool] = []

    async def first() -> None:
        await guard.admits(delivered(SUSPECT))
        looked.append(guard.looks_at(delivered(0)))

    ahead = asyncio.create_task(first())
    behind = asyncio.create_task(guard.admits(delivered(1)))
    await asyncio.wait_for(asyncio.gather(ahead, behind), 5)
    assert looked == [True], "one waits behind it, and this one came after that"


async def test_a_consumer_begins_with_one_message_at_a_time_and_nothing_widens_it_alone() -> None:
    consumer, guard = Narrow(), QueueGuard(Quarantine(), Moved(), in_order=False)
    guard.begun(consumer)
    await asyncio.sleep(0)
    assert (consumer.careful, consumer.asked) == (True, [])


async def test_a_second_suspect_is_set_aside_with_its_strikes_for_a_moment() -> None:
    moved, quarantine = Moved(), Quarantine()
    guard = QueueGuard(quarantine, moved, in_order=False)
    guard.begun(Narrow())
    waiting, hand = InHand(MemoryTransport(MemoryBroker()), "handler"), delivered(0)
    quarantine.watch(waiting)
    waiting.begin(hand)
    first = asyncio.create_task(guard.admits(delivered(SUSPECT)))
    await asyncio.sleep(0)
    assert not await guard.admits(delivered(SUSPECT + 1))
    assert moved.aside == [SUSPECT + 1]
    assert ASIDE_SECONDS[0] <= moved.delays[0] <= ASIDE_SECONDS[1]
    waiting.end(hand)
    assert await asyncio.wait_for(first, 5)


async def test_nothing_begins_while_a_suspect_is_being_moved_away() -> None:
    moved, quarantine = Moved(), Quarantine()
    guard, other = (QueueGuard(quarantine, moved, in_order=False) for _ in range(2))
    moved.there.clear()
    with quarantine.setting_aside():
        first = asyncio.create_task(guard.admits(delivered(SUSPECT)))
        await asyncio.sleep(0)
        aside = asyncio.create_task(other.admits(delivered(SUSPECT)))
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert not first.done(), "the second is still on its way out of the process"
    moved.there.set()
    assert not await aside
    assert await asyncio.wait_for(first, 5)


async def test_in_order_nothing_overtakes_what_is_being_moved_on_or_waits() -> None:
    moved = Moved()
    guard = QueueGuard(Quarantine(), moved, in_order=True)
    consumer = Narrow()
    consumer.careful = False
    guard.begun(consumer)
    moved.there.clear()
    culprit = asyncio.create_task(guard.admits(delivered(CULPRIT_IN_ORDER)))
    await asyncio.sleep(0)
    assert guard.looks_at(delivered(0)), "it stands behind the culprit"
    behind = asyncio.create_task(guard.admits(delivered(0)))
    await asyncio.sleep(0.02)
    assert not behind.done()
    moved.there.set()
    assert not await culprit
    assert await asyncio.wait_for(behind, 5)
    assert not guard.looks_at(delivered(0))


async def test_in_order_a_second_suspect_waits_and_is_not_moved() -> None:
    moved, quarantine = Moved(), Quarantine()
    hand = InHand(MemoryTransport(MemoryBroker()), "handler")
    quarantine.watch(hand)
    guard = QueueGuard(quarantine, moved, in_order=True)
    guard.begun(Narrow())
    first, second = delivered(SUSPECT), delivered(SUSPECT)
    assert await guard.admits(first)
    hand.begin(first)
    waiting = asyncio.create_task(guard.admits(second))
    await asyncio.sleep(0.05)
    assert (waiting.done(), moved.aside) == (False, [])
    hand.end(first)
    quarantine.over(first)
    assert await asyncio.wait_for(waiting, 5)


async def test_in_order_the_first_suspect_is_judged_at_twelve_strikes_and_not_before() -> None:
    for strikes, judged in ((CULPRIT_IN_ORDER - 1, False), (CULPRIT_IN_ORDER, True)):
        moved = Moved()
        guard = QueueGuard(Quarantine(), moved, in_order=True)
        guard.begun(Narrow())
        admitted = await asyncio.wait_for(guard.admits(delivered(strikes)), 5)
        assert (admitted, len(moved.rejected)) == (not judged, int(judged))


def test_what_was_set_aside_is_looked_at_although_the_broker_has_it_for_the_first_time() -> None:
    consumer = Narrow()
    consumer.careful = False
    guard = QueueGuard(Quarantine(), Moved(), in_order=False)
    guard._careful = False
    guard.begun(consumer)
    aside = Delivery(
        *("queue", "topic", "", b"{}", Properties()),
        headers={UNSETTLED: CULPRIT},
        redelivered=False,
        token=None,
        believed=SIGNED,
    )
    assert guard.looks_at(aside) and not guard.looks_at(delivered(0))
    assert strikes_of(aside) == CULPRIT


async def test_while_a_suspect_waits_what_comes_as_usual_is_looked_at_and_waits_too() -> None:
    quarantine = Quarantine()
    hand = InHand(MemoryTransport(MemoryBroker()), "handler")
    quarantine.watch(hand)
    running = delivered(0)
    hand.begin(running)
    suspect = asyncio.create_task(
        QueueGuard(quarantine, Moved(), in_order=False).admits(delivered(SUSPECT))
    )
    await asyncio.sleep(0)
    consumer = Narrow()
    consumer.careful = False
    other = QueueGuard(quarantine, Moved(), in_order=False)
    other._careful = False
    other.begun(consumer)
    assert other.looks_at(delivered(0))
    usual = asyncio.create_task(other.admits(delivered(0)))
    await asyncio.sleep(0.05)
    assert not usual.done()
    suspect.cancel()
    await asyncio.wait_for(usual, 5)


async def test_of_a_queues_suspects_the_first_is_told_and_each_that_came_back_more_often(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = QueueGuard(Quarantine(), Moved(), in_order=False)
    for strikes in (SUSPECT, SUSPECT, APART, APART + 1, SUSPECT):
        guard._tell(delivered(strikes), strikes)
    told = [each.getMessage().partition("unsettled ")[2][:2] for each in caplog.records]
    assert told == [f"{strikes} " for strikes in (SUSPECT, APART, APART + 1)]
    assert SUSPECT < APART
