"""A clock that stands still until a test moves it: nothing sleeps."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """The scheduler's clock; `advance` and `set` move it and wake whoever's time has come.

    `waited_for` are the times that were waited for.
    """

    def __init__(self, now: datetime | str) -> None:
        self._now = _utc(now)
        self._moved = asyncio.Condition()
        self.waited_for: list[datetime] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, when: datetime) -> None:
        self.waited_for.append(when)
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= when)

    async def advance(self, **much: float) -> None:
        """Let so much time pass."""
        await self.set(self._now + timedelta(**much))

    async def set(self, now: datetime | str) -> None:
        """Let it be that time; an ISO text without an offset is UTC."""
        async with self._moved:
            self._now = _utc(now)
            self._moved.notify_all()


def _utc(when: datetime | str) -> datetime:
    if isinstance(when, datetime):
        return when
    parsed = datetime.fromisoformat(when)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
