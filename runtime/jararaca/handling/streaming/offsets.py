"""Offsets in Redis: which workers share, and which know nothing of a handler's transaction."""

from __future__ import annotations

from redis.asyncio import Redis

from jararaca.application.progress import Place, Progress
from jararaca.errors import BackendError
from jararaca.handling.idempotency.redis import ANSWER_SECONDS, UNAVAILABLE

PREFIX = "jararaca:offset:"


class OffsetsInRedis:
    """A key of this prefix for each name, for good: the offset, and strikes where there are any."""

    in_transaction = False
    place = "Redis"

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )

    async def load(self, name: str) -> Place | None:
        """The offset; None where nothing was begun. Raises BackendError."""
        try:
            found = await self._redis.get(PREFIX + name)
        except UNAVAILABLE as error:
            raise BackendError(f"Redis could not be read: {error}") from error
        return None if found is None else Place(*map(int, found.split()))

    async def advance(self, progress: Progress) -> None:
        """Store it. Raises BackendError."""
        try:
            told = f"{progress.after} {progress.strikes}"
            await self._redis.set(PREFIX + progress.name, told)
        except UNAVAILABLE as error:
            raise BackendError(f"Redis could not be written: {error}") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
