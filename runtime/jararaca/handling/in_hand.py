"""Deliveries in hand: one message is never handled beside itself in one process."""

from __future__ import annotations

import asyncio
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
        self.since: dict[Delivery, float] = {}
        """When each that is handled now was begun, by the monotonic clock."""
        self._latest: dict[str, Delivery] = {}
        self._joined: set[Delivery] = set()
        self._ends: dict[Delivery, asyncio.Event] = {}

    def begin(self, delivery: Delivery) -> None:
        """This one is handled from now on."""
        self.since[delivery] = monotonic()
        if (message_id := delivery.properties.message_id) is not None:
            self._latest[message_id] = delivery

    def end(self, delivery: Delivery) -> bool:
        """It is settled, or was given back; whether another receipt of it had joined."""
        del self.since[delivery]
        message_id = delivery.properties.message_id
        if message_id is not None and self._latest.get(message_id) is delivery:
            del self._latest[message_id]
        if self._ends and (end := self._ends.pop(delivery, None)) is not None:
            end.set()
        if delivery not in self._joined:
            return False
        self._joined.discard(delivery)
        return True

    def twin(self, delivery: Delivery) -> Delivery | None:
        """The other publication of this very message that is being handled, if there is one."""
        latest = self._latest.get(delivery.properties.message_id or "")
        return latest if latest is not None and _is_same(latest, delivery) else None

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
        running = self._same_as(again) if again.redelivered else None
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
            monotonic() - self.since[running],
        )
        # The older one is nobody's now; where it still counts as unsettled, this ends that.
        await self._transport.ack(stale)
        return True

    def _same_as(self, again: Delivery) -> Delivery | None:
        """The delivery of the same message."""
        return next((each for each in self.since if _is_same(each, again)), None)


def _is_same(one: Delivery, other: Delivery) -> bool:
    """Whether both are the same message: its id alone may be a foreign publisher's constant."""
    message_id = one.properties.message_id
    return (
        message_id is not None
        and message_id == other.properties.message_id
        and one.routing_key == other.routing_key
        and one.body == other.body
    )
