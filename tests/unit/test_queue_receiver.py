"""Receiving, step by step: what begins at once, what is asked first, and what goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from jararaca.contract import headers
from jararaca.messagebus import queue_receiver
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.verdict import CULPRIT, CULPRIT_IN_ORDER
from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.transport import Delivery, Properties
from jararaca.transport.provenance import ANYONES, SIGNED

from tests.unit.test_in_hand import Noted
from tests.unit.test_queue_guard import Moved, Narrow, delivered


class Line(Noted):
    """A transport that notes how each delivery was given back."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[bool] = []

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        await super().requeue(delivery)
        self.failed.append(failed)


class Steps(Moved):
    """A pipeline that handles until it is let go; `error` is what it fails with."""

    def __init__(self, ordering: object = None) -> None:
        super().__init__()
        self.ordering = ordering
        self.begun: list[Delivery] = []
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    def __call__(self, delivery: Delivery) -> Awaitable[None]:
        self.begun.append(delivery)
        return self._handle()

    async def _handle(self) -> None:
        if self.error is not None:
            raise self.error
        await self.go_on.wait()


class Desk:
    """A receiver, and all that is around it."""

    def __init__(
        self,
        *,
        ordered: bool = False,
        careful: bool = False,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.line, self.steps = Line(), Steps(object() if ordered else None)
        self.quarantine, self.cancelled = quarantine or Quarantine(), asyncio.Event()
        self.running: set[asyncio.Task[Any]] = set()
        self.receiver = QueueReceiver(
            self.line,  # type: ignore[arg-type]
            self.steps,  # type: ignore[arg-type]
            (),
            self.quarantine,
            self.running,
            self.cancelled,
        )
        self.consumer = Narrow()
        self.consumer.careful = careful
        self.receiver._guard._careful = careful
        self.receiver.begun(self.consumer)

    async def receives(self, delivery: Delivery) -> asyncio.Task[None]:
        """A delivery comes; what becomes of it at once has happened."""
        task = asyncio.create_task(self.receiver.on_delivery(delivery))
        for _ in range(5):
            await asyncio.sleep(0)
        return task


def came(
    message_id: str = "1",
    *,
    given: dict[str, Any] | None = None,
    redelivered: bool = False,
    believed: frozenset[str] = ANYONES,
    body: bytes = b"{}",
) -> Delivery:
    """A delivery with a token of its own."""
    return Delivery(
        *("queue", "topic", "", body, Properties(message_id)),
        given or {},
        redelivered,
        object(),
        believed,
    )


async def test_what_comes_as_usual_begins_at_once_and_nobody_is_asked() -> None:
    desk = Desk()
    usual = came()
    task = await desk.receives(usual)
    assert desk.steps.begun == [usual] and desk.running == {task}
    desk.steps.go_on.set()
    await task
    assert (desk.running, desk.consumer.asked, desk.line.requeued) == (set(), [], [])


async def test_the_first_that_comes_to_a_careful_consumer_widens_it() -> None:
    desk = Desk(careful=True)
    await desk.receives(came())
    assert desk.consumer.asked == [False]


async def test_a_culprit_is_told_by_what_it_carries_although_it_comes_for_the_first_time() -> None:
    desk = Desk()
    signed = came(given={headers.UNSETTLED: CULPRIT}, believed=SIGNED)
    forged = came("2", given={headers.UNSETTLED: CULPRIT})
    await desk.receives(signed)
    await desk.receives(forged)
    assert desk.steps.begun == [forged] and len(desk.steps.rejected) == 1


async def test_while_a_suspect_runs_the_usual_waits_and_then_begins() -> None:
    desk = Desk()
    suspect, usual = delivered(2), came("2", body=b"[]")
    task = await desk.receives(suspect)
    await asyncio.sleep(0.01)
    assert desk.steps.begun == [suspect] and desk.quarantine.closed
    behind = await desk.receives(usual)
    assert desk.steps.begun == [suspect]
    desk.steps.go_on.set()
    await task
    await asyncio.wait_for(behind, 2)
    assert desk.steps.begun == [suspect, usual]
    assert (desk.quarantine.suspects, desk.quarantine.closed) == ({}, False)


async def test_while_a_suspect_runs_the_usual_of_other_queues_waits_too() -> None:
    quarantine = Quarantine()
    desk, other = Desk(quarantine=quarantine), Desk(quarantine=quarantine)
    task = await desk.receives(delivered(2))
    await asyncio.sleep(0.01)
    behind = await other.receives(came())
    assert other.steps.begun == [] and not other.consumer.careful
    desk.steps.go_on.set()
    await task
    other.steps.go_on.set()
    await asyncio.wait_for(behind, 2)
    assert len(other.steps.begun) == 1


async def test_in_order_the_usual_does_not_overtake_what_is_being_moved_on() -> None:
    desk = Desk(ordered=True)
    desk.steps.there.clear()
    culprit = await desk.receives(delivered(CULPRIT_IN_ORDER))
    behind = await desk.receives(came())
    assert desk.steps.begun == []
    desk.steps.there.set()
    desk.steps.go_on.set()
    await asyncio.wait_for(asyncio.gather(culprit, behind), 2)
    assert len(desk.steps.begun) == 1 and len(desk.steps.rejected) == 1


async def test_a_second_publication_of_one_id_waits_for_the_first() -> None:
    desk = Desk()
    first, second = came(), came()
    desk.line.held = {first.token, second.token}
    tasks = [await desk.receives(each) for each in (first, second)]
    assert desk.steps.begun == [first]
    desk.steps.go_on.set()
    await asyncio.gather(*tasks)
    assert desk.steps.begun == [first, second]


async def test_what_is_no_longer_ours_after_its_turn_is_not_begun() -> None:
    desk = Desk()
    first, second = came(), came()
    tasks = [await desk.receives(each) for each in (first, second)]
    desk.steps.go_on.set()
    await asyncio.gather(*tasks)
    assert desk.steps.begun == [first]


async def test_what_comes_again_joins_its_handler_and_goes_back_if_it_came_too_late() -> None:
    desk = Desk()
    first, again = came(), came(redelivered=True)
    task = await desk.receives(first)
    await desk.receives(again)
    assert desk.steps.begun == [first] and first.token is again.token
    desk.line.held = {again.token}
    desk.steps.go_on.set()
    await task
    assert desk.line.requeued == [again.token]


async def test_what_comes_again_to_a_careful_consumer_leaves_it_wide() -> None:
    desk = Desk()
    await desk.receives(came())
    desk.consumer.careful = True
    await desk.receives(came(redelivered=True))
    assert desk.consumer.asked == [False]


@pytest.mark.parametrize("joined", [False, True])
async def test_of_what_joined_nothing_goes_back_by_itself_while_the_worker_stops(
    joined: bool,
) -> None:
    desk = Desk()
    first, again = came(), came(redelivered=True)
    task = await desk.receives(first)
    if joined:
        await desk.receives(again)
        desk.line.held = {again.token}
    desk.receiver.stop()
    desk.steps.go_on.set()
    await task
    assert desk.line.requeued == []


async def test_what_comes_while_the_worker_stops_goes_back_once_no_consumer_takes_more() -> None:
    desk = Desk()
    desk.receiver.stop()
    late = came()
    task = await desk.receives(late)
    assert (desk.line.requeued, task.done()) == ([], False)
    desk.cancelled.set()
    await task
    assert (desk.steps.begun, desk.line.requeued, desk.line.failed) == ([], [late.token], [False])


async def test_nobody_is_blamed_while_the_worker_stops() -> None:
    desk = Desk()
    desk.receiver.stop()
    desk.cancelled.set()
    culprit = came(given={headers.UNSETTLED: CULPRIT}, believed=SIGNED, redelivered=True)
    await asyncio.wait_for(await desk.receives(culprit), 20)
    assert (desk.steps.rejected, desk.steps.aside) == ([], [])
    assert (desk.steps.begun, desk.line.requeued) == ([], [culprit.token])


async def test_in_order_it_goes_back_with_its_channel() -> None:
    desk = Desk(ordered=True)
    desk.receiver.stop()
    desk.cancelled.set()
    task = await desk.receives(came())
    await task
    assert (desk.steps.begun, desk.line.requeued) == ([], [])


async def test_in_order_a_second_publication_of_one_id_keeps_its_place() -> None:
    """To wait here would let others go before it: its turn comes in the pipeline."""
    desk = Desk(ordered=True)
    first, second = came(), came()
    for each in (first, second):
        await desk.receives(each)
    assert desk.steps.begun == [first, second]


async def test_over_an_error_of_our_own_it_goes_back_after_a_pause_and_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue_receiver, "FAILURE_PAUSE", 0.05)
    desk = Desk()
    desk.steps.error = RuntimeError("ours")
    failing = came()
    task = await desk.receives(failing)
    assert desk.line.requeued == []
    await task
    assert (desk.line.requeued, desk.line.failed) == ([failing.token], [True])
    assert desk.running == set()
