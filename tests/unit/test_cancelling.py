"""Tasks whose library takes a cancellation for something else."""

from __future__ import annotations

import asyncio

import pytest
from jararaca.transport.amqp.cancelling import cancel, raise_if_cancelled


async def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await cancel(task)
    assert task.cancelled() and swallowed == 2


async def test_what_the_task_ends_with_is_its_own_affair() -> None:
    async def failing() -> None:
        raise ValueError("no paper")

    task = asyncio.create_task(failing())
    await cancel(task)
    await cancel(None)
    assert task.done()


async def test_a_timeout_that_was_swallowed_ends_the_attempts() -> None:
    tries = 0

    async def tried_again() -> None:
        nonlocal tries
        while True:
            tries += 1
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise_if_cancelled()

    raise_if_cancelled()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await tried_again()
    assert tries == 1
