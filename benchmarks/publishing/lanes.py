"""What every peer in Python does in the same way: so many publishers at a time, each confirmed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.measure import Meter

EXCHANGE = "benchmark.publish"
KEY = "benchmark.order"
NAME = "Order"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer's process is told."""

    url: str
    count: int
    in_flight: int


def asked() -> Asked:
    """What this process is told."""
    return Asked(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))


async def publish_all(told: Asked, publish: Callable[[], Awaitable[object]]) -> None:
    """Publish all, and print what it took."""
    meter = Meter(told.count, lambda: None)

    async def lane() -> None:
        for _ in range(told.count // told.in_flight):
            await publish()

    meter.start()
    await asyncio.gather(*(lane() for _ in range(told.in_flight)))
    meter.finish()
