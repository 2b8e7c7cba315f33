"""Message ids: new ones, which sort by the time they were made, and those of a key."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from uuid import UUID, uuid5

IDEMPOTENCY = UUID("0192f7c0-7d2e-7b55-9c1a-6d6f73736167")

VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""Two random bits behind the two that say which UUIDs these are (RFC 9562, 4.1)."""

AT_A_TIME = 256
"""Ids whose random bits are asked of the system at once: to ask costs more than all the rest."""

_ends: deque[str] = deque()
os.register_at_fork(after_in_child=_ends.clear)


def new_message_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    return _start(time.time_ns() // 1_000_000) + _end()


@lru_cache(maxsize=1)
def _start(milliseconds: int) -> str:
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-"


def _end() -> str:
    """Version, variant and random bits: no other id has these, of any thread or forked process."""
    while True:
        try:
            return _ends.popleft()
        except IndexError:
            _ends.extend(_made(os.urandom(10 * AT_A_TIME).hex()))


def _made(digits: str) -> Iterator[str]:
    for at in range(0, len(digits), 20):
        variant = VARIANT[digits[at + 3]]
        yield f"7{digits[at:at + 3]}-{variant}{digits[at + 4:at + 7]}-{digits[at + 7:at + 19]}"


def message_id_for(message_name: str, idempotency_key: str | None) -> str | None:
    """The message id that an idempotency key stands for: the same for the same key and message."""
    if idempotency_key is None:
        return None
    return str(uuid5(IDEMPOTENCY, f"{message_name}:{idempotency_key}"))
