"""Which message of a stream may end its process: what was in hand when a reader ended.

RabbitMQ counts no deliveries of a stream. So the store of the offset counts, beside it, how often
the message behind it was begun and neither got past nor given back: its strikes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from jararaca.application.progress import Place
from jararaca.transport import Delivery


class Guard(Protocol):
    """What stands before the messages of a stream, as it does before those of queues."""

    async def refuses(self, delivery: Delivery, strikes: int) -> str | None:
        """Wait until a message may begin; the reason where it never may."""

    def running(self, deliveries: Sequence[Delivery]) -> AbstractContextManager[None]:
        """While they are handled."""


class Suspicion:
    """What is known of the messages of one reading.

    The first that is handled is *marked* before it is: it gets a strike, which goes once an offset
    behind it is stored. Where it has a strike already, the culprit may be behind it: as far as a
    process can come before it stores an offset, each message is taken alone, and is marked.
    """

    def __init__(self, place: Place | None, reach: int) -> None:
        self._place = place
        position = -1 if place is None else place.position
        self._alone_until = position + reach if place is not None and place.strikes else -1
        self._began = False
        self.marked: Place | None = None
        """The offset before the message that is marked, and the strikes that it had."""

    def is_alone(self, offset: int) -> bool:
        """Whether it is handled alone, and its offset stored before the next begins."""
        return offset <= self._alone_until

    def is_marked(self, offset: int) -> bool:
        """Whether it is to be marked before it is handled."""
        return not self._began or self.is_alone(offset)

    def strikes(self, offset: int) -> int:
        """How often it was begun before, and ended its reading."""
        place = self._place
        return place.strikes if place is not None and place.position == offset - 1 else 0

    def mark(self, offset: int) -> Place:
        """What is to be stored before it is handled."""
        self._began = True
        self.marked = Place(offset - 1, self.strikes(offset))
        return Place(offset - 1, self.marked.strikes + 1)
