"""Whose turn it is to read a stream: RabbitMQ gives one message of a queue to one worker at a time.

The message also keeps the offset, where no database and no Redis does. It comes back to the queue
with its worker's connection, and so to the next worker.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from jararaca.application.progress import Place, Progress
from jararaca.contract.positions import position_queue
from jararaca.errors import BackendError, BrokerError
from jararaca.messagebus.streams.kept_position import Kept, kept_in, token
from jararaca.transport import Consumer, Delivery, Transport

TOKENS = 100
"""Tokens in hand at most: each start of a worker adds one, and who has the turn drops it."""

RENEWED_SECONDS = 600.0
"""After so long the token is published anew: RabbitMQ waits half an hour for its ack."""

FENCE_SECONDS = 10.0
"""How long the messages of a queue may take to come before its turn is given up."""


class Turn:
    """The turn to read the stream whose offset is stored under `name`."""

    in_transaction = False
    place = "RabbitMQ"

    def __init__(self, transport: Transport, name: str) -> None:
        self._transport = transport
        self._queue = position_queue(name)
        self._token: Delivery | None = None
        self._kept = Kept()
        self._fence = ""
        self._fenced = asyncio.Event()
        self._consumer: Consumer | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._writing = asyncio.Lock()
        self._written_last = 0
        self.number = 0
        """Which turn it is: who reads in an earlier one reads no more."""

    async def begin(self) -> None:
        """Stand in line; the first who ever does brings the token along."""
        self._consumer = await self._transport.consume(self._queue, TOKENS, self._receive)
        await self._transport.publish(token(self._queue, Kept()))
        self._renewing = asyncio.create_task(self._renew())

    @property
    def held(self) -> bool:
        """Whether it is this process's turn, as far as it can know."""
        return self._token is not None and self._transport.holds(self._token)

    @property
    def end_offset(self) -> int | None:
        """The offset that is the last to be read, as the token says."""
        return self._kept.end

    async def taken(self) -> None:
        """Wait until it is."""
        while not self.held:
            self._came.clear()
            await self._came.wait()

    async def load(self, name: str) -> Place | None:
        """The offset in the token. Raises BackendError.

        A process that ended may have left two, and the older comes first: all that was there has
        come once a message comes that is published now.
        """
        self._fence = uuid4().hex
        self._fenced.clear()
        try:
            await self._transport.publish(
                token(self._queue, replace(self._kept, fence=self._fence))
            )
            await asyncio.wait_for(self._fenced.wait(), FENCE_SECONDS)
        except (BrokerError, TimeoutError) as error:
            raise BackendError(f"{self._queue} does not say where to begin: {error}") from error
        kept = self._kept
        return None if kept.offset is None else Place(kept.offset, kept.strikes)

    async def advance(self, progress: Progress) -> None:
        """Have the token say so. Raises BackendError."""
        try:
            await self._written(progress.after, progress.strikes)
        except BrokerError as error:
            raise BackendError(str(error)) from error

    async def keep(self, offset: int, end: int | None) -> None:
        """Have the token say how far it is, and which offset is the last. Raises BrokerError."""
        await self._written(offset, 0, end)

    async def end(self) -> None:
        """Leave the line; the token goes to the next."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._consumer is not None:
            await self._consumer.cancel()
        if self._token is not None and self.held:
            await self._transport.requeue(self._token)
        self._token = None

    async def _receive(self, delivery: Delivery) -> None:
        """Keep the token that says most; what another start brought along is dropped."""
        kept = kept_in(delivery)
        if kept.fence and kept.fence == self._fence:
            self._fenced.set()
        if self.held and self._kept.order > kept.order:
            await self._transport.ack(delivery)
            return
        self.number += not self.held
        before, self._token, self._kept = self._token, delivery, kept
        self._came.set()
        if before is not None:
            await self._transport.ack(before)

    async def _written(self, offset: int | None, strikes: int, end: int | None = None) -> None:
        """A new token comes back to the one who holds the old; that is acked when it does."""
        async with self._writing:
            self._written_last = max(self._written_last, self._kept.number) + 1
            kept = Kept(offset, strikes, self._written_last, end=end)
            await self._transport.publish(token(self._queue, kept))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_SECONDS)
            if self.held:
                with suppress(BrokerError):
                    await self._written(self._kept.offset, self._kept.strikes, self._kept.end)
