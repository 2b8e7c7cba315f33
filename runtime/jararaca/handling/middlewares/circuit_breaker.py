"""The circuit breaker: while what a handler depends on is out, its messages wait, uncounted."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jararaca.application.host import Host
from jararaca.contract.exception_types import covers, described
from jararaca.errors import BackendError, DatabaseUnreachableError
from jararaca.handling.attempt import Try
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import (
    DeadLetter,
    Decision,
    Redeliver,
    Requeue,
    SetAside,
    Settlement,
)
from jararaca.handling.middlewares.circuit import Circuit
from jararaca.handling.middlewares.failing import FailingMessages, key_of
from jararaca.handling.redelivery import strikes_of
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

PROBES = 3
"""Tries of a message that say nothing about it; then it is set aside, so that others come."""

LONGEST_WAIT = 600.0
"""Seconds that a message waits for its turn to probe: RabbitMQ waits half an hour for its ack."""

ASIDE_SECONDS = 1.0, 3.0
"""How long it is set aside: some time in between, so that not all come back at once."""

OUTAGES = (BackendError, DatabaseUnreachableError)
"""What is never a message's fault."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What is out; `is_claimed`: the handler's error alone says so, and no integration does."""

    text: str
    is_claimed: bool


class CircuitBreaker:
    """Wraps the tries of a queue's handlers; each handler has a circuit of its own.

    A try that fails with an outage, a type of the handler's `pause_on`, or while an integration
    says that it is not ready, is made again once the dependency is back; it does not count. Where
    other messages of the handler pass in the meantime, the failure is the message's own. So that
    others do come, whatever the prefetch, a message that has probed some times is set aside; one
    that is in order cannot be, and has its `pause_limit`.
    """

    def __init__(self, attempt: Try, handlers: Sequence[BoundHandler], host: Host) -> None:
        self._attempt = attempt
        self._host = host
        circuits = {handler.method: (Circuit(), FailingMessages()) for handler in handlers}
        self._circuits = {id(handler): circuits[handler.method] for handler in handlers}

    async def __call__(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        """Try when the circuit lets it through, until it passes, is to blame or is set aside."""
        circuit, failing = self._circuits[id(handler)]
        movable = not handler.spec.in_order
        tries = 0
        while True:
            if circuit.is_open and (left := await self._left(circuit, message, movable)):
                return Decision(message.delivery, left, handler, message.payload())
            try:
                decision = await self._attempt(handler, message)
            except BaseException:
                if circuit.is_open:
                    circuit.failed()
                raise
            if decision.error is None and not circuit.is_open:
                # Nearly all: none has failed, so there is nothing to count or to ask.
                return decision
            key = key_of(message.delivery)
            outage = await self._outage(handler, decision)
            if outage is None:
                failing.passed(key)
                self._close(circuit, handler)
                return decision
            self._open(circuit, handler, outage)
            limit = handler.spec.pause_limit if outage.is_claimed else None
            blamed = failing.failed(key, asyncio.get_running_loop().time(), limit)
            if blamed == "message":
                self._close(circuit, handler)
                return decision
            tries += blamed == "nobody"
            if movable and tries == PROBES:
                left = _aside(message, f"it waits for what is out ({outage.text})")
                return Decision(message.delivery, left, handler, message.payload())

    async def _left(
        self, circuit: Circuit, message: MessageOf[Any], movable: bool
    ) -> Settlement | None:
        """Wait for the circuit; how the delivery is settled where it does not get its turn."""
        admitted = asyncio.ensure_future(circuit.admitted())
        stopping = asyncio.ensure_future(self._host.stopping.wait())
        try:
            longest = LONGEST_WAIT if movable else None
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait({admitted, stopping}, timeout=longest, return_when=first)
            if self._host.stopping.is_set():
                return Requeue()
            return None if admitted.done() else _aside(message, "it waits for what is out")
        finally:
            admitted.cancel()
            stopping.cancel()

    async def _outage(self, handler: BoundHandler, decision: Decision) -> Outage | None:
        """What is out, where that is why the try failed."""
        error = decision.error
        if error is None or not isinstance(decision.settlement, Redeliver | DeadLetter):
            return None
        if covers(OUTAGES, error):
            return Outage(described(error), is_claimed=False)
        reasons = await self._host.unready_integrations()
        if covers(handler.spec.pause_on, error):
            return Outage(described(error), is_claimed=not reasons)
        return Outage(reasons[0], is_claimed=False) if reasons else None

    def _open(self, circuit: Circuit, handler: BoundHandler, outage: Outage) -> None:
        if not circuit.is_open:
            logger.warning("%s is paused: %s", handler.name, outage.text)
            self._host.paused[handler.name] = f"{handler.name} is paused: {outage.text}"
        circuit.failed()

    def _close(self, circuit: Circuit, handler: BoundHandler) -> None:
        if circuit.is_open:
            logger.warning("%s is resumed", handler.name)
            self._host.paused.pop(handler.name, None)
        circuit.close()


def _aside(message: MessageOf[Any], why: str) -> SetAside:
    return SetAside(random.uniform(*ASIDE_SECONDS), strikes_of(message.delivery), why)
