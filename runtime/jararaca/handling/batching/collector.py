"""Collecting: messages of one handler come one by one, and leave together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import Any

from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import Decision, Requeue
from jararaca.messages.received import MessageOf

Entry = tuple[BoundHandler, MessageOf[Any]]
"""A message, and the row of the routing table that it came by: a handler of a union has several."""

Tried = Callable[[Sequence[Entry]], Awaitable[Sequence[Decision]]]
"""Tries a handler on a batch; one decision for each message, in their order."""


class Collector:
    """The batches of one handler: the first message of each waits for the others, and leads.

    A batch goes when it is full, `within` seconds after its first message, or once `stopping` is
    set; at once while the handler `is_paused`, since its messages then come one by one. Where
    `at_once` batches are being handled, it grows meanwhile.
    """

    def __init__(
        self,
        tried: Tried,
        size: int,
        within: float,
        at_once: int | None,
        stopping: asyncio.Event,
        is_paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tried = tried
        self._size = size
        self._within = within
        self._slots = nullcontext() if at_once is None else asyncio.Semaphore(at_once)
        self._stopping = stopping
        self._is_paused = is_paused
        self._open: _Batch | None = None

    async def join(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        """Wait until the batch that this message joins was tried; what is decided about it."""
        batch, leads = self._open, False
        if batch is None:
            batch, leads = _Batch(), True
            self._open = batch
        place = batch.add((handler, message))
        if len(batch.entries) == self._size:
            self._close(batch)
        if leads:
            await self._led(batch)
        return await batch.decisions[place]

    async def _led(self, batch: _Batch) -> None:
        """Handle the batch in the task of its first message, when it is time."""
        try:
            await self._gathered(batch)
            async with self._slots:
                self._close(batch)
                decisions = await self._tried(batch.entries)
            for waiting, decision in zip(batch.decisions, decisions, strict=True):
                if not waiting.done():
                    waiting.set_result(decision)
        except BaseException as error:
            self._close(batch)
            batch.give_back(error)
            raise

    async def _gathered(self, batch: _Batch) -> None:
        if self._is_paused():
            return
        full = asyncio.ensure_future(batch.full.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait({full, stopping}, timeout=self._within, return_when=first)
        finally:
            stopping.cancel()  # The other one ends by itself: each batch is closed.

    def _close(self, batch: _Batch) -> None:
        """Take nothing more into it."""
        batch.full.set()
        if self._open is batch:
            self._open = None


class _Batch:
    """Messages that are to be handled together, and what is decided about each."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.decisions: list[asyncio.Future[Decision]] = []
        self.full = asyncio.Event()

    def add(self, entry: Entry) -> int:
        """Its place in the batch."""
        self.entries.append(entry)
        self.decisions.append(asyncio.get_running_loop().create_future())
        return len(self.entries) - 1

    def give_back(self, error: BaseException) -> None:
        """Let the others go back to their queue: the worker ends, or has failed.

        Nobody waits for the first one's decision: the task that leads raises.
        """
        for (handler, message), waiting in zip(self.entries[1:], self.decisions[1:], strict=True):
            if waiting.done():
                continue
            if isinstance(error, Exception):
                waiting.set_exception(error)
            else:
                waiting.set_result(Decision(message.delivery, Requeue(), handler))
