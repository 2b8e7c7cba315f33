"""What a long handler asks while its application stops: whether, and work that ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from jararaca.application.unit_of_work import Work
from jararaca.errors import ShuttingDownError
from jararaca.handlers.current_work import current_work

T = TypeVar("T")


def is_shutting_down() -> bool:
    """Whether the application around this unit of work is stopping.

    A long handler asks between its steps. Outside of a unit of work it is always False.
    """
    stopping = _stopping()
    return stopping is not None and stopping.is_set()


async def shutdown_race(awaitable: Awaitable[T]) -> T:
    """What `awaitable` comes to, unless the application is told to stop before.

    Raises ShuttingDownError then, once `awaitable` was cancelled and has ended; a handler that
    lets it through hands its message back at once, uncounted. What has a result by then keeps it.
    Outside of a unit of work it awaits, and nothing else.
    """
    stopping = _stopping()
    if stopping is None:
        return await awaitable
    running = asyncio.ensure_future(awaitable)
    told = asyncio.ensure_future(stopping.wait())
    try:
        if not stopping.is_set():
            await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return running.result()
    finally:
        told.cancel()
        if not running.done():
            running.cancel()
            await asyncio.wait({running})
    return _after(running)


def _after(running: asyncio.Future[T]) -> T:
    """What was cancelled over the shutdown may have come to a result of its own all the same."""
    cause = None if running.cancelled() else running.exception()
    if cause is None and not running.cancelled():
        return running.result()
    if cause is not None and not isinstance(cause, Exception):
        raise cause
    raise ShuttingDownError(
        "the application is shutting down: the handler's message goes back to its queue"
    ) from cause


def _stopping() -> asyncio.Event | None:
    work = current_work.get()
    host = None if work is None else cast(Work, work).host
    return None if host is None else host.stopping
