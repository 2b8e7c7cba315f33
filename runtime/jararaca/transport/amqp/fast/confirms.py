"""Publisher confirms: which publication each of the broker's acks, nacks and returns is about."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jararaca.transport import Publication


class Returned(Exception):
    """A mandatory publication came back: no queue takes it."""


class Late(Exception):
    """No confirm came in time."""


class Nacked(Exception):
    """The broker did not take a publication."""


@dataclass(slots=True, eq=False)
class Pending:
    """A publication that the broker has not answered for."""

    publication: Publication
    future: asyncio.Future[None]
    sent_at: float
    returned: str | None = None


class Confirms:
    """The unconfirmed publications of one channel, by their number on it (from 1)."""

    def __init__(self) -> None:
        self._pending: dict[int, Pending] = {}
        self._first = 1
        self._last = 0

    def __len__(self) -> int:
        return len(self._pending)

    def sent(
        self, publication: Publication, future: asyncio.Future[None], now: float = 0.0
    ) -> None:
        """Number a publication that was just written, at a time of the loop's clock."""
        self._last += 1
        self._pending[self._last] = Pending(publication, future, now)

    def returned(self, routing_key: str, message_id: str | None, body: bytes, reason: str) -> None:
        """The broker had no queue for a mandatory message; its ack is still to come.

        A return carries no number: it is matched by message id, and without one by all of it.
        """
        for pending in self._pending.values():
            sent = pending.publication
            if pending.returned is None and _same(sent, routing_key, message_id, body):
                pending.returned = reason
                return

    def acked(self, number: int, multiple: bool) -> None:
        """Settle what the broker has taken; those that came back raise Returned."""
        for pending in self._take(number, multiple):
            if pending.future.done():
                continue
            if pending.returned is None:
                pending.future.set_result(None)
            else:
                pending.future.set_exception(Returned(pending.returned))

    def nacked(self, number: int, multiple: bool) -> None:
        """Fail what the broker has refused, with Nacked."""
        for pending in self._take(number, multiple):
            if not pending.future.done():
                pending.future.set_exception(Nacked())

    def expire(self, sent_before: float) -> None:
        """Give up what was sent before a time of the loop's clock, with Late."""
        for pending in self._pending.values():
            if pending.sent_at >= sent_before:
                break
            if not pending.future.done():
                pending.future.set_exception(Late())

    def fail(self, error: BaseException) -> None:
        """The channel is gone: nobody knows what became of these."""
        pending, self._pending = self._pending, {}
        for each in pending.values():
            if not each.future.done():
                each.future.set_exception(error)

    def _take(self, number: int, multiple: bool) -> Sequence[Pending]:
        """What a number is about; `multiple` are all up to it that are still there."""
        pop = self._pending.pop
        if not multiple:
            one = pop(number, None)
            return () if one is None else (one,)
        beyond = min(number, self._last) + 1
        taken = [pop(each, None) for each in range(self._first, beyond)]
        self._first = max(self._first, beyond)
        return [each for each in taken if each is not None]


def _same(sent: Publication, routing_key: str, message_id: str | None, body: bytes) -> bool:
    if not sent.mandatory or sent.properties.message_id != message_id:
        return False
    return sent.routing_key == routing_key and (message_id is not None or sent.body == body)
