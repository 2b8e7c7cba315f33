"""Reads a stream while it is this worker's turn, and hands each message to its handler."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from jararaca.application.ended_work import ended_from_outside
from jararaca.application.host import Host
from jararaca.application.progress import Offsets
from jararaca.contract.expressions import value_at
from jararaca.contract.positions import position_queue
from jararaca.errors import BrokerError
from jararaca.handlers.stream_start import From
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.middlewares.circuit_breaker import OUTAGES
from jararaca.handling.middlewares.ordering import Pause
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.redelivery import as_published
from jararaca.handling.streaming.line import Line
from jararaca.handling.streaming.reading import ReadingOverError, StreamReading
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.stream_guard import StreamGuard
from jararaca.messagebus.streams.ends import last_offset
from jararaca.messagebus.streams.history import Span
from jararaca.messagebus.streams.turn import Turn
from jararaca.printable import logger_named
from jararaca.routing.declarations import position_of
from jararaca.transport import Delivery, StreamStart, Transport

logger = logger_named("jararaca.worker")

AGAIN_SECONDS = 1.0
"""Before reading is tried again that could not begin, or ended over an error of ours."""

FIRST_LOOK_SECONDS, LOOK_SECONDS = 1.0, 60.0
"""After so long without a message it is asked whether it still is the stream that was read."""

FIRST_TURN_SECONDS = 0.5
"""How long a start waits for the turn to read: where another worker has it, it does not come."""


class AnotherStreamError(BrokerError):
    """The stream was deleted and declared anew: an offset of the old one says nothing of it."""


class StreamReader:
    """One worker's part in reading one stream for one queue's handlers, one worker at a time.

    `offsets` None: the turn itself keeps them. `running` are the tasks that a stop waits for.
    """

    def __init__(
        self,
        transport: Transport,
        host: Host,
        handlers: Sequence[BoundHandler],
        offsets: Offsets | None,
        running: set[asyncio.Task[Any]],
        prefetch: int,
        pause: Pause,
        quarantine: Quarantine,
    ) -> None:
        route, self._spec = handlers[0].route, handlers[0].spec
        assert route.stream is not None and self._spec.stream is not None
        self.stream, self.name = route.stream, position_of(route)
        self._from: From = self._spec.stream
        self._filter_by = route.filter_by
        self._transport = transport
        self._host = host
        self._running = running
        self._batch = max(each.spec.batch or 1 for each in handlers)
        self._prefetch = max(prefetch, 2 * self._batch)
        self._turn = Turn(transport, self.name)
        self._number = 0
        self.offsets: Offsets = offsets or self._turn
        self.reading = StreamReading(
            transport,
            host,
            self.stream,
            route.queue,
            self.name,
            self.offsets,
            self._holds,
            pause,
            StreamGuard(quarantine, transport, self.stream, self.name),
            self._batch,
        )
        self._line = self._new_line()
        self._over = asyncio.Event()
        self._begun = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of the messages that wait for those before them."""
        return self._line.waiting

    async def start(self, pipeline: Pipeline) -> None:
        """Stand in line for the turn to read; `pipeline` is the steps of what is read."""
        self.reading.pipeline = pipeline
        await self._turn.begin()
        self._keeper = asyncio.create_task(self._keep())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), FIRST_TURN_SECONDS)

    async def close(self) -> None:
        """Store how far it is, and let the next worker read; what is handled was waited for."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        await self._end()
        await self._turn.end()

    async def _end(self) -> None:
        try:
            await self.reading.end()
        except ReadingOverError:
            pass
        except Exception:
            logger.exception("%s: how far %s is could not be stored", self.stream, self.name)

    def _holds(self) -> bool:
        return self._turn.held and self._turn.number == self._number

    async def _keep(self) -> None:
        """Read whenever it is this worker's turn."""
        while not self._host.stopping.is_set():
            await self._turn.taken()
            self._number = self._turn.number
            try:
                await self._read()
            except AnotherStreamError as error:
                logger.error("%s: not read by %s: %s", self.stream, self.name, error)
                await asyncio.sleep(LOOK_SECONDS)
            except (BrokerError, *OUTAGES) as error:
                logger.error("%s: not read yet by %s: %s", self.stream, self.name, error)
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception:
                # Such as a table of offsets that lacks a column: nothing else would tell of it.
                logger.exception("%s: not read by %s over an error", self.stream, self.name)
                await asyncio.sleep(AGAIN_SECONDS)
            await self._end()
            await asyncio.sleep(0 if self._turn.held else AGAIN_SECONDS)

    async def _read(self) -> None:
        """Read until the turn is over."""
        place = await self.offsets.load(self.name)
        position = None if place is None else place.position
        self.reading.begin(place)
        self._over, self._line = asyncio.Event(), self._new_line()
        since = self._from.since(datetime.now(UTC)) if position is None else None
        receive = _Receiver(self, self._line, self._over, position, since)
        start, only = await self._start(position, since), self._from.values
        consumer = await self._transport.read(self.stream, self._prefetch, receive, start, only)
        self._begun.set()
        try:
            await self._until_over()
        finally:
            await consumer.cancel()
            for delivery in self._line.clear():
                await self._transport.ack(delivery)

    async def _until_over(self) -> None:
        """Wait until the turn is over. Raises AnotherStreamError.

        RabbitMQ gives who asks for an offset that is not there yet nothing, and says nothing.
        """
        seconds = FIRST_LOOK_SECONDS
        while True:
            position = self.reading.position
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._over.wait()
                return
            seconds = LOOK_SECONDS
            if position is not None and position == self.reading.position:
                await self._refuse_another(position)

    async def _refuse_another(self, position: int) -> None:
        if position < 0:
            return
        try:
            for _ in range(2):  # A busy broker may not have answered in time.
                end = await last_offset(self._transport, self.stream)
                if end is not None and end >= position:
                    return
        except BrokerError:
            return
        raise AnotherStreamError(
            f"it was deleted and declared anew: offset {position} was handled, and it ends before "
            f"that. Stop the workers, delete the offset of {self.name} in {self.offsets.place} "
            f"(RabbitMQ: the queue {position_queue(self.name)}; a database: its row of "
            "jararaca_stream_offsets), and start them: reading begins where stream= says"
        )

    async def _start(self, position: int | None, since: datetime | None) -> StreamStart:
        if position is not None:
            return position + 1
        if since is not None:
            return since
        before_end = self._from.offset
        if not before_end:
            return "first"
        last = await last_offset(self._transport, self.stream)
        return "first" if last is None else max(0, last + 1 + before_end)

    def _new_line(self) -> Line:
        return Line(self._handle, self._batch, self._spec.within, self._host.stopping)

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        """Handle what is next in line; a stop waits for it."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self.reading.handle(deliveries)
        finally:
            self._running.discard(task)


class _Receiver:
    """What one turn of reading receives: from `since` on, or behind `position`."""

    def __init__(
        self,
        reader: StreamReader,
        line: Line,
        over: asyncio.Event,
        position: int | None,
        since: datetime | None,
    ) -> None:
        self._reader = reader
        self._line = line
        self._over = over
        is_whole = position is not None and not reader._from.values
        self._expected = position + 1 if position is not None and is_whole else None
        self._since = since

    async def __call__(self, delivery: Delivery) -> None:
        """Have a message handled in its turn."""
        self._tell_missing(delivery)
        if self._over.is_set() or self._is_earlier(delivery) or self._is_other(delivery):
            await self._reader._transport.ack(delivery)
            return
        try:
            await self._line.join(delivery)
        except ReadingOverError:
            self._over.set()
        except BaseException as error:
            if ended_from_outside(error):
                raise
            logger.exception("%s: reading begins again over an error of ours", self._reader.stream)
            await asyncio.sleep(AGAIN_SECONDS)
            self._over.set()

    def _is_earlier(self, delivery: Delivery) -> bool:
        """Whether it was published before what is asked for: the broker begins with its chunk."""
        earlier = Span(since=self._since).is_early(delivery)
        if not earlier:
            self._since = None
        return earlier

    def _is_other(self, delivery: Delivery) -> bool:
        """Whether it has another value than is read: the broker goes by chunks, or not at all."""
        reader = self._reader
        values = reader._from.values
        if not values:
            return False
        found = as_published(delivery)
        return value_at(reader._filter_by, found.theirs, found.body) not in values

    def _tell_missing(self, delivery: Delivery) -> None:
        expected, self._expected = self._expected, None
        if expected is not None and delivery.offset is not None and delivery.offset > expected:
            logger.warning(
                "%s: %d messages that %s had not handled are not kept any more (offsets %d to %d, "
                "max-age or max-bytes): it goes on with the first that is",
                self._reader.stream,
                delivery.offset - expected,
                self._reader.name,
                expected,
                delivery.offset - 1,
            )
