"""The record of handled messages in the memory of one process."""

from __future__ import annotations

import time
from collections import OrderedDict

from jararaca.handling.idempotency import REMEMBER_SECONDS

MEMORY_LIMIT = 100_000
"""How many messages the in-memory record keeps; the oldest go first."""


class HandledInMemory:
    """The default: one process's own record, gone when the process ends."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    place = "this process's memory, gone with it: --backend-url names a Redis"

    async def was_handled(self, key: str) -> bool:
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
