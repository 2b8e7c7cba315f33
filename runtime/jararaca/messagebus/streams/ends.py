"""Where a stream ends: asked of a broker that tells nobody, by reading its last messages."""

from __future__ import annotations

import asyncio

from jararaca.transport import Delivery, Transport

PREFETCH = 1_000
FIRST_SECONDS, QUIET_SECONDS = 2.0, 0.25
"""How long the first of the last messages may take, and then the next."""


async def last_offset(transport: Transport, stream: str) -> int | None:
    """The offset of the last message; None where there is none. Raises QueueNotFoundError."""
    last = await last_message(transport, stream)
    return None if last is None else last.offset


async def last_message(transport: Transport, stream: str) -> Delivery | None:
    """The last message; None where there is none. Raises QueueNotFoundError."""
    found: asyncio.Queue[Delivery] = asyncio.Queue()

    async def received(delivery: Delivery) -> None:
        if delivery.offset is not None:
            found.put_nowait(delivery)
        await transport.ack(delivery)

    consumer = await transport.read(stream, PREFETCH, received, "last")
    last, patience = None, FIRST_SECONDS
    try:
        while True:
            async with asyncio.timeout(patience):
                last, patience = await found.get(), QUIET_SECONDS
    except TimeoutError:
        return last
    finally:
        await consumer.cancel()
