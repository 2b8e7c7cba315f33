"""Listening to a broker: an async iterator of what is published, until it is told to stop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from jararaca_shared.broker_url import BrokerUrl

from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import Ear
from jararaca_compiler.listening.connection import dial, hang_up, is_gone, said
from jararaca_compiler.listening.ear_queue import Bounds, EarQueue
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.heard import Counts, HeardMessage
from jararaca_compiler.listening.losing import is_lost, unless_lost
from jararaca_compiler.listening.received import heard
from jararaca_compiler.listening.rights import advice
from jararaca_compiler.listening.settling import dropped_of

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

SLICE_SECONDS = 0.2
"""How long the ears are open at once where they hear a share."""

AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""How long to wait before each try to connect again; the last of them from then on."""

DRAIN_SECONDS = 30.0
"""How long what is in the queues may take to come once the ears are closed."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How long to listen (None: until `stop`), and to which share of the time.

    A share below 1 is heard in slices of 0.2 s at random moments: within a slice every message
    counts, and between them the broker routes nothing to the ears.
    """

    seconds: float | None = None
    sample: float = 1.0
    bounds: Bounds = field(default_factory=Bounds)


class Ears:
    """`async with Ears(...) as ears: async for message in ears: ...`

    Entering raises ListeningError where the broker cannot be reached, or refuses every ear; what it
    refuses while others can be heard stands in `refused`, by exchange. A lost connection is made
    anew. After the last message, `counts` are final.
    """

    def __init__(
        self,
        url: BrokerUrl,
        ears: Sequence[Ear],
        listening: Listening = Listening(),
        management: Management | None = None,
    ) -> None:
        self._url = url
        self._ears = list(ears)
        self._listening = listening
        self._management = management
        self._names = frozenset(ear.exchange for ear in ears)
        self._inbox: asyncio.Queue[tuple[EarQueue, AbstractIncomingMessage] | None] = (
            asyncio.Queue()
        )
        self._stop = asyncio.Event()
        self._connection: AbstractConnection | None = None
        self._queues: list[EarQueue] = []
        self._keeper: asyncio.Task[None] | None = None
        self._heard = 0
        self._dropped: int | None = None
        self._was_doubtful = False
        self._open_seconds = 0.0
        self._opened_at: float | None = None
        self._deaf_seconds = 0.0
        self._taken_at = time.monotonic()
        self.refused: dict[str, str] = {}

    @property
    def counts(self) -> Counts:
        """The counts so far; `dropped` is None while it may be more than none."""
        certain = all(queue.certainty.is_certain for queue in self._queues)
        now = 0.0 if self._opened_at is None else time.monotonic() - self._opened_at
        dropped = 0 if certain and not self._was_doubtful else self._dropped
        return Counts(self._heard, dropped, self._open_seconds + now, self._deaf_seconds)

    def stop(self) -> None:
        """Close the ears; what has been routed to them still comes. For signal handlers too."""
        self._stop.set()

    async def __aenter__(self) -> Ears:
        await self._connect()
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
        await self._disconnect()

    async def __aiter__(self) -> AsyncIterator[HeardMessage]:
        while (item := await self._inbox.get()) is not None:
            queue, message = item
            self._note_stall(queue)
            found = heard(message, is_trace=queue.ear.is_trace)
            if queue.ear.is_trace or found.exchange == queue.ear.exchange or self._alone(found):
                self._heard += 1
                yield found
            await self._settled(queue, message)
        if self._keeper is not None:
            await self._keeper

    def _alone(self, found: HeardMessage) -> bool:
        """Whether no ear is at the exchange that a message was published to."""
        return found.exchange not in self._names

    def _note_stall(self, queue: EarQueue) -> None:
        """What waits too long while nobody takes messages may have expired."""
        now = time.monotonic()
        if (now - self._taken_at) * 1000 > self._listening.bounds.age_ms / 2:
            busy = not self._inbox.empty()
            queue.certainty.is_certain = queue.certainty.is_certain and not busy
        self._taken_at = now

    async def _settled(self, queue: EarQueue, message: AbstractIncomingMessage) -> None:
        """Ack; a connection that has gone meanwhile is the keeper's."""
        with unless_lost():
            await queue.taken(message, at_once=False)
            if self._inbox.empty():
                for each in self._queues:
                    await each.ack()
            if queue.certainty.wants_look:
                await queue.look()

    async def _connect(self) -> None:
        """Dial, and open and bind each ear; one that is refused is left out from then on."""
        self._connection = await dial(self._url)
        self._queues = []
        refused: dict[str, str] = {}
        for ear in list(self._ears):
            queue = EarQueue(ear, self._listening.bounds)
            try:
                await queue.declare(self._connection, self._take)
                await queue.bind()
                if self._listening.sample < 1:
                    await queue.unbind()
            except BaseException as error:
                if not is_lost(error):
                    raise
                if is_gone(self._connection):
                    raise ListeningError(f"the connection was lost ({said(error)})") from error
                refused[ear.exchange] = said(error)
                self._ears.remove(ear)
            else:
                self._queues.append(queue)
        if refused:
            last = next(reversed(refused))
            refused[last] += advice(self._url, sorted(self._names), refused[last])
            self.refused |= refused
        if not self._queues:
            await self._disconnect()
            raise ListeningError(_nothing(self.refused))
        if self._listening.sample >= 1:
            self._opened_at = time.monotonic()

    async def _disconnect(self) -> None:
        self._note_closed()
        connection, self._connection = self._connection, None
        if connection is not None:
            await hang_up(connection)

    def _take(self, queue: EarQueue, message: AbstractIncomingMessage) -> None:
        self._inbox.put_nowait((queue, message))

    def _note_closed(self) -> None:
        if self._opened_at is not None:
            self._open_seconds += time.monotonic() - self._opened_at
            self._opened_at = None

    async def _keep(self) -> None:
        """Keep the ears open until it is time, then let the rest come, and count."""
        ends = None
        if self._listening.seconds is not None:
            ends = asyncio.get_running_loop().call_later(self._listening.seconds, self.stop)
        try:
            while not self._stop.is_set():
                with unless_lost():
                    await self._hear()
                if not self._stop.is_set():
                    await self._again()
            await self._finish()
        finally:
            if ends is not None:
                ends.cancel()
            self._inbox.put_nowait(None)

    async def _hear(self) -> None:
        """Until it is told to stop; raises where the connection is lost."""
        while not self._stop.is_set():
            assert self._connection is not None
            if is_gone(self._connection):
                raise ConnectionError("the connection is closed")
            if self._listening.sample < 1:
                await self._slice()
            else:
                await self._rest(0.25)

    async def _slice(self) -> None:
        """Open the ears for a moment, somewhere within a period."""
        period = SLICE_SECONDS / self._listening.sample
        before = random.uniform(0, period - SLICE_SECONDS)
        await self._rest(before)
        for queue in self._queues:
            await queue.bind()
        self._opened_at = time.monotonic()
        await self._rest(SLICE_SECONDS)
        for queue in self._queues:
            await queue.unbind()
        self._note_closed()
        await self._rest(period - SLICE_SECONDS - before)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    async def _again(self) -> None:
        """Connect again, for as long as it takes; what was in the queues is lost with them."""
        lost_at = time.monotonic()
        self._was_doubtful |= not all(queue.certainty.is_certain for queue in self._queues)
        await self._disconnect()
        tries = 0
        while not self._stop.is_set():
            await self._rest(AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS) - 1)])
            tries += 1
            with suppress(ListeningError), unless_lost():
                await self._connect()
                break
        self._deaf_seconds += time.monotonic() - lost_at

    async def _finish(self) -> None:
        """Close the ears, wait for what is in the queues, and find out what never came."""
        with unless_lost():
            for queue in self._queues:
                if self._listening.sample >= 1:
                    await queue.unbind()
            self._note_closed()
            await self._drained()
            told = await dropped_of(self._queues, self._management)
            self._dropped = None if self._was_doubtful else told

    async def _drained(self) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            left = [await queue.look() for queue in self._queues]
            if not any(left) and self._inbox.empty():
                return
            await asyncio.sleep(0.05)


def _nothing(refused: dict[str, str]) -> str:
    if not refused:
        return "there is no exchange to listen to: publish something first, or use --trace"
    told = "; ".join(f"{name or 'the default exchange'}: {why}" for name, why in refused.items())
    return f"the broker lets nobody listen: {told}"
