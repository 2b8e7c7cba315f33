"""Dead letters: looking at them, replaying them into their queue, exporting and purging them.

Every function takes at most what waits when it begins, so that it ends; what it fetched and did
not settle goes back when it ends, however it ends. Interrupted and run again, nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from jararaca.contract import headers
from jararaca.contract.topology import DEAD_LETTER_SUFFIX, Topology
from jararaca.errors import (
    JararacaError,
    PublishNackedError,
    PublishParameterError,
    QueueNotFoundError,
    ReplayStoppedError,
)
from jararaca.handling.redelivery import sendable
from jararaca.operations.dead_letter import OF_THE_FAILURE, PARKED, DeadLetter
from jararaca.operations.letter_places import Place, older_places, place_of
from jararaca.transport import Delivery, Publication, Transport

Told = Callable[["DeadLetter"], None]
"""Told of each message that was settled."""

Refused = Callable[["DeadLetter", JararacaError], None]
"""Told of each message that the broker does not take, and why: it stays where it is."""

Edit = Callable[["DeadLetter"], Awaitable[bytes | None]]
"""Gives the body that a letter is sent with."""

LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Watch:
    """For how many seconds a replay looks whether what it has sent is given up again."""

    after_each: float
    after_last: float


Progress = Callable[[int, int], None]
"""Told how many messages were looked at, of how many."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters are meant: all that is set must fit; texts fit as part of the value."""

    message_ids: tuple[str, ...] = ()
    name: str | None = None
    reason: str | None = None
    handler: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, letter: DeadLetter) -> bool:
        """Whether a dead letter is meant; one without a time is outside of every span of time."""
        if self.message_ids and letter.message_id not in self.message_ids:
            return False
        if self.name is not None and letter.name != self.name:
            return False
        for wanted, has in ((self.reason, letter.reason), (self.handler, letter.handler)):
            if wanted is not None and wanted.lower() not in (has or "").lower():
                return False
        return self._in_time(letter.dead_lettered_at)

    def _in_time(self, at: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


ALL = Filter()


async def counts(transport: Transport, topologies: Iterable[Topology]) -> dict[str, int]:
    """How many dead letters each queue of the topologies has. Raises QueueNotFoundError."""
    every = list(topologies)
    queues = [queue.name for topology in every for queue in topology.queues]
    dead = sorted({name for name in queues if name.endswith(DEAD_LETTER_SUFFIX)})
    found = {name.removesuffix(DEAD_LETTER_SUFFIX): await transport.count(name) for name in dead}
    older = [name for topology in every for name in older_places(topology)]
    return {**found, **await _where_there_are_any(transport, (*older, *PARKED))}


async def parked(transport: Transport) -> dict[str, int]:
    """How many delayed messages were for queues that are gone, where there are any."""
    return await _where_there_are_any(transport, PARKED)


async def _where_there_are_any(transport: Transport, queues: Iterable[str]) -> dict[str, int]:
    found = {}
    for queue in queues:
        with suppress(QueueNotFoundError):
            found[queue.removesuffix(DEAD_LETTER_SUFFIX)] = await transport.count(queue)
    return {queue: number for queue, number in found.items() if number}


async def list_dead_letters(
    transport: Transport, queue: str | Place, chosen: Filter = ALL, limit: int | None = None
) -> list[DeadLetter]:
    """A queue's dead letters, oldest first; they stay where they are.

    A `Place` is for a queue that may share its dead letters with others.
    """
    found: list[DeadLetter] = []
    async with _Batch(transport, queue) as batch:
        async for letter in batch.letters():
            if chosen.fits(letter):
                found.append(letter)
            if limit is not None and len(found) == limit:
                break
    return found


async def replay(
    transport: Transport,
    queue: str | Place,
    chosen: Filter = ALL,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    believe: bool = False,
    told: Told | None = None,
    refused: Refused | None = None,
    edit: Edit | None = None,
    watch: Watch | None = None,
) -> int:
    """Put dead letters back into their queue, each confirmed before it leaves; how many.

    A message keeps its id, its properties and its topic; its tries start anew. A topic that nobody
    vouches for is left behind, unless all are to be believed. One that is
    interrupted between the two may be in both places: it is replayed again with the same id.
    `told` is called with each that was replayed, `refused` with each that cannot be sent again and
    stays; without `refused`, the first such error is raised at the end. `edit` gives the body to
    send; a letter of which it gives none stays. `watch` ends it once a message that was replayed
    is among the dead letters again. Raises
    UnroutableError when the queue is gone, and ReplayStoppedError.
    """
    done = 0
    unsent: JararacaError | None = None
    replayed: set[tuple[str, str | None]] = set()
    async with _Batch(transport, queue, progress) as batch:
        async for letter in batch.letters():
            if not chosen.fits(letter):
                continue
            body = letter.delivery.body if edit is None else await edit(letter)
            if body is None:
                continue
            try:
                await transport.publish(_replayed(letter, body, believe=believe))
            except (PublishParameterError, PublishNackedError) as error:
                unsent = unsent or error
                if refused is not None:
                    refused(letter, error)
                continue
            await batch.ack(letter)
            done += 1
            if told is not None:
                told(letter)
            replayed.add((letter.queue, letter.message_id))
            if watch is not None:
                await batch.stop_if_back(watch.after_each, replayed, done)
            if done == limit:
                break
        if watch is not None and done:
            await batch.stop_if_back(watch.after_last - watch.after_each, replayed, done)
    if unsent is not None and refused is None:
        raise unsent
    return done


async def purge(
    transport: Transport,
    queue: str | Place,
    chosen: Filter = ALL,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
    kept: Told | None = None,
) -> int:
    """Delete dead letters for good; how many.

    `kept` is called with each before it leaves, `told` after it has left.
    """
    done = 0
    async with _Batch(transport, queue, progress) as batch:
        async for letter in batch.letters():
            if not chosen.fits(letter):
                continue
            if kept is not None:
                kept(letter)
            await batch.ack(letter)
            done += 1
            if told is not None:
                told(letter)
            if done == limit:
                break
    return done


class _Batch:
    """What waits in a queue's dead letters; what is not acked goes back at the end of the block."""

    def __init__(
        self, transport: Transport, queue: str | Place, progress: Progress | None = None
    ) -> None:
        self._transport = transport
        self._place = place_of(queue) if isinstance(queue, str) else queue
        self._progress = progress
        self._held: dict[int, Delivery] = {}
        self._unfetched: dict[str, int] = {}
        self._ahead: dict[str, deque[Delivery]] = {}

    async def __aenter__(self) -> _Batch:
        return self

    async def __aexit__(self, *_: object) -> None:
        for delivery in self._held.values():
            await self._transport.requeue(delivery)

    async def letters(self) -> AsyncIterator[DeadLetter]:
        """One after the other, each unsettled."""
        waiting = {queue: await self._count(queue) for queue in self._place.queues}
        number, total = 0, sum(waiting.values())
        self._unfetched = dict(waiting)
        self._ahead = {queue: deque() for queue in waiting}
        for queue, count in waiting.items():
            for _ in range(count):
                ahead = self._ahead[queue]
                delivery = ahead.popleft() if ahead else await self._next(queue)
                if delivery is None:
                    break
                letter = DeadLetter(delivery, queue == self._place.shared)
                if not letter.is_shared or letter.queue in self._place.origins:
                    yield letter
                number += 1
                if self._progress is not None:
                    self._progress(number, total)

    async def _count(self, queue: str) -> int:
        """How many wait; none where a queue of older letters is gone, or was never there."""
        try:
            return await self._transport.count(queue)
        except QueueNotFoundError:
            if self._place.shared in (None, queue):
                raise
            return 0

    async def _next(self, queue: str) -> Delivery | None:
        """One of those that waited at the beginning, as far as there are any; it is held."""
        delivery = await self._transport.fetch(queue)
        if delivery is None:
            self._unfetched[queue] = 0
            return None
        self._held[id(delivery)] = delivery
        self._unfetched[queue] = max(0, self._unfetched[queue] - 1)
        return delivery

    async def stop_if_back(
        self, seconds: float, replayed: Container[tuple[str, str | None]], done: int
    ) -> None:
        """Raises ReplayStoppedError once one of these is given up again, in so many seconds."""
        back = await self._back_within(seconds, replayed)
        if back is not None:
            raise ReplayStoppedError(
                f"stopped after {done} replayed: {back.message_id or 'a message without an id'}"
                f" is among the dead letters of {back.queue} again"
            )

    async def _back_within(
        self, seconds: float, replayed: Container[tuple[str, str | None]]
    ) -> DeadLetter | None:
        """A new letter of these queues and ids, if one comes in so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            for queue in self._place.queues:
                async for letter in self._newcomers(queue):
                    if (letter.queue, letter.message_id) in replayed:
                        return letter
            if asyncio.get_running_loop().time() >= deadline:
                return None
            await asyncio.sleep(LOOK_SECONDS)

    async def _newcomers(self, queue: str) -> AsyncIterator[DeadLetter]:
        """What has come since the beginning: it waits behind all that was there then."""
        new = await self._count(queue) - self._unfetched[queue]
        if new <= 0:
            return
        while self._unfetched[queue] and (delivery := await self._next(queue)) is not None:
            self._ahead[queue].append(delivery)
        for _ in range(new):
            if (delivery := await self._next(queue)) is None:
                break
            yield DeadLetter(delivery, queue == self._place.shared)

    async def ack(self, letter: DeadLetter) -> None:
        """This one leaves the queue."""
        await self._transport.ack(letter.delivery)
        del self._held[id(letter.delivery)]


def _replayed(letter: DeadLetter, body: bytes, *, believe: bool) -> Publication:
    believed = letter.delivery.ours
    kept = {
        **letter.delivery.theirs,
        **{name: value for name, value in believed.items() if name not in OF_THE_FAILURE},
    }
    if believe:
        kept[headers.TOPIC] = letter.topic
    return Publication(
        routing_key=letter.topic if letter.exchange else letter.queue,
        body=body,
        exchange=letter.exchange,
        properties=sendable(letter.delivery.properties),
        headers=kept,
        mandatory=True,
        signed=True,
    )
