"""`bootstrap=`: at a queue's first start, one worker fills it with what a stream had before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime

from jararaca.contract import positions
from jararaca.contract.topology import Topology
from jararaca.errors import BackendError, BrokerError, QueueNotFoundError
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.matching import Chooser
from jararaca.handling.redelivery import as_published
from jararaca.messagebus.streams.ends import last_offset
from jararaca.messagebus.streams.history import AT_ONCE, Span, history
from jararaca.messagebus.streams.kept_position import Kept, token
from jararaca.messagebus.streams.refill import Refill
from jararaca.messagebus.streams.turn import Turn
from jararaca.printable import logger_named
from jararaca.routing.declarations import bootstrapped_queues
from jararaca.routing.table import Service
from jararaca.transport import Delivery, StreamStart, Transport

logger = logger_named("jararaca.worker")

WANTED, DONE = -1, 2**63 - 1
"""In the place of an offset: nothing was sent yet, and nothing is to be sent any more."""

SEAM_SECONDS = 1.0
"""How long what was published before the queue was bound may take to be in the stream."""

STORED_SECONDS, AGAIN_SECONDS = 1.0, 1.0
"""How often it is stored how far it is, and how soon it is tried again after an error."""

GROUP = AT_ONCE // 2


async def ask_for_history(transport: Transport, service: Service) -> None:
    """Note which queues with `bootstrap=` are not there yet; for who is about to declare them.

    The note is there before its queue is: who finds a queue without a note finds one from before.
    """
    for queue in bootstrapped_queues(service):
        note = positions.position_queue(positions.bootstrap_name(queue))
        is_new = not await _is_there(transport, queue)
        if is_new or not await _is_there(transport, note):
            await transport.declare(Topology(queues=(positions.declared(note),)))
            await transport.publish(token(note, Kept(WANTED if is_new else DONE)))


async def _is_there(transport: Transport, queue: str) -> bool:
    try:
        await transport.count(queue)
    except QueueNotFoundError:
        return False
    return True


class Bootstrap:
    """One worker's part in filling the queue of `rows`: of all workers one does it at a time."""

    def __init__(self, transport: Transport, rows: Sequence[BoundHandler]) -> None:
        route, begin = rows[0].route, rows[0].spec.bootstrap
        assert route.stream is not None and begin is not None
        self._transport = transport
        self._chooser = Chooser([row.route for row in rows])
        self._stream, self._queue, self._begin = route.stream, route.queue, begin
        self._turn = Turn(transport, positions.bootstrap_name(route.queue))
        self._refill = Refill(transport, route.stream, route.queue, quiet=False)
        self._filling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin as soon as it is this worker's turn, beside all else that it does."""
        await self._turn.begin()
        self._filling = asyncio.create_task(self._fill())

    async def close(self) -> None:
        """Stop; the next worker goes on."""
        if self._filling is not None and not self._filling.done():
            self._filling.cancel()
            with suppress(asyncio.CancelledError):
                await self._filling
            await self._turn.end()

    async def _fill(self) -> None:
        while True:
            await self._turn.taken()
            try:
                if await self._is_filled():
                    break
            except (BackendError, BrokerError) as error:
                logger.error("%s: its history does not come yet: %s", self._queue, error)
            await asyncio.sleep(AGAIN_SECONDS)
        await self._turn.end()

    async def _is_filled(self) -> bool:
        """Send what is still to be sent; False where another worker has to go on."""
        place = await self._turn.load(self._queue)
        if place is None or place.position == DONE:
            return True
        end = self._turn.end_offset
        if end is None:
            await asyncio.sleep(SEAM_SECONDS)
            end = await last_offset(self._transport, self._stream)
            await self._turn.keep(DONE if end is None else WANTED, end)
        if end is None:
            return True
        if not await self._sent(place.position, end):
            return False
        await self._turn.keep(DONE, end)
        logger.info("%s: %d events of %s came first", self._queue, self._refill.sent, self._stream)
        return True

    async def _sent(self, position: int, end: int) -> bool:
        """Send from behind `position` to `end`; it stores how far it is, also when it is ended."""
        # Who goes on does so at an offset: "seven days ago" would be later now than at the start.
        since = self._begin.since(datetime.now(UTC)) if position == WANTED else None
        span, stored_at = Span(since=since), time.monotonic()
        start = self._start(position, end, since)
        try:
            read = history(self._transport, self._stream, start, end, GROUP)
            async with aclosing(read) as groups:
                async for group in groups:
                    if not self._turn.held:
                        return False
                    wanted = [e for e in map(as_published, group) if self._is_wanted(e, span)]
                    await self._refill.send(wanted)
                    position = group[-1].offset or 0
                    if time.monotonic() - stored_at > STORED_SECONDS:
                        stored_at = time.monotonic()
                        await self._turn.keep(position, end)
        except asyncio.CancelledError:
            with suppress(BrokerError, BackendError):
                await self._turn.keep(position, end)
            raise
        return True

    def _start(self, position: int, end: int, since: datetime | None) -> StreamStart:
        if position != WANTED:
            return position + 1
        if since is not None:
            return since
        return max(0, end + 1 + self._begin.offset) if self._begin.offset else "first"

    def _is_wanted(self, delivery: Delivery, span: Span) -> bool:
        if span.is_early(delivery):
            return False
        return self._chooser.of(delivery) is not None
