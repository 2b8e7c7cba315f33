"""What schedulers remember and agree on: who leads, and up to when each schedule is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

LEASE_SECONDS = 5.0
"""How long a leader that is not heard of stays the leader."""


class ScheduleStore(Protocol):
    """Where schedulers of one application meet. Every method raises BackendError only."""

    @property
    def place(self) -> str:
        """Where it is, for people."""

    async def lead(self) -> int | None:
        """Become the leader, or stay it for LEASE_SECONDS; None while another one leads.

        The number is this leadership's: each that follows has a greater one.
        """

    async def resign(self) -> None:
        """Let another one lead at once."""

    async def load(self) -> Mapping[str, str]:
        """What was recorded last, by schedule."""

    async def save(self, leadership: int, name: str, text: str) -> bool:
        """Record it; False, and nothing is recorded, where another leadership has begun."""

    async def close(self) -> None:
        """Let go of the backend."""
