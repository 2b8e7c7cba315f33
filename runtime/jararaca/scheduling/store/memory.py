"""The schedules' store in the memory of one process, for a scheduler that runs alone."""

from __future__ import annotations

from collections.abc import Mapping


class ScheduleStoreInMemory:
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

    async def load(self) -> Mapping[str, str]:
        """What this process did."""
        return dict(self._kept)

    async def save(self, leadership: int, name: str, text: str) -> bool:
        """Record it here."""
        self._kept[name] = text
        return True

    async def close(self) -> None:
        """Nothing is held."""
