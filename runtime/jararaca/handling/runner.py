"""One delivery from receipt to settlement: decode, handle, decide, then tell the broker."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from jararaca.application.host import Host
from jararaca.contract import topics
from jararaca.errors import BackendError, BrokerError, DecodeError
from jararaca.handlers.outcome import Listener
from jararaca.handling import matching, redelivery, settlement_policy
from jararaca.handling.bound_route import BoundRoute
from jararaca.handling.delivery_unit import UnitOfWork
from jararaca.handling.idempotency import HandledMessages
from jararaca.handling.ordering import EVERYTHING, Turns
from jararaca.handling.settlement_policy import (
    Again,
    DeadLetter,
    Discard,
    Done,
    Duplicate,
    Failed,
    Foreign,
    GiveBack,
    Settled,
)
from jararaca.handling.verdict import Verdict, log, told
from jararaca.messages.message import Message
from jararaca.messages.received import MessageOf
from jararaca.publishing import replies
from jararaca.publishing.publication import MAX_BODY
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Delivery, Transport

logger = logging.getLogger("jararaca.worker")

ORDERED_HOLD = 600.0
"""Seconds that an ordered message is held at most before its next try: the broker waits for its ack
half an hour."""

BROKER_PAUSE = 1.0
"""Seconds before a delivery goes back whose retry or dead letter the broker did not take."""

Pause = Callable[[float, asyncio.Event], Awaitable[None]]
"""Waits so many seconds, but no longer than until the event."""

SUCCEEDED = (Done, Settled)


class Runner:
    """Handles the deliveries of one queue by its rows of the routing table."""

    def __init__(
        self,
        transport: Transport,
        rows: tuple[BoundRoute, ...],
        seen: HandledMessages,
        listener: Listener | None = None,
        host: Host | None = None,
        pause: Pause | None = None,
    ) -> None:
        self._transport = transport
        self._seen = seen
        self._host = host
        self._stop = host.stopping if host else asyncio.Event()
        self._pause = pause or pause_for
        integrations = host.microservice.integrations if host else ()
        self._recorded = any(integration.record for integration in integrations)
        self._rows = {id(row.route): row for row in rows}
        self._routes = tuple(row.route for row in rows)
        patterned = any(len(each) == 3 for row in rows for each in row.route.parameters)
        self._only = rows[0] if len(rows) == 1 and not patterned else None
        self._foreign: set[str] = set()
        self._listener = listener
        self._busy: dict[str, asyncio.Event] = {}
        self.turns = Turns() if any(row.spec.in_order for row in rows) else None
        self._plain = not any(
            row.spec.idempotent or row.spec.in_order or row.spec.concurrency is not None
            for row in rows
        )
        self._slots = {
            id(row): asyncio.Semaphore(row.spec.concurrency)
            for row in rows
            if row.spec.concurrency is not None and len(rows) > 1
        }

    async def __call__(self, received: Delivery) -> None:
        """Handle one delivery; when this returns it is settled, or goes back to the broker."""
        delivery = redelivery.as_published(received)
        row = self._only or self._row(delivery)
        if row is None:
            await self._settle(delivery, Verdict(self._refusal(delivery)))
            return
        if len(delivery.body) > MAX_BODY:
            reason = f"the body is {len(delivery.body)} bytes, and {MAX_BODY} are the most"
            await self._settle(delivery, Verdict(DeadLetter(reason), row))
            return
        try:
            payload = row.route.message.decode(delivery.body)
        except Exception as error:
            await self._settle(delivery, Verdict(DeadLetter(_unreadable(error)), row, None, error))
            return
        if self.turns is not None:
            await self._in_turn(self.turns, row, delivery, payload)
            return
        unit = self._unit(delivery)
        try:
            attempt = redelivery.attempt_of(delivery)
            if self._plain:
                message = _message(row, delivery, payload, attempt)
                verdict = await self._handled(row, message, unit, None)
            else:
                judged = self._bounded if self._slots else self._verdict
                verdict = await judged(row, delivery, payload, unit, attempt)
        except asyncio.CancelledError:
            await asyncio.shield(self._transport.requeue(delivery))
            raise
        if type(verdict.settlement) is Done:
            await self._transport.ack(delivery)
            self._tell(delivery, verdict)
        else:
            await self._settle(delivery, verdict, acknowledged=unit.acknowledged)

    async def _in_turn(
        self, turns: Turns, row: BoundRoute, delivery: Delivery, payload: Message
    ) -> None:
        """Try in its place until it is settled, while the others of its key wait.

        One that is not settled when the worker stops, or when its connection is gone, is left to
        go back with its channel: so all do, in their order.
        """
        by = row.spec.ordered_by
        try:
            key = EVERYTHING if by is None else by(payload)
            hash(key)
        except Exception as error:
            reason = f"no key to order it by: {type(error).__name__}: {error}"
            await self._settle(delivery, Verdict(DeadLetter(reason), row, payload, error))
            return
        attempt = redelivery.attempt_of(delivery)
        async with turns.turn(key):
            while not self._stop.is_set() and self._transport.holds(delivery):
                unit = self._unit(delivery)
                verdict = await self._bounded(row, delivery, payload, unit, attempt)
                settlement = verdict.settlement
                if not isinstance(settlement, Again | GiveBack):
                    await self._settle(delivery, verdict, acknowledged=unit.acknowledged)
                    return
                self._tell(delivery, verdict)
                if isinstance(settlement, GiveBack):
                    return
                attempt = settlement.attempt
                await self._pause(min(settlement.delay, ORDERED_HOLD), self._stop)

    def _unit(self, delivery: Delivery) -> UnitOfWork:
        return UnitOfWork(
            transport=self._transport,
            delivery=delivery,
            publisher=StagedPublisher(self._transport),
            host=self._host,
        )

    async def _bounded(
        self,
        row: BoundRoute,
        delivery: Delivery,
        payload: Message,
        unit: UnitOfWork,
        attempt: int,
    ) -> Verdict:
        """The verdict, within the handler's concurrency where its queue has other handlers too."""
        slots = self._slots.get(id(row))
        if slots is None:
            return await self._verdict(row, delivery, payload, unit, attempt)
        async with slots:
            return await self._verdict(row, delivery, payload, unit, attempt)

    def _row(self, delivery: Delivery) -> BoundRoute | None:
        # What is too long is dead-lettered anyway: it is not worth reading.
        body = delivery.body if len(delivery.body) <= MAX_BODY else b""
        route = matching.choose(
            self._routes, delivery.properties.type, delivery.routing_key, delivery.theirs, body
        )
        return None if route is None else self._rows[id(route)]

    def _refusal(self, delivery: Delivery) -> DeadLetter | Foreign:
        refused = matching.refusal(
            self._routes, delivery.queue, delivery.properties.type, delivery.routing_key
        )
        if isinstance(refused, Foreign) and refused.key not in self._foreign:
            self._foreign.add(refused.key)
            logger.warning(
                "%s: messages of others come through the binding %s, such as %s: they are acked "
                "and not handled (told once; give the parameters words of their own, and they "
                "stay away)",
                delivery.queue,
                refused.key,
                delivery.routing_key,
            )
        return refused

    async def _verdict(
        self,
        row: BoundRoute,
        delivery: Delivery,
        payload: Message,
        unit: UnitOfWork,
        attempt: int,
    ) -> Verdict:
        message = _message(row, delivery, payload, attempt)
        once = _key(row, delivery)
        if once is None:
            return await self._handled(row, message, unit, None)
        # Redelivered over a new connection while the first is still at it: wait for its outcome.
        while (other := self._busy.get(once)) is not None:
            await other.wait()
        self._busy[once] = asyncio.Event()
        try:
            if self._recorded:
                unit.once = once
                return await self._handled(row, message, unit, None)
            if await self._seen.was_handled(once):
                return Verdict(Duplicate(), row, payload)
            return await self._handled(row, message, unit, once)
        except BackendError as unavailable:
            decided = settlement_policy.decide(
                row.spec, Failed(unavailable), attempt, random.random()
            )
            return Verdict(decided, row, payload, unavailable)
        finally:
            self._busy.pop(once).set()

    async def _handled(
        self, row: BoundRoute, message: MessageOf[Any], unit: UnitOfWork, once: str | None
    ) -> Verdict:
        """Run the handler, publish what it staged, and remember the message if it is to be."""
        attempt = message.attempt
        outcome = await unit.run(row, message)
        unit.end()
        settlement = settlement_policy.decide(row.spec, outcome, attempt, random.random())
        error = outcome.error if isinstance(outcome, Failed) else None
        if isinstance(settlement, SUCCEEDED):
            try:
                if unit.publisher.staged:
                    await unit.publisher.flush()
                if once is not None:
                    await self._seen.remember(once)
            except Exception as failure:
                if unit.acknowledged:
                    logger.exception("%s: publications made after ack() were lost", row.name)
                else:
                    error = failure
                    failed = Failed(failure)
                    settlement = settlement_policy.decide(
                        row.spec, failed, attempt, random.random()
                    )
            else:
                if unit.endings is not None:
                    await unit.finish()
        return Verdict(settlement, row, message.payload(), error)

    async def _settle(
        self, delivery: Delivery, verdict: Verdict, *, acknowledged: bool = False
    ) -> None:
        """Move the message on first, confirmed; only then ack the delivery."""
        while not await self._moved_on(delivery, verdict):
            await asyncio.sleep(BROKER_PAUSE)
            # In order nothing may overtake it: it is tried again where it is.
            if self.turns is None or not self._transport.holds(delivery):
                await self._transport.requeue(delivery, failed=True)
                return
        if isinstance(verdict.settlement, GiveBack):
            await self._transport.requeue(delivery)
        elif not acknowledged:
            await self._transport.ack(delivery)
        self._tell(delivery, verdict)

    async def _moved_on(self, delivery: Delivery, verdict: Verdict) -> bool:
        """Publish the message to where it goes from here, if anywhere; False where that failed."""
        try:
            match verdict.settlement:
                case Again(delay, attempt):
                    await self._transport.publish(
                        redelivery.again(delivery, delay, attempt, verdict.error)
                    )
                case DeadLetter(reason):
                    await self._transport.publish(
                        redelivery.dead_letter(delivery, reason, verdict.handler, verdict.error)
                    )
                    await self._refuse(delivery, reason, verdict)
                case Discard(reason):
                    await self._refuse(delivery, reason, verdict)
        except BrokerError as failure:
            logger.error("%s could not be moved on (%s)", delivery.queue, failure)
            return False
        return True

    async def _refuse(self, delivery: Delivery, reason: str, verdict: Verdict) -> None:
        """Tell who waits for an answer that there will be none."""
        request = verdict.row.route.message if verdict.row else None
        queues = self._host.reply_queues if self._host else ()
        refusal = replies.refusal(delivery, reason, verdict.handler, request, queues)
        if refusal is None:
            return
        try:
            await self._transport.publish(refusal)
        except BrokerError as failure:
            logger.warning("%s: who asked is not told (%s)", delivery.queue, failure)

    def _tell(self, delivery: Delivery, verdict: Verdict) -> None:
        log(delivery, verdict)
        if self._listener:
            self._listener(told(delivery, verdict))


async def pause_for(seconds: float, until: asyncio.Event) -> None:
    """Wait, but no longer than until the event."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)


def _message(row: BoundRoute, delivery: Delivery, payload: Message, attempt: int) -> MessageOf[Any]:
    values = topics.values(row.route.parameters, delivery.routing_key)
    return MessageOf(payload, delivery, values, attempt)


def _unreadable(error: Exception) -> str:
    """A validator of the user's may raise anything; that is no reason to lose the message."""
    if isinstance(error, DecodeError):
        return str(error)
    return f"the body could not be read: {type(error).__name__}: {error}"


def _key(row: BoundRoute, delivery: Delivery) -> str | None:
    """What an idempotent handler's message is remembered by."""
    if not row.spec.idempotent:
        return None
    message_id = delivery.properties.message_id
    if message_id is None:
        return None
    return f"{delivery.queue}:{row.spec.name}:{message_id}"
