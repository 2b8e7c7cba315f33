"""A range of a stream as it is now: read in order, in groups, up to a message that is its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jararaca.errors import BrokerError, QueueNotFoundError
from jararaca.messagebus.streams.ends import last_offset
from jararaca.transport import Delivery, StreamStart, Transport

AT_ONCE = 200
"""Events that are read before the first of them is done."""

FIRST_SECONDS = 10.0
"""How long the first event may take: of a time at which none was published, none comes."""

LOOK_SECONDS = 5.0
"""After so long without the next event it is asked whether the stream is still there."""


@dataclass(frozen=True, slots=True)
class Span:
    """What was published from `since` on and before `until`, to the second."""

    since: datetime | None = None
    until: datetime | None = None

    def is_early(self, delivery: Delivery) -> bool:
        """Whether it was published before: the broker begins with a whole chunk.

        A time has whole seconds on the wire. What was published in the second of `since` may have
        been published behind it, and is not early.
        """
        published = delivery.properties.timestamp
        if self.since is None or published is None:
            return False
        return published < self.since.replace(microsecond=0)

    def is_late(self, delivery: Delivery) -> bool:
        """Whether it was published at `until`, or later."""
        published = delivery.properties.timestamp
        return self.until is not None and published is not None and published >= self.until


async def history(
    transport: Transport,
    stream: str,
    start: StreamStart,
    last: int,
    most: int = AT_ONCE // 2,
    only: Sequence[str] = (),
) -> AsyncGenerator[list[Delivery], None]:
    """Groups of at most `most` events, from `start` up to the one that has the offset `last`.

    What a group has is acked once the next is asked for. Ends at once where nothing comes of the
    time that it is to start with. With `only`, the one at `last` must have one of these filter
    values, or none; others may be left out, and need not be. Raises QueueNotFoundError, also where
    the stream is deleted meanwhile.
    """
    come: asyncio.Queue[Delivery] = asyncio.Queue()

    async def received(delivery: Delivery) -> None:
        come.put_nowait(delivery)

    consumer = await transport.read(stream, AT_ONCE, received, start, only)
    # What a filter leaves out may be long, and its end has one of the wanted values.
    is_first = not only
    try:
        while True:
            first = await _next(come, FIRST_SECONDS if is_first else LOOK_SECONDS)
            if first is None and is_first:
                return
            if first is None:
                await _look(transport, stream, last)
                continue
            is_first = False
            group = [first]
            while len(group) < most and not come.empty():
                group.append(come.get_nowait())
            wanted = [each for each in group if (each.offset or 0) <= last]
            if wanted:
                yield wanted
            for each in wanted:
                await transport.ack(each)
            if (group[-1].offset or 0) >= last:
                return
    finally:
        await consumer.cancel()


async def _next(come: asyncio.Queue[Delivery], seconds: float) -> Delivery | None:
    try:
        async with asyncio.timeout(seconds):
            return await come.get()
    except TimeoutError:
        return None


async def _look(transport: Transport, stream: str, last: int) -> None:
    """Raise QueueNotFoundError where the stream is gone, or another one is in its place."""
    try:
        end = await last_offset(transport, stream)
    except QueueNotFoundError as error:
        raise QueueNotFoundError(f"the stream {stream} was deleted meanwhile") from error
    except BrokerError:
        return  # The connection is lost: who reads waits for the next one.
    if end is None or end < last:
        raise QueueNotFoundError(
            f"the stream {stream} was deleted meanwhile, and declared anew: what it had is gone"
        )
