"""What every asyncio peer does in the same way: a hundred publishers, single messages at rest."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from benchmarks.measure import Meter, report

PREFETCH = 200
IN_FLIGHT = 100
SLEEP = 0.01
PAUSE = 0.005


async def publish_all(count: int, publish: Callable[[], Awaitable[object]]) -> None:
    """Publish so many messages, a hundred at a time, each confirmed."""
    meter = Meter(count, lambda: None)

    async def lane() -> None:
        for _ in range(count // IN_FLIGHT):
            await publish()

    meter.start()
    await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
    meter.finish()


async def at_rest(
    count: int, publish: Callable[[], Awaitable[object]], handled: asyncio.Event
) -> None:
    """Publish single messages with a pause between; the median time to the handler."""
    taken = []
    for _ in range(count):
        handled.clear()
        start = time.perf_counter()
        publishing = asyncio.ensure_future(publish())
        await handled.wait()
        taken.append(time.perf_counter() - start)
        await publishing
        await asyncio.sleep(PAUSE)
    report(latency=statistics.median(taken) * 1e6)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run on asyncio's loop, or on uvloop with `--uvloop`."""
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(main)
    else:
        asyncio.run(main)
