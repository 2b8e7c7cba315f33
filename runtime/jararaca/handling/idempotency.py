"""Which messages were handled already: the record behind `@MessageHandler(idempotent=True)`."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Protocol

from jararaca.application.backend import backend_for

REMEMBER_SECONDS = 24 * 60 * 60
"""How long a handled message is known: redeliveries come within minutes, replays within a day."""

MEMORY_LIMIT = 100_000
"""How many messages the in-memory record keeps; the oldest go first."""


class SeenMessages(Protocol):
    """A record of handled messages, by a key that names the handler and the message."""

    @property
    def place(self) -> str:
        """Where the record is, for people."""

    async def seen(self, key: str) -> bool:
        """Whether the message was handled."""

    async def remember(self, key: str) -> None:
        """Record that it was, for REMEMBER_SECONDS."""

    async def close(self) -> None:
        """Let go of the backend."""


class SeenInMemory:
    """The default: one process's own record, gone when the process ends."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    place = "this process's memory, gone with it: --backend-url names a Redis"

    async def seen(self, key: str) -> bool:
        """Whether this process handled the message."""
        return self._until.get(key, 0.0) > time.monotonic()

    async def remember(self, key: str) -> None:
        """Record it here."""
        self._until[key] = time.monotonic() + REMEMBER_SECONDS
        self._until.move_to_end(key)
        while len(self._until) > MEMORY_LIMIT:
            self._until.popitem(last=False)

    async def close(self) -> None:
        """Nothing is held."""


def seen_messages_for(backend_url: str | None) -> SeenMessages:
    """The record that a backend URL names: `redis://...`, or this process's memory without one.

    Raises ConfigurationError for another scheme or a missing extra.
    """
    return backend_for(backend_url, SeenInMemory, _in_redis)


def _in_redis(url: str) -> SeenMessages:
    from jararaca.handling.idempotency_in_redis import SeenInRedis

    return SeenInRedis(url)
