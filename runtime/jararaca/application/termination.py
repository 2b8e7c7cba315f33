"""Termination: the first signal asks to stop, the second at once; the process ends in any case."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import FrameType
from typing import Any

from jararaca.printable import logger_named

logger = logger_named("jararaca.work")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
CLOSING_SECONDS = 5.0
"""What may follow the grace period: handlers tidy up, integrations and connections are closed."""
AT_ONCE_SECONDS = 1.5
"""The same after a second signal, and for what keeps running although all is closed."""
AGAIN_SECONDS = 0.1
"""How long a start may take to end before it is cancelled again: aio-pika takes a cancellation that
comes while it closes a channel for the end of that channel."""
IDLE = ("concurrent", "futures", "thread.py"), "_worker"
"""Where a thread of an executor waits for work: the file, and the function."""


class Termination:
    """What SIGTERM and Ctrl-C ask for: `stop` is set by the first, `at_once` by the second.

    After the first the process exits once `grace` seconds and what closing takes are over, whatever
    keeps running: a thread, a handler that catches its cancellation, a blocked event loop. A third
    signal exits where it finds it.
    """

    def __init__(self, grace: float, stop: asyncio.Event | None = None) -> None:
        self.stop = stop or asyncio.Event()
        self.at_once = asyncio.Event()
        self._grace = grace
        self._signals = 0
        self._timer: threading.Timer | None = None
        self._threads: set[threading.Thread] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Listen to the signals until the end of the block; in the main thread."""
        self._threads = set(threading.enumerate())
        loop = asyncio.get_running_loop()

        def on_signal(number: int, frame: FrameType | None) -> None:
            self._told(loop)

        before: dict[int, Any] = {each: signal.signal(each, on_signal) for each in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._disarm()

    async def unless_stopped(self, start: Awaitable[None]) -> bool:
        """Whether `start` ended before it was asked to stop; else it is cancelled, and has ended.

        Raises what it raises.
        """
        starting, told = asyncio.ensure_future(start), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
            while not starting.done():
                starting.cancel()
                await asyncio.wait({starting}, timeout=AGAIN_SECONDS)
        finally:
            told.cancel()
            starting.cancel()
        if starting.cancelled():
            return False
        await starting
        return True

    def leave(self, left: Callable[[], bool], status: int) -> None:
        """All is closed: after a signal, exit soon where something keeps the process alive.

        `left` says whether work of the caller's own still runs.
        """
        if self._signals and (left() or self._busy_threads()):
            self._arm(AT_ONCE_SECONDS, status)

    def _told(self, loop: asyncio.AbstractEventLoop) -> None:
        self._signals += 1
        if self._signals == 1:
            self._arm(self._grace + CLOSING_SECONDS)
            loop.call_soon_threadsafe(self.stop.set)
        elif self._signals == 2:
            self._arm(AT_ONCE_SECONDS)
            loop.call_soon_threadsafe(self.at_once.set)
        else:
            _exit(1)

    def _arm(self, seconds: float, status: int = 1) -> None:
        self._disarm()
        self._timer = threading.Timer(seconds, _exit, [status])
        self._timer.daemon = True
        self._timer.start()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _busy_threads(self) -> bool:
        """Whether a thread that was begun since would keep the interpreter from ending."""
        frames = sys._current_frames()
        begun = set(threading.enumerate()) - self._threads
        return any(_busy(frames.get(each.ident or 0)) for each in begun if not each.daemon)


def _busy(frame: FrameType | None) -> bool:
    """A thread's innermost frame: one that waits for work ends with the interpreter."""
    if frame is None:
        return False
    return (PurePath(frame.f_code.co_filename).parts[-3:], frame.f_code.co_name) != IDLE


def _exit(status: int) -> None:
    logger.error("the process exits although something in it keeps running")
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(status)
