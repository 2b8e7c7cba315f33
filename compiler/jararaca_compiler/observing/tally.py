"""Counting by names that strangers choose: bounded, and what found no room is counted as one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Tally(Generic[K]):
    """Counts the first `most` names each; `other` is how often any further one came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[K, int] = {}
        self.other = 0

    def add(self, name: K, count: int = 1) -> None:
        """Count a name."""
        if name in self._counts or len(self._counts) < self._most:
            self._counts[name] = self._counts.get(name, 0) + count
        else:
            self.other += count

    def __contains__(self, name: K) -> bool:
        return name in self._counts

    def __getitem__(self, name: K) -> int:
        return self._counts.get(name, 0)

    def __iter__(self) -> Iterator[tuple[K, int]]:
        """The most frequent first."""
        return iter(sorted(self._counts.items(), key=lambda each: (-each[1], str(each[0]))))

    @property
    def total(self) -> int:
        """How often anything was counted."""
        return sum(self._counts.values()) + self.other
