"""Settling: the message moves on first, confirmed; only then is its delivery acked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import BrokerError, PublishParameterError, UnroutableError
from jararaca.handling import redelivery
from jararaca.handling.decision import (
    DeadLetter,
    Decision,
    Discard,
    Done,
    Move,
    Redeliver,
    Requeue,
    SetAside,
)
from jararaca.printable import logger_named
from jararaca.publishing import replies
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")

BROKER_PAUSE = 1.0
"""Seconds before a delivery goes back whose retry or dead letter the broker did not take."""


Report = Callable[[Decision], None]
"""Tells the log and the listener."""


class Settler:
    """Settles the deliveries of one queue as it was decided, and reports each.

    `letters` is the queue of their dead letters, None: the one that each queue has for itself.
    `reply_queues` are further queues that refused requests may be answered into, `app_id` says who
    refuses them.
    `in_order`: nothing may overtake a delivery that could not be moved on; it is kept until it is.
    """

    def __init__(
        self,
        transport: Transport,
        report: Report,
        reply_queues: Sequence[str],
        app_id: str | None = None,
        *,
        in_order: bool,
        letters: str | None = None,
    ) -> None:
        self._transport = transport
        self._report = report
        self._reply_queues = reply_queues
        self._app_id = app_id
        self._in_order = in_order
        self._letters = letters

    async def settle(self, decision: Decision) -> None:
        """Move the message on, if it goes anywhere; then ack the delivery, or requeue it."""
        if type(decision.settlement) is not Done:
            if not await self._moved_on(decision):
                return
            if isinstance(decision.settlement, Requeue):
                await self._transport.requeue(decision.delivery)
                self._report(decision)
                return
        if not decision.acknowledged:
            await self._transport.ack(decision.delivery)
        self._report(decision)

    async def _moved_on(self, decision: Decision) -> bool:
        """Whether the broker has taken the message; if not, the delivery went back instead."""
        delivery = decision.delivery
        while not await self._published(decision):
            await asyncio.sleep(BROKER_PAUSE)
            if not self._in_order or not self._transport.holds(delivery):
                await self._transport.requeue(delivery, failed=True)
                return False
        return True

    async def _published(self, decision: Decision) -> bool:
        """Publish the message to where it goes from here, if anywhere; False where that failed."""
        delivery, error = decision.delivery, decision.error
        try:
            match decision.settlement:
                case Redeliver(delay, attempt):
                    steps = redelivery.retries(delivery, delay, attempt, error)
                    if unsendable := await self._sent(steps):
                        decision.settlement = DeadLetter(f"it cannot be tried again: {unsendable}")
                        return await self._published(decision)
                case SetAside(delay, strikes, _):
                    aside = redelivery.set_aside(delivery, delay, strikes)
                    if unsendable := await self._sent(iter((aside,))):
                        raise BrokerError(f"it cannot be set aside: {unsendable}")
                case Move(queue):
                    copy = redelivery.moved(delivery, queue)
                    if unsendable := await self._sent(iter((copy,))):
                        raise BrokerError(f"it cannot be moved to {queue}: {unsendable}")
                case DeadLetter(reason):
                    name = decision.handler_name
                    await self._given_up(delivery, reason, name, error)
                    await self._refuse(decision, reason)
                case Discard(reason):
                    await self._refuse(decision, reason)
        except BrokerError as failure:
            logger.error("%s could not be settled (%s)", delivery.queue, failure)
            return False
        return True

    async def _given_up(
        self, delivery: Delivery, reason: str, handler: str | None, error: Exception | None
    ) -> None:
        """Publish the dead letter: to the shared queue, or where that is still to be declared to
        the queue's own.
        """
        own = dead_letter_queue(delivery.queue)
        into = self._letters or own
        try:
            unsendable = await self._sent(
                redelivery.dead_letters(delivery, into, reason, handler, error)
            )
        except UnroutableError:
            if into == own:
                raise
            unsendable = await self._sent(
                redelivery.dead_letters(delivery, own, reason, handler, error)
            )
        if unsendable:
            raise BrokerError(f"no dead letter can be made of it: {unsendable}")

    async def _sent(self, steps: redelivery.Steps) -> PublishParameterError | None:
        """Send the first form of the message that can be sent; why not, where none can."""
        refused = None
        for publication in steps:
            try:
                await self._transport.publish(publication)
            except PublishParameterError as error:
                refused = error
            else:
                return None
        return refused

    async def _refuse(self, decision: Decision, reason: str) -> None:
        """Tell who waits for an answer that there will be none."""
        request = decision.handler.route.message if decision.handler else None
        refusal = replies.refusal(
            *(decision.delivery, reason, decision.handler_name, request, self._reply_queues),
            app_id=self._app_id,
        )
        if refusal is None:
            return
        try:
            await self._transport.publish(refusal)
        except (BrokerError, PublishParameterError) as failure:
            logger.warning(
                "%s: the requester could not be told about the failure (%s)",
                decision.delivery.queue,
                failure,
            )
