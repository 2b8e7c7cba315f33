"""A range of a stream as it is now: read in order, in groups, up to a message that is its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jararaca.transport import Delivery, StreamStart, Transport

AT_ONCE = 200
"""Events that are read before the first of them is done."""

FIRST_SECONDS = 10.0
"""How long the first event may take: of a time at which none was published, none comes."""


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
    values, or none; others may be left out, and need not be. Raises QueueNotFoundError.
    """
    come: asyncio.Queue[Delivery] = asyncio.Queue()

    async def received(delivery: Delivery) -> None:
        come.put_nowait(delivery)

    consumer = await transport.read(stream, AT_ONCE, received, start, only)
    # What a filter leaves out may be long, and its end has one of the wanted values.
    patience: float | None = None if only else FIRST_SECONDS
    try:
        while True:
            async with asyncio.timeout(patience):
                group = [await come.get()]
            patience = None
            while len(group) < most and not come.empty():
                group.append(come.get_nowait())
            wanted = [each for each in group if (each.offset or 0) <= last]
            if wanted:
                yield wanted
            for each in wanted:
                await transport.ack(each)
            if (group[-1].offset or 0) >= last:
                return
    except TimeoutError:
        if patience is None:
            raise
    finally:
        await consumer.cancel()
