"""Deliveries in hand: one message is never handled beside itself in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")


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
        # By the body: to read the id of every message would cost as much as to handle it.
        self._begun: dict[bytes, dict[Delivery, float]] = {}
        self._joined: set[Delivery] = set()
        self._ends: dict[Delivery, asyncio.Event] = {}

    def running(self) -> Iterator[tuple[Delivery, float]]:
        """Each delivery that is handled now, and when it was begun, by the monotonic clock."""
        for alike in self._begun.values():
            yield from alike.items()

    def begin(self, delivery: Delivery) -> None:
        """This one is handled from now on."""
        alike = self._begun.setdefault(delivery.body, {})
        alike[delivery] = monotonic()

    def end(self, delivery: Delivery) -> bool:
        """It is settled, or was given back; whether another receipt of it had joined."""
        alike = self._begun[delivery.body]
        del alike[delivery]
        if not alike:
            del self._begun[delivery.body]
        if self._ends and (end := self._ends.pop(delivery, None)) is not None:
            end.set()
        if not self._joined or delivery not in self._joined:
            return False
        self._joined.discard(delivery)
        return True

    def twin(self, delivery: Delivery) -> Delivery | None:
        """The latest other receipt of this very message that is being handled, if there is one."""
        if (alike := self._begun.get(delivery.body)) is None:
            return None
        return next((each for each in reversed(alike) if _is_same(each, delivery)), None)

    async def turn(self, delivery: Delivery) -> None:
        """Wait until no other publication of this message is being handled."""
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
            "outlasts the consumer timeout of RabbitMQ (see its timeout=), or the connection was "
            "lost. It goes on, and settles the newer delivery",
            self._handlers,
            f"{again.routing_key} {again.properties.message_id}",
            monotonic() - self._begun[running.body][running],
        )
        # The older one is nobody's now; where it still counts as unsettled, this ends that.
        await self._transport.ack(stale)
        return True


def _is_same(one: Delivery, other: Delivery) -> bool:
    """Whether both are the same message: its id alone may be a foreign publisher's constant."""
    message_id = one.properties.message_id
    return (
        message_id is not None
        and message_id == other.properties.message_id
        and one.routing_key == other.routing_key
        and one.body == other.body
    )
