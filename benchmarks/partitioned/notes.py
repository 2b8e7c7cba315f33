"""What workers note of each message that they have handled, and what that says together."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NOTE = struct.Struct("dd")
"""When a message was handled, by the clock that all processes have, and the CPU used by then."""

SETTLING = 0.2
"""Seconds at the beginning of a window that do not count."""


@dataclass(frozen=True)
class Window:
    """What came of one: messages a second, CPU ms a message, and the busiest worker's share."""

    rate: float
    cpu: float
    share: float


def noted(file: Path) -> list[tuple[float, float]]:
    """A worker's notes."""
    found = file.read_bytes() if file.exists() else b""
    return [*NOTE.iter_unpack(found[: len(found) // NOTE.size * NOTE.size])]


def handled(files: Sequence[Path]) -> int:
    """How many messages were handled by all."""
    return sum(file.stat().st_size for file in files if file.exists()) // NOTE.size


def window(files: Sequence[Path], begin: float, end: float) -> Window:
    """What was handled from `begin` on, until `end`, or until there was no more."""
    begin += SETTLING
    inside = [[each for each in noted(file) if begin <= each[0] <= end] for file in files]
    busy = [each for each in inside if len(each) > 1]
    if not busy:
        raise ValueError(f"no message was handled in the {end - begin:.2f} s after the first 0.2 s")
    counts = [len(each) for each in busy]
    last = max(each[-1][0] for each in busy)
    cpu = sum(each[-1][1] - each[0][1] for each in busy)
    between = sum(counts) - len(busy)
    return Window(sum(counts) / (last - begin), cpu / between * 1_000, max(counts) / sum(counts))
