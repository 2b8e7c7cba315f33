"""A transport whose queue gives what the test says, when it says so."""

from __future__ import annotations

from typing import Any, cast

from jararaca.contract.positions import position_queue
from jararaca.messagebus.streams.kept_position import Kept, kept_in, token
from jararaca.messagebus.streams.turn import Turn
from jararaca.transport import Delivery, Properties, Publication, Transport

NAME = "orders.bill"
QUEUE = position_queue(NAME)


class ByHand:
    """One connection: what was published and settled, and what is in hand."""

    def __init__(self) -> None:
        self.published: list[Publication] = []
        self.settled: list[tuple[str, Delivery]] = []
        self.lost: set[Delivery] = set()
        self.failing: Exception | None = None
        self.consumed: list[str] = []
        self.cancelled = 0
        self._receive: Any = None

    async def consume(self, queue: str, prefetch: int, on_delivery: Any) -> ByHand:
        """One consumer; it is its own handle."""
        self.consumed.append(queue)
        self._receive = on_delivery
        return self

    async def cancel(self) -> None:
        """The consumer ends."""
        self.cancelled += 1

    async def publish(self, publication: Publication) -> None:
        """Keep it, or fail."""
        if self.failing is not None:
            raise self.failing
        self.published.append(publication)

    async def ack(self, delivery: Delivery) -> None:
        """It is settled for good."""
        self.settled.append(("ack", delivery))

    async def requeue(self, delivery: Delivery) -> None:
        """It goes back."""
        self.settled.append(("requeue", delivery))

    def holds(self, delivery: Delivery) -> bool:
        """Until the connection is lost, or it was settled."""
        return delivery not in self.lost and delivery not in [each for _, each in self.settled]

    @property
    def told(self) -> list[Kept]:
        """What the published tokens say."""
        return [kept_in(_delivery(each.body)) for each in self.published]

    async def gives(self, kept: Kept) -> Delivery:
        """The queue gives a token."""
        delivery = _delivery(token(QUEUE, kept).body)
        await self._receive(delivery)
        return delivery

    def turn(self) -> Turn:
        """Somebody who stands in line here."""
        return Turn(cast(Transport, self), NAME)


def _delivery(body: bytes) -> Delivery:
    return Delivery(QUEUE, QUEUE, "", body, Properties(), {}, False, None)
