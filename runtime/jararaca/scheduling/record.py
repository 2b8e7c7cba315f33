"""What schedulers remember and agree on: who leads, and up to when each schedule is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from jararaca.application.backend import backend_for

LEASE_SECONDS = 5.0
"""How long a leader that is not heard of stays the leader."""


class Record(Protocol):
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

    async def recall(self) -> Mapping[str, str]:
        """What was recorded last, by schedule."""

    async def remember(self, leadership: int, name: str, text: str) -> bool:
        """Record it; False, and nothing is recorded, where another leadership has begun."""

    async def close(self) -> None:
        """Let go of the backend."""


class RecordInMemory:
    """One process's own: it always leads, and begins anew with each start."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    place = (
        "this process's memory: run this scheduler alone, and it begins anew at each start "
        "(--backend-url names a Redis)"
    )

    async def lead(self) -> int | None:
        """There is nobody else."""
        return 1

    async def resign(self) -> None:
        """There is nobody else."""

    async def recall(self) -> Mapping[str, str]:
        """What this process did."""
        return dict(self._kept)

    async def remember(self, leadership: int, name: str, text: str) -> bool:
        """Record it here."""
        self._kept[name] = text
        return True

    async def close(self) -> None:
        """Nothing is held."""


def record_for(backend_url: str | None, application: str) -> Record:
    """The record that a backend URL names: `redis://...`, or this process's memory without one.

    Raises ConfigurationError for another scheme or a missing extra.
    """

    def in_redis(url: str) -> Record:
        from jararaca.scheduling.record_in_redis import RecordInRedis

        return RecordInRedis(url, application)

    return backend_for(backend_url, RecordInMemory, in_redis)
