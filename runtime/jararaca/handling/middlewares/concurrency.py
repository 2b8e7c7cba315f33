"""Concurrency: how many messages a handler takes at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jararaca.handling.attempt import Attempt
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import Decision
from jararaca.handling.delivery_work import DeliveryWork


class ConcurrencyLimit:
    """Wraps a try of the handlers that have a limit of their own."""

    def __init__(self, attempt: Attempt, handlers: Sequence[BoundHandler]) -> None:
        self._attempt = attempt
        limited = [handler for handler in handlers if handler.spec.concurrency is not None]
        slots = {each.method: asyncio.Semaphore(each.spec.concurrency or 1) for each in limited}
        self._slots = {id(each): slots[each.method] for each in limited}

    async def __call__(self, work: DeliveryWork) -> Decision:
        """Wait until the handler has room, then try."""
        slots = self._slots.get(id(work.handler))
        if slots is None:
            return await self._attempt(work)
        async with slots:
            return await self._attempt(work)
