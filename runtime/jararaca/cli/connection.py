"""A connection to the broker for the length of one command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jararaca.transport import Transport
from jararaca.transport.connect import transport_for


@asynccontextmanager
async def connected(broker_url: str) -> AsyncIterator[Transport]:
    """The connected transport of a URL. Raises ConfigurationError, BrokerUnreachableError."""
    transport = transport_for(broker_url)
    await transport.connect()
    try:
        yield transport
    finally:
        await transport.close()
