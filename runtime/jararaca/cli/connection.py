"""A connection to the broker for the length of one command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from jararaca.transport import Transport
from jararaca.transport.connect import transport_for

T = TypeVar("T")


@asynccontextmanager
async def connected(broker_url: str) -> AsyncIterator[Transport]:
    """The connected transport of a URL. Raises ConfigurationError, BrokerUnreachableError."""
    transport = transport_for(broker_url)
    await transport.connect()
    try:
        yield transport
    finally:
        await transport.close()


def on_broker(broker_url: str, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with a connected transport."""

    async def run() -> T:
        async with connected(broker_url) as transport:
            return await work(transport)

    return asyncio.run(run())
