"""Message ids: new ones, which sort by the time they were made, and those of a key."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

IDEMPOTENCY = UUID("0192f7c0-7d2e-7b55-9c1a-6d6f73736167")


def new_message_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10))
    value = (milliseconds & (1 << 48) - 1) << 80 | noise
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def message_id_for(message_name: str, idempotency_key: str | None) -> str | None:
    """The message id that an idempotency key stands for: the same for the same key and message."""
    if idempotency_key is None:
        return None
    return str(uuid5(IDEMPOTENCY, f"{message_name}:{idempotency_key}"))
