"""Receiving: what comes as usual begins at once; of the rest it is asked whether it may begin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from jararaca.application.ended_work import ended_from_outside
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.redelivery import as_published
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.queue_guard import QueueGuard
from jararaca.messagebus.in_hand import InHand
from jararaca.printable import logger_named
from jararaca.transport import Consumer, Delivery, Transport

logger = logger_named("jararaca.worker")

FAILURE_PAUSE = 1.0
"""Seconds before a delivery goes back over which our own code failed."""


class QueueReceiver:
    """Takes the deliveries of one queue, and hands each to the queue's pipeline.

    `running` are the tasks of the worker's deliveries, of this queue and of others. `cancelled` is
    set once no consumer of the worker takes anything new.
    """

    def __init__(
        self,
        transport: Transport,
        pipeline: Pipeline,
        handlers: Sequence[BoundHandler],
        quarantine: Quarantine,
        running: set[asyncio.Task[Any]],
        cancelled: asyncio.Event,
    ) -> None:
        self._transport = transport
        self._pipeline = pipeline
        self._quarantine = quarantine
        self._running = running
        self._cancelled = cancelled
        self._in_order = pipeline.ordering is not None
        self._guard = QueueGuard(quarantine, pipeline, in_order=self._in_order)
        self._in_hand = InHand(transport, _names(handlers))
        self._bodies = self._in_hand.bodies
        self._consumer: Consumer | None = None
        self._attentive = True
        self._stopping = False
        quarantine.watch(self._in_hand)

    def begun(self, consumer: Consumer) -> None:
        """The consumer has begun; deliveries may have come before."""
        self._consumer = consumer
        self._guard.begun(consumer)
        # What is in order always goes by the guard, which keeps it in line.
        self._attentive = self._in_order or self._stopping

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = self._attentive = True

    def left(self) -> None:
        """The queue is not consumed here any more, and nothing of it is in hand."""
        self._quarantine.forget(self._in_hand)

    async def on_delivery(self, received: Delivery) -> None:
        """Handle one delivery; once this returns it is settled, or goes back to the broker."""
        delivery = as_published(received)
        # Asked of every delivery: nothing here may cost more than a look.
        if (
            self._attentive
            or delivery.redelivered
            or delivery.body in self._bodies
            or delivery.ours
            or self._quarantine.closed
            or self._consumer.careful  # type: ignore[union-attr]
        ) and not await self._may_begin(delivery):
            return
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        self._in_hand.begin(delivery)
        try:
            await self._pipeline(delivery)
        except BaseException as error:
            if ended_from_outside(error):
                raise
            logger.exception("%s: a delivery goes back over an error of ours", delivery.queue)
            await asyncio.sleep(FAILURE_PAUSE)
            await self._transport.requeue(delivery, failed=True)
        finally:
            self._running.discard(task)
            joined = self._in_hand.end(delivery)
            if self._quarantine.suspects:
                self._quarantine.over(delivery)
            if joined and not self._stopping:
                await self._in_hand.give_back(delivery)

    async def _may_begin(self, delivery: Delivery) -> bool:
        """Whether it is to be handled, once it may begin; what is not goes back or was moved on."""
        # What is in order has turns already: to wait here would let others go before it.
        if not self._in_order and not delivery.redelivered and self._in_hand.twin(delivery):
            await self._in_hand.turn(delivery)
            if not self._transport.holds(delivery):
                return False
        if not self._stopping and self._guard.looks_at(delivery):
            if delivery.redelivered and await self._in_hand.join(delivery):
                self._guard.be_careful(False)
                return False
            if not await self._guard.admits(delivery):
                return False
        if self._stopping and not self._in_order:
            # Given back at once it would come again, and each time counts with the broker. What is
            # in order goes back with its channel, all together.
            await self._cancelled.wait()
            await self._transport.requeue(delivery)
        return not self._stopping


def _names(handlers: Sequence[BoundHandler]) -> str:
    return " or ".join(dict.fromkeys(handler.name for handler in handlers))
