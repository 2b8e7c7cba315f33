"""Draining: handlers in flight get so long to finish, then they are cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from typing import Any

from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

TIDY_SECONDS = 1.0
"""How long a cancelled handler may tidy up while the worker waits for it."""


async def drain(running: Set[asyncio.Task[Any]], seconds: float, cut_off: asyncio.Event) -> bool:
    """Whether all finish within so many seconds, and before `cut_off`; the rest is cancelled."""
    waiting = set(running)
    if not waiting:
        return True
    finished = asyncio.ensure_future(asyncio.wait(waiting))
    told = asyncio.ensure_future(cut_off.wait())
    await asyncio.wait({finished, told}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for each in (finished, told):
        each.cancel()
    late = {task for task in waiting if not task.done()}
    if late:
        logger.warning(
            "handlers that did not finish in time: %d; their messages go back", len(late)
        )
        await _cancelled(late)
    return not late


async def _cancelled(late: Set[asyncio.Task[Any]]) -> None:
    for task in late:
        task.cancel()
    _, stubborn = await asyncio.wait(late, timeout=TIDY_SECONDS)
    if stubborn:
        logger.error(
            "handlers that keep running although they were cancelled: %d (they catch "
            "CancelledError); the worker goes on without them",
            len(stubborn),
        )
