"""What stands before a queue's handlers: it lets pass, holds, sets aside or judges a delivery."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from jararaca.contract import headers
from jararaca.handling.redelivery import strikes_of
from jararaca.messagebus.blame import verdict
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.printable import logger_named
from jararaca.transport import Consumer, Delivery

logger = logger_named("jararaca.worker")

ASIDE_SECONDS = 1.0, 3.0
"""How long a suspect is set aside: some time in between, so that not all come back at once."""


class MovesOn(Protocol):
    """What moves a delivery on and acks it: the queue's pipeline."""

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """To the dead letters."""

    async def set_aside(self, delivery: Delivery, strikes: int, delay: float) -> None:
        """Behind its queue, for `delay` seconds."""


class QueueGuard:
    """Asked about each delivery that something is the matter with: `looks_at` says which.

    The queue's consumer takes one message at a time until the first that is no suspect, and again
    after the first that is one: what is not delivered gets no strike. A queue that is `in_order` is
    taken as its handlers ask for, and nothing of it is set aside: what was delivered gets a strike
    with its suspect, so that only the first suspect of it is judged in one life of a process.
    """

    def __init__(self, quarantine: Quarantine, pipeline: MovesOn, *, in_order: bool) -> None:
        self._quarantine = quarantine
        self._pipeline = pipeline
        self._in_order = in_order
        self._line = asyncio.Lock()
        self._in_it = 0
        self._judging = True
        self._told = False
        self._consumer: Consumer | None = None
        self._careful = not in_order
        self._change: asyncio.Task[None] | None = None

    def begun(self, consumer: Consumer) -> None:
        """The consumer has begun; deliveries may have come before."""
        self._consumer = consumer
        if not self._careful:
            self.be_careful(False)

    def looks_at(self, delivery: Delivery) -> bool:
        """Whether `admits` is to be asked: of what comes as usual, nobody has to."""
        consumer = self._consumer
        return (
            delivery.redelivered
            or self._quarantine.closed
            or consumer is None
            or consumer.careful
            or self._in_it > 0
            or headers.UNSETTLED in delivery.ours
        )

    async def admits(self, delivery: Delivery) -> bool:
        """Whether it is to be handled, once it may begin; what is not was moved on."""
        async with self._in_line():
            strikes = strikes_of(delivery)
            if not verdict.is_suspect(strikes):
                self.be_careful(False)
                await self._quarantine.passed()
                return True
            judging, self._judging = self._judging, not self._in_order
            if judging and verdict.is_culprit(strikes, in_order=self._in_order):
                await self._pipeline.reject(delivery, _reason(strikes))
                return False
            self.be_careful(True)
            self._tell(delivery, strikes)
            if await self._quarantine.begins(delivery, strikes, movable=not self._in_order):
                return True
        with self._quarantine.setting_aside():
            await self._pipeline.set_aside(delivery, strikes, random.uniform(*ASIDE_SECONDS))
        return False

    def be_careful(self, careful: bool) -> None:
        """Have the consumer take one message at a time, or as many as it may."""
        self._careful = careful and not self._in_order
        consumer = self._consumer
        if consumer is None or self._change is not None or consumer.careful == self._careful:
            return
        self._change = asyncio.get_running_loop().create_task(self._changed(consumer))

    async def _changed(self, consumer: Consumer) -> None:
        try:
            await consumer.be_careful(self._careful)
        finally:
            self._change = None

    @asynccontextmanager
    async def _in_line(self) -> AsyncIterator[None]:
        """Nothing that is in order overtakes what waits here."""
        if not self._in_order:
            yield
            return
        # A lock that is handed on is free for a moment: it does not tell who waits.
        self._in_it += 1
        try:
            async with self._line:
                yield
        finally:
            self._in_it -= 1

    def _tell(self, delivery: Delivery, strikes: int) -> None:
        if self._told and strikes < verdict.APART:
            return
        self._told = True
        logger.warning(
            "%s: %s came back unsettled %d times: it is handled alone, in case it is what ends "
            "the process or the connection",
            delivery.queue,
            f"{delivery.routing_key} {delivery.properties.message_id or ''}".rstrip(),
            strikes,
        )


def _reason(strikes: int) -> str:
    return (
        f"it seems to end the process or the connection that handles it: it came back unsettled "
        f"{strikes} times, at last with nothing begun beside it"
    )
