"""The time, as the scheduler takes it: the machine's, or a test's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

LONGEST_SLEEP = 10.0
"""Seconds after which the clock is looked at again: it may be set, or the machine suspended."""


class Clock(Protocol):
    """What the scheduler asks for the time."""

    def now(self) -> datetime:
        """The time, in UTC."""

    async def sleep_until(self, when: datetime) -> None:
        """Return once that time has come."""


class SystemClock:
    """The machine's own: schedulers on several machines need them to agree (NTP)."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, when: datetime) -> None:
        """Return once that time has come, also where the clock was set meanwhile."""
        while (seconds := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(seconds, LONGEST_SLEEP))
