"""Deliveries in hand: a message that comes again while it is handled joins its first delivery."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")


class InHand:
    """What is being handled of one queue.

    RabbitMQ delivers a message again that was not acked within its consumer timeout, or whose
    connection was lost, and knows nothing of the handler that is still at it. Such a message is not
    handled beside itself: the handler goes on, and settles the newer delivery.
    """

    def __init__(self, transport: Transport, handlers: str) -> None:
        self._transport = transport
        self._handlers = handlers
        self._since: dict[Delivery, float] = {}
        self._joined: set[Delivery] = set()

    def begin(self, delivery: Delivery) -> None:
        """This one is handled from now on."""
        self._since[delivery] = monotonic()

    def end(self, delivery: Delivery) -> bool:
        """It is settled, or was given back; whether another receipt of it had joined."""
        del self._since[delivery]
        if delivery not in self._joined:
            return False
        self._joined.discard(delivery)
        return True

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
            monotonic() - self._since[running],
        )
        # The older one is nobody's now; where it still counts as unsettled, this ends that.
        await self._transport.ack(stale)
        return True

    def _same_as(self, again: Delivery) -> Delivery | None:
        """The delivery of the same message: its id alone may be a foreign publisher's constant."""
        for each in self._since:
            if (
                each.body == again.body
                and each.routing_key == again.routing_key
                and again.properties.message_id is not None
                and each.properties.message_id == again.properties.message_id
            ):
                return each
        return None
