"""Cancelling a task that calls aio-pika, and futures that nobody may wait for."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_SECONDS = 0.1
"""How long a cancelled task may take to end before it is cancelled again."""


async def cancel(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task until it has ended, whatever it ends with.

    Once is not enough: aio-pika takes a cancellation that comes while it closes a channel for the
    end of that channel, and the task goes on.
    """
    if task is None:
        return
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_SECONDS)
    await asyncio.gather(task, return_exceptions=True)


def raise_if_cancelled() -> None:
    """Raise a cancellation of this task, a timeout's too, that aio-pika took for something else."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def retrieved(future: asyncio.Future[Any]) -> None:
    """Nobody has to wait for this future: asyncio is not to log that its error was not asked for.

    A callback for when it is done.
    """
    if not future.cancelled():
        future.exception()
