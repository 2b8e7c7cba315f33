"""The thread of a handler that is no coroutine, and its way back to the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from threading import get_ident
from typing import Any, TypeVar

from jararaca.errors import NotInThreadError, ShuttingDownError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Thread:
    number: int
    loop: asyncio.AbstractEventLoop


_own: ContextVar[_Thread | None] = ContextVar("jararaca_own_thread", default=None)


def enter(loop: asyncio.AbstractEventLoop) -> None:
    """A handler begins in this thread; `loop` is where the worker is."""
    _own.set(_Thread(get_ident(), loop))


def is_own_thread() -> bool:
    """Whether this is the very thread that a handler runs in."""
    own = _own.get()
    return own is not None and own.number == get_ident()


def run_in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Have the event loop do what a `def` handler cannot await: `run_in_loop(message.publish())`.

    It waits for the result, and raises what `work` raises. Also in threads that the handler begins
    with its context. Raises NotInThreadError in a coroutine, and outside of a handler;
    ShuttingDownError where the loop has ended.
    """
    own = _own.get()
    if own is None or _in_a_loop():
        work.close()
        raise NotInThreadError(
            "run_in_loop() is for handlers that are no coroutines (`def`), and the threads they "
            "begin: in an `async def`, use await"
        )
    try:
        waiting = asyncio.run_coroutine_threadsafe(work, own.loop)
    except RuntimeError as error:
        work.close()
        raise ShuttingDownError("the event loop of the worker has ended") from error
    return waiting.result()


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
