"""Reading a stream: each message is tried in its place, and its offset stored with its effects."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from jararaca.application.host import Host
from jararaca.application.progress import Offsets, Place, Progress
from jararaca.contract import headers
from jararaca.errors import StreamTakenError
from jararaca.handling.attempt import Try
from jararaca.handling.batching.batch_work import BatchWork
from jararaca.handling.batching.batches import decided
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision, Done, Redeliver, Requeue, Settled
from jararaca.handling.delivery_work import RETURNED
from jararaca.handling.middlewares.circuit_breaker import OUTAGES
from jararaca.handling.middlewares.ordering import LONGEST_HOLD, Pause
from jararaca.handling.pipeline import Entry, Pipeline
from jararaca.handling.redelivery import as_published
from jararaca.handling.streaming.suspicion import Guard, Suspicion
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")

STORED_AFTER, STORED_SECONDS = 100, 1.0
"""Handled messages, or seconds, after which an offset outside of transactions is stored."""


class ReadingOverError(Exception):
    """This process reads the stream no more: nothing that it was given may be handled here."""


class StreamReading:
    """Handles what is read of a stream, from the offset `position` on.

    `queue` is the handlers' own: what they give up goes to its dead letters. `holds` says whether
    it is still this process's turn to read. `batch` is how many are handled together at most.
    `pipeline` is the steps, made once with this reading.
    """

    def __init__(
        self,
        transport: Transport,
        host: Host,
        stream: str,
        queue: str,
        name: str,
        offsets: Offsets,
        holds: Callable[[], bool],
        pause: Pause,
        guard: Guard,
        batch: int,
    ) -> None:
        self._transport = transport
        self._host = host
        self._stream = stream
        self._queue = queue
        self._name = name
        self._offsets = offsets
        self._holds = holds
        self._pause = pause
        self._guard = guard
        # Handled at most before an offset is stored.
        self._reach = batch if offsets.in_transaction else batch + STORED_AFTER
        self._suspicion = Suspicion(None, self._reach)
        self._group: Sequence[Entry] = ()
        self._stored: int | None = None
        self._stored_at = time.monotonic()
        self._storing = asyncio.Lock()
        self._later: asyncio.Task[None] | None = None
        self.position: int | None = None
        self.pipeline: Pipeline | None = None

    def begin(self, place: Place | None) -> None:
        """Go on behind what was handled."""
        self.position = self._stored = None if place is None else place.position
        self._suspicion = Suspicion(place, self._reach)

    async def end(self) -> None:
        """Store how far it is, and that nothing is in hand. Raises ReadingOverError."""
        if not self._holds():
            return
        await self.store()
        async with self._storing:
            marked, self._suspicion.marked = self._suspicion.marked, None
            if marked is not None and marked.position == self.position:
                await self._advance(self._progress(marked.position, marked.strikes))

    def progress(self, message: MessageOf[Any]) -> Progress:
        """How far the stream is read once this message is handled."""
        return self._progress(_offset(message.delivery))

    def tried(self, single: Try) -> Try:
        """The tries of the messages: those of a handler with `batch` are tried as the group is."""

        async def tried(handler: BoundHandler, message: MessageOf[Any]) -> Decision:
            if handler.spec.batch is None:
                return await single(handler, message)
            return await self._tried_together(handler, message)

        return tried

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Handle messages in their order, and settle each. Raises ReadingOverError."""
        assert self.pipeline is not None
        together: list[Entry] = []
        for received in deliveries:
            delivery = as_published(received)
            # Made for this reading alone: a copy would cost as much as all the other steps.
            delivery.queue = self._queue
            if self.position is not None and _offset(delivery) <= self.position:
                await self._transport.ack(received)
                continue
            alone = self._suspicion.is_alone(_offset(delivery))
            opened = self.pipeline.opened(delivery)
            if together and (alone or _differ(together[0], opened)):
                await self._handled(together)
                together = []
            if isinstance(opened, Decision):
                await self._settled(self.pipeline, opened)
            elif await self._may_begin(delivery):
                together.append(opened)
            if alone and together:
                await self._handled(together)
                together = []
        if together:
            await self._handled(together)

    async def _may_begin(self, delivery: Delivery) -> bool:
        """Whether it is to be handled, once it may begin; what ends processes is a dead letter."""
        assert self.pipeline is not None
        offset = _offset(delivery)
        reason = await self._guard.refuses(delivery, self._suspicion.strikes(offset))
        if reason is not None:
            await self._settled(self.pipeline, Decision(delivery, DeadLetter(reason)))
            return False
        if self._suspicion.is_marked(offset):
            mark = self._suspicion.mark(offset)
            async with self._storing:
                await self._advance(self._progress(mark.position, mark.strikes))
                self.position = self._stored = mark.position
        return True

    async def store(self) -> None:
        """Store how far it is, where that is not done in transactions. Raises ReadingOverError."""
        async with self._storing:
            position = self.position
            if position is not None and position != self._stored and self._holds():
                await self._advance(self._progress(position))
                self._stored, self._stored_at = position, time.monotonic()

    async def _store_later(self) -> None:
        """Store what nothing follows that would have it stored."""
        await asyncio.sleep(STORED_SECONDS)
        self._later = None
        with suppress(ReadingOverError):
            await self.store()

    async def _handled(self, entries: Sequence[Entry]) -> None:
        """Handle messages of one handler: together, or each in its turn."""
        with self._guard.running([message.delivery for _, message in entries]):
            if entries[0][0].spec.batch is not None:
                await self._until_settled(entries)
                return
            for entry in entries:
                await self._until_settled([entry])

    async def _until_settled(self, entries: Sequence[Entry]) -> None:
        """Try until the messages are handled, or given up; where some fail, each half in order."""
        assert self.pipeline is not None
        handler, message = entries[-1]
        while True:
            if self._host.stopping.is_set() or not self._holds():
                raise ReadingOverError
            self._group = entries
            decision = await self.pipeline.attempt(handler, message)
            if isinstance(decision.error, StreamTakenError):
                raise ReadingOverError from decision.error
            if isinstance(decision.settlement, Requeue):
                raise ReadingOverError
            if not isinstance(decision.settlement, Done | Settled) and len(entries) > 1:
                half = len(entries) // 2
                await self._until_settled(entries[:half])
                await self._until_settled(entries[half:])
                return
            if not isinstance(decision.settlement, Redeliver):
                break
            self.pipeline.report(decision)
            again = decision.settlement
            message = MessageOf(
                message.payload(), message.delivery, message.parameters, again.attempt
            )
            entries = [(handler, message)]
            await self._pause(min(again.delay, LONGEST_HOLD), self._host.stopping)
        for _, each in entries[:-1]:
            await self.pipeline.settle(decided((handler, each), RETURNED, None))
        await self._settled(self.pipeline, decision)

    async def _settled(self, pipeline: Pipeline, decision: Decision) -> None:
        """Move the message on, if it goes anywhere, then store its offset, then have the next."""
        if isinstance(decision.settlement, Requeue | Redeliver) or not self._holds():
            raise ReadingOverError
        after = _offset(decision.delivery)
        if isinstance(decision.settlement, DeadLetter):
            decision.delivery = self._with_place(decision.delivery)
        is_stored = isinstance(decision.settlement, Done | Settled)
        await pipeline.settle(decision)
        if self._offsets.in_transaction:
            if not is_stored:
                await self._advance(self._progress(after))
            self.position = self._stored = after
            return
        self.position = after
        since = after - (self._stored if self._stored is not None else -1)
        if (
            self._suspicion.is_alone(after)
            or since >= STORED_AFTER
            or time.monotonic() - self._stored_at >= STORED_SECONDS
        ):
            await self.store()
        elif self._later is None:
            self._later = asyncio.create_task(self._store_later())

    async def _tried_together(self, handler: BoundHandler, last: MessageOf[Any]) -> Decision:
        """One try of the group, whose last message stands for all."""
        batch = [message for _, message in self._group[:-1]]
        work = BatchWork(self._transport, self._host, handler, [*batch, last])
        work.progress = self.progress(last)
        return decided((handler, last), await work.run(), None)

    async def _advance(self, progress: Progress) -> None:
        """Store it, however long that takes. Raises ReadingOverError where it is of no use more."""
        while True:
            try:
                await self._offsets.advance(progress)
                return
            except StreamTakenError as error:
                raise ReadingOverError from error
            except OUTAGES as error:
                if self._host.stopping.is_set() or not self._holds():
                    raise ReadingOverError from error
                logger.warning("%s: its offset is not stored yet (%s)", self._name, error)
            await self._pause(STORED_SECONDS, self._host.stopping)

    def _progress(self, after: int, strikes: int = 0) -> Progress:
        return Progress(self._name, self._stream, self.position, after, strikes)

    def _with_place(self, delivery: Delivery) -> Delivery:
        """A delivery that remembers where it was read."""
        at = {headers.STREAM: self._stream, headers.OFFSET: delivery.offset}
        return replace(
            delivery,
            headers={**delivery.theirs, **delivery.ours, **at},
            believed=delivery.believed | at.keys(),
        )


def _offset(delivery: Delivery) -> int:
    offset = delivery.offset
    assert offset is not None, "a stream's broker says where a message stands"
    return offset


def _differ(one: Entry, other: Entry | Decision) -> bool:
    return isinstance(other, Decision) or one[0].method != other[0].method
