"""The schedules' store in Redis: a lease with a fencing number, and what is done."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jararaca.errors import BackendError
from jararaca.scheduling.store import LEASE_SECONDS

PATIENCE = 2.0
"""Seconds that Redis gets for an answer: less than a lease, so that it can be asked again."""

LEAD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local number = redis.call('GET', KEYS[2])
if holder and number then return tonumber(number) end
return redis.call('INCR', KEYS[2])
"""
RESIGN = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
REMEMBER = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
"""


class ScheduleStoreInRedis:
    """Keys of one application, `jararaca:scheduler:{name}:...`, in one slot of a cluster.

    The leadership's number is a fence: who led before cannot record any more, however late its
    request arrives.
    """

    def __init__(self, url: str, application: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
        prefix = f"jararaca:scheduler:{{{application}}}"
        self._leader, self._number, self._done = (
            f"{prefix}:{part}" for part in ("leader", "number", "done")
        )
        self._owner = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"

    place = "Redis"

    async def lead(self) -> int | None:
        """Become the leader, or stay it. Raises BackendError."""
        milliseconds = int(LEASE_SECONDS * 1000)
        number = await self._run(LEAD, [self._leader, self._number], self._owner, milliseconds)
        return int(number) or None

    async def resign(self) -> None:
        """Let another one lead at once. Raises BackendError."""
        await self._run(RESIGN, [self._leader], self._owner)

    async def load(self) -> Mapping[str, str]:
        """What was recorded last, by schedule. Raises BackendError."""
        try:
            found = await self._redis.hgetall(self._done)
        except (RedisError, OSError) as error:
            raise BackendError(f"Redis could not be reached: {error}") from error
        return {str(name): str(text) for name, text in found.items()}

    async def save(self, leadership: int, name: str, text: str) -> bool:
        """Record it, unless another leadership has begun. Raises BackendError."""
        keys = [self._number, self._done]
        return bool(await self._run(REMEMBER, keys, leadership, name, text))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _run(self, script: str, keys: list[str], *values: str | int) -> Any:
        try:
            return await self._redis.eval(script, len(keys), *keys, *map(str, values))
        except (RedisError, OSError) as error:
            raise BackendError(f"Redis could not be reached: {error}") from error
