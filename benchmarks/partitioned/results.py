"""All that one run has found, by setting."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.partitioned.notes import Window

SETTINGS = {1: "one node", 3: "a cluster of three nodes"}
"""By number of nodes."""


@dataclass
class Results:
    """Windows by (nodes, work, contender, workers); of growth by (kind, size)."""

    windows: dict[tuple[int, str, str, int], Window] = field(default_factory=dict)
    growth: dict[tuple[str, int], Window] = field(default_factory=dict)

    def of(self, nodes: int, work: str, contender: str) -> dict[int, Window]:
        """A contender's windows by number of workers."""
        wanted = (nodes, work, contender)
        return {key[3]: found for key, found in self.windows.items() if key[:3] == wanted}

    @property
    def settings(self) -> list[int]:
        """The numbers of nodes that were measured."""
        return sorted({key[0] for key in self.windows})
