"""Dead letters: looking at them, replaying them into their queue, exporting and purging them.

Every function takes at most what waits when it begins, so that it ends; what it fetched and did
not settle goes back when it ends, however it ends. Interrupted and run again, nothing is lost.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jararaca.contract import headers
from jararaca.contract.topology import DEAD_LETTER_SUFFIX, Topology, dead_letter_queue
from jararaca.printable import json_line
from jararaca.transport import Delivery, Publication, Transport

Told = Callable[["DeadLetter"], None]
"""Told of each message that was settled."""

Progress = Callable[[int, int], None]
"""Told how many messages were looked at, of how many."""

FIRST_YEAR, LAST_YEAR = 1970, 9999
OF_THE_FAILURE = (
    headers.ATTEMPT,
    headers.FIRST_FAILURE,
    headers.LAST_ERROR,
    headers.REASON,
    headers.ERROR_TYPE,
    headers.TRACEBACK,
    headers.HANDLER,
    headers.QUEUE,
    headers.DEAD_LETTERED_AT,
)
"""What a replayed message leaves behind: its tries start anew."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and why, as it says: whoever may write to the queue may lie."""

    delivery: Delivery

    @property
    def message_id(self) -> str | None:
        """The message's id."""
        return self.delivery.properties.message_id

    @property
    def name(self) -> str | None:
        """The message's name, AMQP's `type`."""
        return self.delivery.properties.type

    @property
    def queue(self) -> str:
        """The queue whose dead letters it is among, and is replayed into."""
        return self.delivery.queue.removesuffix(DEAD_LETTER_SUFFIX)

    @property
    def is_vouched_for(self) -> bool:
        """Whether the broker vouches that the service itself wrote its topic, or it names none."""
        return headers.TOPIC in self.delivery.ours or self.topic == self.delivery.routing_key

    @property
    def topic(self) -> str:
        """The routing key that it was published with."""
        return self._text(headers.TOPIC) or self._death("routing-keys") or self.delivery.routing_key

    @property
    def reason(self) -> str:
        """Why, as one sentence: the handler's, or the broker's own."""
        told = self._text(headers.REASON)
        return told or f"the broker gave it up: {self._death('reason') or 'no reason is known'}"

    @property
    def error_type(self) -> str | None:
        """The dotted name of the exception's class."""
        return self._text(headers.ERROR_TYPE)

    @property
    def traceback(self) -> str | None:
        """The last frames of the traceback."""
        return self._text(headers.TRACEBACK)

    @property
    def handler(self) -> str | None:
        """The handler that gave it up."""
        return self._text(headers.HANDLER)

    @property
    def attempts(self) -> int:
        """How many tries it had; 0 where that is not known."""
        value = self.delivery.headers.get(headers.ATTEMPT)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    @property
    def first_failure(self) -> datetime | None:
        """When the first try failed."""
        return _time(self._text(headers.FIRST_FAILURE))

    @property
    def dead_lettered_at(self) -> datetime | None:
        """When it was given up."""
        return _time(self._text(headers.DEAD_LETTERED_AT))

    def as_json(self) -> str:
        """All of it on one line; a body that is no UTF-8 is in base64, and says so."""
        properties = self.delivery.properties
        try:
            body = {"body": self.delivery.body.decode()}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(self.delivery.body).decode()}
        told = {
            "queue": self.queue,
            "topic": self.topic,
            "message_id": self.message_id,
            "type": self.name,
            "content_type": properties.content_type,
            "correlation_id": properties.correlation_id,
            "reason": self.reason,
            "headers": dict(self.delivery.headers),
            **body,
        }
        return json_line(told)

    def _text(self, name: str) -> str | None:
        value = self.delivery.headers.get(name)
        return value if isinstance(value, str) else None

    def _death(self, name: str) -> str | None:
        """What RabbitMQ says of the last time that it dead-lettered the message itself."""
        deaths = self.delivery.headers.get("x-death")
        if not isinstance(deaths, list) or not deaths or not isinstance(deaths[0], dict):
            return None
        value: Any = deaths[0].get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        return str(value) if value is not None else None


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
    queues = [queue.name for topology in topologies for queue in topology.queues]
    dead = sorted({name for name in queues if name.endswith(DEAD_LETTER_SUFFIX)})
    return {name.removesuffix(DEAD_LETTER_SUFFIX): await transport.count(name) for name in dead}


async def list_dead_letters(
    transport: Transport, queue: str, chosen: Filter = ALL, limit: int | None = None
) -> list[DeadLetter]:
    """A queue's dead letters, oldest first; they stay where they are."""
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
    queue: str,
    chosen: Filter = ALL,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    believe: bool = False,
    told: Told | None = None,
) -> int:
    """Put dead letters back into their queue, each confirmed before it leaves; how many.

    A message keeps its id, its properties and its topic; its tries start anew. A topic that nobody
    vouches for is left behind, unless all are to be believed. One that is
    interrupted between the two may be in both places: it is replayed again with the same id.
    `told` is called with each that was replayed. Raises UnroutableError when the queue is gone.
    """
    done = 0
    async with _Batch(transport, queue, progress) as batch:
        async for letter in batch.letters():
            if not chosen.fits(letter):
                continue
            await transport.publish(_replayed(letter, believe=believe))
            await batch.ack(letter)
            done += 1
            if told is not None:
                told(letter)
            if done == limit:
                break
    return done


async def purge(
    transport: Transport,
    queue: str,
    chosen: Filter = ALL,
    *,
    progress: Progress | None = None,
    told: Told | None = None,
) -> int:
    """Delete dead letters for good; how many. `told` is called with each."""
    done = 0
    async with _Batch(transport, queue, progress) as batch:
        async for letter in batch.letters():
            if chosen.fits(letter):
                await batch.ack(letter)
                done += 1
                if told is not None:
                    told(letter)
    return done


class _Batch:
    """What waits in a queue's dead letters; what is not acked goes back at the end of the block."""

    def __init__(self, transport: Transport, queue: str, progress: Progress | None = None) -> None:
        self._transport = transport
        self._queue = dead_letter_queue(queue)
        self._progress = progress
        self._held: dict[int, Delivery] = {}

    async def __aenter__(self) -> _Batch:
        return self

    async def __aexit__(self, *_: object) -> None:
        for delivery in self._held.values():
            await self._transport.requeue(delivery)

    async def letters(self) -> AsyncIterator[DeadLetter]:
        """One after the other, each unsettled."""
        total = await self._transport.count(self._queue)
        for number in range(1, total + 1):
            delivery = await self._transport.fetch(self._queue)
            if delivery is None:
                return
            self._held[id(delivery)] = delivery
            yield DeadLetter(delivery)
            if self._progress is not None:
                self._progress(number, total)

    async def ack(self, letter: DeadLetter) -> None:
        """This one leaves the queue."""
        await self._transport.ack(letter.delivery)
        del self._held[id(letter.delivery)]


def _replayed(letter: DeadLetter, *, believe: bool) -> Publication:
    believed = letter.delivery.ours
    kept = {
        **letter.delivery.theirs,
        **{name: value for name, value in believed.items() if name not in OF_THE_FAILURE},
    }
    if believe:
        kept[headers.TOPIC] = letter.topic
    return Publication(
        routing_key=letter.queue,
        body=letter.delivery.body,
        exchange="",
        properties=letter.delivery.properties,
        headers=kept,
        mandatory=True,
        signed=True,
    )


def _time(text: str | None) -> datetime | None:
    """A time that is one everywhere: with its zone, and where each zone's calendar reaches."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        return None
    return found
