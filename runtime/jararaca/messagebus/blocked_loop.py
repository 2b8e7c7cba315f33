"""Tells by name which handler blocks the event loop: nothing else goes on meanwhile."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import Iterable
from time import monotonic
from types import CodeType, FrameType

from jararaca.handling.bound_handler import BoundHandler
from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

BEAT_SECONDS = 1.0
BLOCKED_SECONDS = 3.0
"""How long the event loop does not come round before that is told, once for each time."""


class BlockedLoop:
    """A thread that watches the loop's beat, and looks where the loop is when there is none."""

    def __init__(self, handlers: Iterable[BoundHandler]) -> None:
        self._names = {code: each.name for each in handlers if (code := _code(each)) is not None}
        self._over = threading.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._loops_thread = 0

    def start(self) -> None:
        """Watch the running loop."""
        self._loops_thread = threading.get_ident()
        self._beat(asyncio.get_running_loop())
        threading.Thread(target=self._watch, name="jararaca-watch", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._last = monotonic()
        self._timer = loop.call_later(BEAT_SECONDS, self._beat, loop)

    def _watch(self) -> None:
        told = False
        slept = monotonic()
        while not self._over.wait(BEAT_SECONDS):
            now = monotonic()
            # A process that was stopped, or gets no processor, is late here as well.
            here_late, slept = now - slept > 2 * BEAT_SECONDS, now
            blocked = now - self._last
            if blocked < BEAT_SECONDS + BLOCKED_SECONDS:
                told = False
            elif not told and not here_late:
                told = True
                self._tell(blocked)

    def _tell(self, seconds: float) -> None:
        frame = sys._current_frames().get(self._loops_thread)
        if frame is None:
            return
        who, at = self._found(frame)
        logger.error(
            "%s blocks the event loop, for %.1f s by now, at %s:%d. Nothing else is handled "
            "meanwhile, and the broker may drop the connection: await what takes long, or make "
            "the handler a `def`, which runs in a thread",
            who,
            seconds,
            at.f_code.co_filename,
            at.f_lineno,
        )

    def _found(self, innermost: FrameType) -> tuple[str, FrameType]:
        """The handler that runs, and where it is; else what runs."""
        frame: FrameType | None = innermost
        while frame is not None:
            if frame.f_code in self._names:
                return self._names[frame.f_code], frame
            frame = frame.f_back
        return innermost.f_code.co_qualname, innermost


def _code(handler: BoundHandler) -> CodeType | None:
    return getattr(inspect.unwrap(handler.route.handler), "__code__", None)
