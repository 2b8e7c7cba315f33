"""Deliveries in hand: one message is never handled beside itself in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator
from dataclasses import replace
from itertools import chain
from time import monotonic
from weakref import WeakValueDictionary

from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")

Entry = tuple[Delivery, float]
"""A delivery that is handled, and when it was begun, by the monotonic clock."""


class InHand:
    """What is being handled of one queue.

    RabbitMQ delivers a message again that was not acked within its consumer timeout, or whose
    connection was lost, and knows nothing of the handler that is still at it. Such a message is not
    handled beside itself: the handler goes on, and settles the newer delivery. A message that was
    published twice under one id is two: the second waits for its turn.
    """

    def __init__(self, transport: Transport, handlers: str) -> None:
        self._transport = transport
        self._handlers = handlers
        # By the body: to read the id of every message would cost as much as to handle it. Nearly
        # all are alone with theirs; `_others` are those that are not the first of theirs.
        self._firsts: dict[bytes, Entry] = {}
        self._others: dict[bytes, dict[Delivery, Entry]] = {}
        self._joined: set[Delivery] = set()
        self._ends: dict[Delivery, asyncio.Event] = {}
        # Who waits stands in a line: to wake all at each end would cost their number squared.
        self._lines: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    @property
    def bodies(self) -> Container[bytes]:
        """The bodies of all that is handled: what is not among them has no twin."""
        return self._firsts

    def running(self) -> Iterator[Entry]:
        """Each delivery that is handled now, and when it was begun."""
        yield from self._firsts.values()
        for others in self._others.values():
            yield from others.values()

    def begin(self, delivery: Delivery) -> None:
        """This one is handled from now on."""
        entry = delivery, monotonic()
        if self._firsts.setdefault(delivery.body, entry) is not entry:
            self._others.setdefault(delivery.body, {})[delivery] = entry

    def end(self, delivery: Delivery) -> bool:
        """It is settled, or was given back; whether another receipt of it had joined."""
        if self._others or self._ends or self._joined:
            return self._end_among_others(delivery)
        del self._firsts[delivery.body]
        return False

    def twin(self, delivery: Delivery) -> Delivery | None:
        """The latest other receipt of this very message that is being handled, if there is one."""
        first = self._firsts.get(delivery.body)
        if first is None or delivery.properties.message_id is None:
            return None
        alike = chain(reversed(self._others.get(delivery.body, {})), first[:1])
        return next((each for each in alike if _is_same(each, delivery)), None)

    async def turn(self, delivery: Delivery) -> None:
        """Wait until no other publication of this message is being handled."""
        async with self._lines.setdefault(delivery.body, asyncio.Lock()):
            while (twin := self.twin(delivery)) is not None:
                await self._ends.setdefault(twin, asyncio.Event()).wait()

    async def give_back(self, delivery: Delivery) -> None:
        """Requeue what joined too late to be settled with it."""
        if self._transport.holds(delivery):
            await self._transport.requeue(delivery)

    async def join(self, again: Delivery) -> bool:
        """Whether the same message is in hand: then its handler settles this delivery too."""
        running = self.twin(again) if again.redelivered else None
        if running is None:
            return False
        stale = replace(again, token=running.token)
        running.token = again.token
        self._joined.add(running)
        logger.warning(
            "%s: %s was delivered again while it is handled, for %.1f s by now: the handler "
            "takes longer than RabbitMQ's consumer timeout (set its timeout=), or the connection "
            "was lost. It keeps running, and settles the newer delivery",
            self._handlers,
            f"{again.routing_key} {again.properties.message_id}",
            monotonic() - dict(self.running())[running],
        )
        # The older one is nobody's now; where it still counts as unsettled, this ends that.
        await self._transport.ack(stale)
        return True

    def _end_among_others(self, delivery: Delivery) -> bool:
        body = delivery.body
        others = self._others.get(body)
        if self._firsts[body][0] is not delivery:
            assert others is not None
            del others[delivery]
        elif others:
            self._firsts[body] = others.pop(next(iter(others)))
        else:
            del self._firsts[body]
        if others is not None and not others:
            del self._others[body]
        if (end := self._ends.pop(delivery, None)) is not None:
            end.set()
        joined = delivery in self._joined
        self._joined.discard(delivery)
        return joined


def _is_same(one: Delivery, other: Delivery) -> bool:
    """Whether both are the same message: its id alone may be a foreign publisher's constant."""
    return (
        one.properties.message_id == other.properties.message_id
        and one.routing_key == other.routing_key
        and one.body == other.body
    )
