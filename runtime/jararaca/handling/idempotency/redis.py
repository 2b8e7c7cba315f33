"""The record of handled messages in Redis, shared by all workers."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jararaca.errors import BackendError
from jararaca.handling.idempotency import REMEMBER_SECONDS

PREFIX = "jararaca:handled:"
UNAVAILABLE = (RedisError, OSError)
ANSWER_SECONDS = 5.0
"""How long Redis may take to answer, unless its URL says otherwise."""


class HandledInRedis:
    """Keys of this prefix, each with a time to live; the handler's name is part of the key."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )

    place = "Redis, for a day"

    async def was_handled(self, key: str) -> bool:
        """Whether any worker handled the message. Raises BackendError."""
        try:
            return bool(await self._redis.exists(PREFIX + key))
        except UNAVAILABLE as error:
            raise BackendError(f"Redis could not be read: {error}") from error

    async def remember(self, key: str) -> None:
        """Record it for all workers. Raises BackendError."""
        try:
            await self._redis.set(PREFIX + key, b"1", ex=REMEMBER_SECONDS)
        except UNAVAILABLE as error:
            raise BackendError(f"Redis could not be written: {error}") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
