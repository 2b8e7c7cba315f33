"""A command's work on the broker; help needs neither an event loop nor a transport."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def on_broker(broker_url: str, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with a connected transport."""
    import asyncio

    from jararaca.cli.connection import connected

    async def run() -> T:
        async with connected(broker_url) as transport:
            return await work(transport)

    return asyncio.run(run())
