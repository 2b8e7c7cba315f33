"""Ordering: messages of one key are handled one at a time, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Any

from jararaca.application.ended_work import as_failure
from jararaca.contract.exception_types import described
from jararaca.errors import DecodeError
from jararaca.handling.attempt import Try
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision, Redeliver, Requeue
from jararaca.handling.middlewares.keyed_lock import KeyedLock
from jararaca.handling.middlewares.tried_messages import TriedMessages
from jararaca.handling.settling import Report, Settler
from jararaca.messages.received import MessageOf
from jararaca.transport import Transport

ALL_MESSAGES = object()
"""The key of handlers that take one message at a time, whatever it is about."""

LONGEST_HOLD = 600.0
"""Seconds that an ordered message is held at most before its next try: the broker waits for its ack
half an hour."""

Pause = Callable[[float, asyncio.Event], Awaitable[None]]
"""Waits so many seconds, but no longer than until the event."""


async def pause_for(seconds: float, until: asyncio.Event) -> None:
    """Wait, but no longer than until the event."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)


class Ordering:
    """Wraps the tries of a queue's messages, and their settling: a failure is tried in its place.

    `key` is what a message is ordered by, where its handler does not say.

    One that is not settled when the worker stops, or when its connection is gone, is left to go
    back with its channel: so all do, in their order.
    """

    def __init__(
        self,
        attempt: Try,
        settler: Settler,
        report: Report,
        transport: Transport,
        stopping: asyncio.Event,
        pause: Pause = pause_for,
        key: Callable[[MessageOf[Any]], Hashable] | None = None,
    ) -> None:
        self._attempt = attempt
        self._settler = settler
        self._report = report
        self._transport = transport
        self._stopping = stopping
        self._pause = pause
        self._own_key = key
        self._keys = KeyedLock()
        self._tried = TriedMessages()

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of the messages that wait for those before them."""
        return self._keys.waiting

    async def __call__(self, handler: BoundHandler, message: MessageOf[Any]) -> None:
        """Handle a message in its turn, and hold its key until it is settled."""
        key = _key(handler, message, self._own_key)
        if isinstance(key, Decision):
            await self._settler.settle(key)
            return
        async with self._keys.hold(key):
            delivery = message.delivery
            message = _as_try(message, self._tried.next_try(delivery, message.attempt))
            while not self._stopping.is_set() and self._transport.holds(delivery):
                decision = await self._attempt(handler, message)
                settlement = decision.settlement
                if not isinstance(settlement, Redeliver | Requeue):
                    await self._settler.settle(decision)
                    return
                self._report(decision)
                if isinstance(settlement, Requeue):
                    return
                message = _as_try(message, settlement.attempt)
                self._tried.failed(delivery, settlement.attempt)
                await self._pause(min(settlement.delay, LONGEST_HOLD), self._stopping)


def _as_try(message: MessageOf[Any], number: int) -> MessageOf[Any]:
    """The same message, as that try of it."""
    if message.attempt == number:
        return message
    return MessageOf(message.payload(), message.delivery, message.parameters, number)


def _key(
    handler: BoundHandler,
    message: MessageOf[Any],
    own: Callable[[MessageOf[Any]], Hashable] | None,
) -> Hashable | Decision:
    """What the message is ordered by; a message without a key is a dead letter."""
    by = handler.spec.ordered_by
    if own is None and by is None:
        return ALL_MESSAGES
    try:
        key: Hashable = by(message.payload()) if by is not None else own and own(message)
        hash(key)
    except BaseException as raised:
        error = as_failure(f"the key of {handler.name}", raised)
        is_told = isinstance(error, DecodeError)
        reason = str(error) if is_told else f"no key to order it by: {described(error)}"
        return Decision(message.delivery, DeadLetter(reason), handler, message.payload(), error)
    return key
