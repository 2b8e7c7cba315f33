"""Idempotency: a message that a handler has handled is acked, and not handled again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from jararaca.errors import BackendError
from jararaca.handling.attempt import Attempt, decided
from jararaca.handling.decision import Decision, Duplicate
from jararaca.handling.delivery_work import DeliveryWork
from jararaca.handling.handler_result import Failed
from jararaca.handling.idempotency import HandledMessages
from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0


class Idempotency:
    """Wraps a try of the handlers that are idempotent.

    `in_transaction`: an integration keeps the record in the transaction of the work itself.
    """

    def __init__(self, attempt: Attempt, record: HandledMessages, *, in_transaction: bool) -> None:
        self._attempt = attempt
        self._record = record
        self._in_transaction = in_transaction
        self._running: dict[str, asyncio.Event] = {}

    async def __call__(self, work: DeliveryWork) -> Decision:
        """Try, unless the message was handled; one that is being handled is waited for."""
        key = _key(work)
        if key is None:
            return await self._attempt(work)
        # Redelivered over a new connection while the first is still at it: wait for its outcome.
        while (other := self._running.get(key)) is not None:
            await other.wait()
        self._running[key] = asyncio.Event()
        try:
            return await self._attempt_once(work, key)
        except BackendError as unavailable:
            return decided(work, Failed(unavailable))
        finally:
            self._running.pop(key).set()

    async def _attempt_once(self, work: DeliveryWork, key: str) -> Decision:
        if self._in_transaction:
            work.once = key
        elif await self._record.was_handled(key):
            message = work.message
            return Decision(message.delivery, Duplicate(), work.handler, message.payload())
        else:
            work.remember = partial(self._remember, work, key)
        return await self._attempt(work)

    async def _remember(self, work: DeliveryWork, key: str) -> None:
        """Record it, however long the record is away: the message is handled, and not once more.

        Raises BackendError where the worker stops meanwhile.
        """
        pause, stopping = FIRST_PAUSE, work.host.stopping if work.host else None
        while True:
            try:
                await self._record.remember(key)
                return
            except BackendError as unavailable:
                if stopping is None or stopping.is_set():
                    raise
                logger.warning("%s: not recorded yet (%s)", work.name, unavailable)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _key(work: DeliveryWork) -> str | None:
    """What an idempotent handler's message is remembered by; None where it is not."""
    if not work.handler.spec.idempotent:
        return None
    delivery = work.message.delivery
    message_id = delivery.properties.message_id
    if message_id is None:
        return None
    return f"{delivery.queue}:{work.handler.spec.name}:{message_id}"
