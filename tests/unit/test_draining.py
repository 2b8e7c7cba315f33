"""Draining: who is waited for, how long, and that nothing is left that waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca.messagebus import draining
from jararaca.messagebus.draining import drain

LONG = 60
"""Seconds that no test waits for."""


async def told(running: set[asyncio.Task[Any]], seconds: float, cut_off: asyncio.Event) -> bool:
    """What the drain says; it leaves no task behind but those that do not end."""
    before = asyncio.all_tasks()
    drained = await asyncio.wait_for(drain(running, seconds, cut_off), LONG / 2)
    await asyncio.sleep(0)
    assert {each for each in asyncio.all_tasks() - before if not each.done()} == set()
    return drained


async def test_there_may_be_nothing_to_wait_for() -> None:
    assert await told(set(), LONG, asyncio.Event())


async def test_what_ends_in_time_has_drained_and_is_not_cancelled() -> None:
    may_end = asyncio.Event()
    running = {asyncio.create_task(may_end.wait()) for _ in range(3)}
    asyncio.get_running_loop().call_later(0.01, may_end.set)
    assert await told(running, LONG, asyncio.Event())
    assert all(task.result() for task in running)


@pytest.mark.parametrize("how", ["the time is over", "it is cut off", "it was cut off before"])
async def test_what_does_not_end_in_time_is_cancelled_and_may_tidy_up(how: str) -> None:
    tidied, cut_off = list[str](), asyncio.Event()

    async def handle() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            tidied.append("up")

    running = {asyncio.create_task(handle()) for _ in range(2)}
    await asyncio.sleep(0)
    if how == "it was cut off before":
        cut_off.set()
    if how == "it is cut off":
        asyncio.get_running_loop().call_later(0.01, cut_off.set)
    seconds = 0.01 if how == "the time is over" else LONG
    assert not await told(running, seconds, cut_off)
    assert tidied == ["up", "up"] and all(task.cancelled() for task in running)


async def test_what_catches_its_cancellation_is_left_alone_after_a_moment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(draining, "TIDY_SECONDS", 0.01)
    ends = asyncio.Event()

    async def stubborn() -> None:
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue

    running = {asyncio.create_task(stubborn())}
    await asyncio.sleep(0)
    try:
        assert not await told(running, 0, asyncio.Event())
        assert "keep running although they were cancelled: 1" in caplog.text
    finally:
        ends.set()
