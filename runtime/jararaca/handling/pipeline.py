"""A delivery's way, step by step: received, matched, decoded, handled, decided, settled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.application.progress import Progress
from jararaca.handlers.outcome import Listener
from jararaca.handling.attempt import Attempt, Try, attempt_once
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision, SetAside
from jararaca.handling.decoding import decode
from jararaca.handling.delivery_work import DeliveryWork
from jararaca.handling.idempotency import HandledMessages
from jararaca.handling.matching import Matcher
from jararaca.handling.middlewares.circuit_breaker import CircuitBreaker
from jararaca.handling.middlewares.concurrency import ConcurrencyLimit
from jararaca.handling.middlewares.idempotency import Idempotency
from jararaca.handling.middlewares.ordering import Ordering, Pause, pause_for
from jararaca.handling.partition import Partition, order_key
from jararaca.handling.reporting import Reporter
from jararaca.handling.settling import Settler
from jararaca.messages.received import MessageOf
from jararaca.transport import Delivery, Transport

Entry = tuple[BoundHandler, MessageOf[Any]]
"""A message, and who is to handle it."""


class Reading(Protocol):
    """Who reads a stream, as far as a try of what was read needs to know."""

    def progress(self, message: MessageOf[Any]) -> Progress:
        """How far the stream is read once this message is handled."""

    def tried(self, single: Try) -> Try:
        """The tries of its messages: where the handler takes batches, of several."""


class Pipeline:
    """Takes the deliveries of one queue from their receipt to their settlement.

    `ordering` is what wraps the tries of a queue whose handlers take their messages in order;
    `patterns` are binding keys of the queue that let more topics through than are handled,
    `letters` is the queue of its dead letters where it has none for itself. A `partition` is in
    order by its keys, until `stopping`, which is else the host's.
    `reading`, if given, reads a stream and takes the steps itself.
    """

    def __init__(
        self,
        transport: Transport,
        handlers: tuple[BoundHandler, ...],
        record: HandledMessages,
        listener: Listener | None = None,
        host: Host | None = None,
        pause: Pause = pause_for,
        patterns: Sequence[str] = (),
        letters: str | None = None,
        partition: Partition | None = None,
        stopping: asyncio.Event | None = None,
        reading: Reading | None = None,
    ) -> None:
        self._transport = transport
        self._host = host
        self._match = Matcher(handlers, patterns).match
        self._attempt = _wrapped(handlers, record, host)
        self._reading = reading
        together = self._together(handlers) if reading is None else reading.tried(self._once)
        self._try = _guarded(together, handlers, host)
        if partition is not None:
            self._try = partition.placing(self._try)
        in_order = partition is not None or any(handler.spec.in_order for handler in handlers)
        report = Reporter(listener, None if partition is None else partition.of.queue).report
        self.report = report
        reply_queues = host.reply_queues if host else ()
        app_id = host.app_id if host else None
        settler = Settler(
            transport, report, reply_queues, app_id, in_order=in_order, letters=letters
        )
        self._settle = settler.settle
        stopping = stopping or (host.stopping if host else asyncio.Event())
        key = order_key if partition is not None else None
        self.ordering = (
            Ordering(self._try, settler, report, transport, stopping, pause, key)
            if in_order
            else None
        )
        self._handle: Callable[[BoundHandler, MessageOf[Any]], Awaitable[None]] = (
            self.ordering or self._at_once
        )

    def __call__(self, delivery: Delivery) -> Awaitable[None]:
        """Handle one delivery, under the topic that it was first published with.

        Once this is awaited it is settled, or goes back to the broker.
        """
        opened = self.opened(delivery)
        return self._settle(opened) if type(opened) is Decision else self._handle(*opened)

    def opened(self, delivery: Delivery) -> Entry | Decision:
        """Its handler and its message; where it comes to none, what is decided."""
        handler = self._match(delivery)
        if type(handler) is Decision:
            return handler
        message = decode(handler, delivery)
        return message if type(message) is Decision else (handler, message)

    def attempt(self, handler: BoundHandler, message: MessageOf[Any]) -> Awaitable[Decision]:
        """One try of a message, and however many it takes while something is out."""
        return self._try(handler, message)

    def settle(self, decision: Decision) -> Awaitable[None]:
        """Settle as it was decided."""
        return self._settle(decision)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Move a delivery to the dead letters although no handler has seen it, and ack it."""
        await self._settle(Decision(delivery, DeadLetter(reason)))

    async def set_aside(self, delivery: Delivery, strikes: int, delay: float) -> None:
        """Move a delivery behind its queue for `delay` seconds, and ack it; no try is counted."""
        why = f"it came back unsettled {strikes} times, and another such message is being handled"
        await self._settle(Decision(delivery, SetAside(delay, strikes, why)))

    async def _at_once(self, handler: BoundHandler, message: MessageOf[Any]) -> None:
        """Handle a message whatever else is being handled, and settle it."""
        try:
            decision = await self._try(handler, message)
        except asyncio.CancelledError:
            await asyncio.shield(self._transport.requeue(message.delivery))
            raise
        await self._settle(decision)

    def _together(self, handlers: tuple[BoundHandler, ...]) -> Try:
        """The tries of the queue's handlers: where some take batches, together."""
        if all(handler.spec.batch is None for handler in handlers):
            return self._once
        from jararaca.handling.batching.batches import Batches

        return Batches(self._once, handlers, self._transport, self._host)

    def _once(self, handler: BoundHandler, message: MessageOf[Any]) -> Awaitable[Decision]:
        """One try, in a unit of work of its own."""
        work = DeliveryWork(self._transport, self._host, handler, message)
        if self._reading is not None:
            work.progress = self._reading.progress(message)
        return self._attempt(work)


def _guarded(once: Try, handlers: tuple[BoundHandler, ...], host: Host | None) -> Try:
    """The tries inside a circuit breaker, where an outage of something may be why they fail."""
    if host is None:
        return once
    depends = any(handler.spec.idempotent or handler.spec.pause_on for handler in handlers)
    asked = any(
        type(each).unready is not Integration.unready for each in host.microservice.integrations
    )
    return CircuitBreaker(once, handlers, host) if depends or asked else once


def _wrapped(
    handlers: tuple[BoundHandler, ...], record: HandledMessages, host: Host | None
) -> Attempt:
    """A try of a handler, inside the middlewares that the handlers of its queue ask for."""
    attempt: Attempt = attempt_once
    if any(handler.spec.idempotent for handler in handlers):
        integrations = host.microservice.integrations if host else ()
        in_transaction = any(integration.record for integration in integrations)
        attempt = Idempotency(attempt, record, in_transaction=in_transaction)
    limited = any(handler.spec.concurrency is not None for handler in handlers)
    # The prefetch is no limit: for a moment a careful consumer and the next one have one each.
    return ConcurrencyLimit(attempt, handlers) if limited else attempt
