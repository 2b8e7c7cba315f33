"""A queue of the in-process broker: what waits, who consumes, and what is unsettled."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from threading import RLock
from time import monotonic
from typing import Any, Protocol

from jararaca.contract.topology import Queue
from jararaca.transport import Delivery, OnDelivery, Properties, provenance

TURN = RLock()
"""Publishers of other threads take turns with those of the consumers' loop, in all queues."""

USUAL_PRIORITY, HIGHEST_PRIORITY = 4, 31
"""Of messages in a quorum queue: of one that has none, and what all above it count as."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in a queue; `returned` counts how often it came back, `failed` over a failure.

    `expires` is the monotonic time from which on the queue does not keep it any more; `offset` is
    its place in a stream.
    """

    routing_key: str
    exchange: str
    body: bytes
    properties: Properties
    headers: Mapping[str, Any]
    failed: int = 0
    returned: int = 0
    expires: float = math.inf
    believed: frozenset[str] = provenance.ANYONES
    offset: int = 0

    def at(self, offset: int) -> Stored:
        """The same message, at its place in a stream."""
        return replace(self, offset=offset)


@dataclass(frozen=True, slots=True)
class Token:
    """Says which consumer holds a delivery, and where the message stood in its queue."""

    consumer: Subscription
    place: tuple[int, int]
    stored: Stored


class Source(Protocol):
    """What is consumed: a queue, or a stream."""

    spec: Queue
    consumers: list[Subscription]

    def pump(self) -> None:
        """Hand over what waits."""

    def put_back(self, place: tuple[int, int], stored: Stored, *, failed: bool) -> None:
        """Take a message again."""

    def take(self) -> tuple[tuple[int, int], Stored] | None:
        """The next message, for one who asks for it instead of consuming."""


@dataclass(eq=False, slots=True)
class Subscription:
    """A consumer: at most `prefetch` of its deliveries are unsettled at any time."""

    queue: Source
    prefetch: int
    on_delivery: OnDelivery
    loop: asyncio.AbstractEventLoop
    priority: int = 0
    context: Context = field(default_factory=copy_context)
    """Its consumer's: who publishes or acks is none of a delivery's business."""
    unsettled: dict[tuple[int, int], Stored] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def free(self) -> bool:
        """Whether it takes another delivery."""
        return len(self.unsettled) < self.prefetch

    def receive(self, place: tuple[int, int], stored: Stored) -> None:
        """Hand a message over, in a task of its own."""
        delivery = self.hold(place, stored)
        if self.loop is _running_loop():
            self._begin(delivery)
        else:
            # Whoever has published runs in another thread.
            self.loop.call_soon_threadsafe(self._begin, delivery)

    def _begin(self, delivery: Delivery) -> None:
        handled = _await(self.on_delivery, delivery)
        task = self.loop.create_task(handled, context=self.context.copy())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def hold(self, place: tuple[int, int], stored: Stored) -> Delivery:
        """A delivery, which is unsettled from now on."""
        self.unsettled[place] = stored
        return Delivery(
            self.queue.spec.name,
            stored.routing_key,
            stored.exchange,
            stored.body,
            stored.properties,
            self._headers(stored),
            stored.returned > 0,
            Token(self, place, stored),
            stored.believed,
        )

    def _headers(self, stored: Stored) -> Mapping[str, Any]:
        """The message's own; a quorum queue adds how often it came back over a failure."""
        if not stored.failed or self.queue.spec.arguments.get("x-queue-type") != "quorum":
            return stored.headers
        return {**stored.headers, provenance.DELIVERY_COUNT: stored.failed}


class MemoryQueue:
    """Messages by priority, then by age; one that comes back takes its old place."""

    def __init__(self, spec: Queue, dead_letter: Callable[[Queue, Stored], None]) -> None:
        self.spec = spec
        self._dead_letter = dead_letter
        self._waiting: list[tuple[tuple[int, int], Stored]] = []
        self._sequence = 0
        self.consumers: list[Subscription] = []

    def __len__(self) -> int:
        self._expire()
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether `x-max-length` with `x-overflow: reject-publish` refuses another message."""
        limit = self.spec.arguments.get("x-max-length")
        refuses = self.spec.arguments.get("x-overflow") == "reject-publish"
        return refuses and limit is not None and len(self._waiting) >= int(limit)

    def put(self, stored: Stored) -> None:
        """Take a new message."""
        with TURN:
            self._sequence += 1
            heappush(self._waiting, ((-self._priority(stored), self._sequence), stored))
            self.pump()

    def put_back(self, place: tuple[int, int], stored: Stored, *, failed: bool) -> None:
        """Take a message again, or dead-letter it past `x-delivery-limit` (RabbitMQ's rule)."""
        failures = stored.failed + failed
        again = replace(stored, failed=failures, returned=stored.returned + 1)
        limit = self.spec.arguments.get("x-delivery-limit")
        if limit is not None and again.failed > int(limit):
            self._dead_letter(self.spec, again)
            return
        heappush(self._waiting, (place, again))

    def pump(self) -> None:
        """Hand over what waits, to each consumer in turn."""
        with TURN:
            self._expire()
            self._hand_over(single=bool(self.spec.arguments.get("x-single-active-consumer")))

    def _hand_over(self, *, single: bool) -> None:
        while self._waiting:
            candidates = self.consumers[:1] if single else self.consumers
            free = [each for each in candidates if each.free]
            taker = max(free, key=lambda each: each.priority, default=None)
            if taker is None:
                return
            if not single:
                self.consumers.remove(taker)
                self.consumers.append(taker)
            taker.receive(*heappop(self._waiting))

    def take(self) -> tuple[tuple[int, int], Stored] | None:
        """The next message, for one who asks for it instead of consuming."""
        with TURN:
            self._expire()
            return heappop(self._waiting) if self._waiting else None

    def _expire(self) -> None:
        """Dead-letter what has waited too long, at the queue's head only (RabbitMQ's rule)."""
        while self._waiting and self._waiting[0][1].expires < monotonic():
            self._dead_letter(self.spec, heappop(self._waiting)[1])

    def _priority(self, stored: Stored) -> int:
        """As RabbitMQ 4.3: a quorum queue has 32 levels, a classic queue those that it asks for."""
        if self.spec.arguments.get("x-queue-type") == "quorum":
            asked = stored.properties.priority
            return min(USUAL_PRIORITY if asked is None else asked, HIGHEST_PRIORITY)
        top = int(self.spec.arguments.get("x-max-priority", 0))
        return min(stored.properties.priority or 0, top)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _await(on_delivery: OnDelivery, delivery: Delivery) -> None:
    await on_delivery(delivery)
