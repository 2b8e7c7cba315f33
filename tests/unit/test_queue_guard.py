"""The guard of a queue: it widens its consumer once no suspect is there, and narrows it for one."""

from __future__ import annotations

import asyncio
from typing import Any

from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.queue_guard import QueueGuard
from jararaca.messagebus.blame.verdict import CULPRIT, SUSPECT
from jararaca.transport import Delivery, Properties
from jararaca.transport.provenance import DELIVERY_COUNT


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


class Moved:
    """What was moved on, instead of a pipeline."""

    def __init__(self) -> None:
        self.rejected: list[str] = []
        self.aside: list[int] = []

    async def reject(self, delivery: Delivery, reason: str) -> None:
        self.rejected.append(reason)

    async def set_aside(self, delivery: Delivery, strikes: int, delay: float) -> None:
        self.aside.append(strikes)


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
