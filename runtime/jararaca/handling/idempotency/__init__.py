"""Which messages were handled already: the record behind `@MessageHandler(idempotent=True)`."""

from __future__ import annotations

from typing import Protocol

REMEMBER_SECONDS = 24 * 60 * 60
"""How long a handled message is known: redeliveries come within minutes, replays within a day."""


class HandledMessages(Protocol):
    """A record of handled messages, by a key that names the handler and the message."""

    @property
    def place(self) -> str:
        """Where the record is, for people."""

    async def was_handled(self, key: str) -> bool:
        """Whether the message was handled."""

    async def remember(self, key: str) -> None:
        """Record that it was, for REMEMBER_SECONDS."""

    async def close(self) -> None:
        """Let go of the backend."""
