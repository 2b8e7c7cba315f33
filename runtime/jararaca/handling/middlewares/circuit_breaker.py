"""The circuit breaker: while what a handler depends on is out, its messages wait, uncounted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from jararaca.application.host import Host
from jararaca.contract.exception_types import covers, described
from jararaca.errors import BackendError, DatabaseUnreachableError
from jararaca.handling.attempt import Try
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision, Redeliver, Requeue
from jararaca.handling.middlewares.circuit import Circuit
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

TO_BLAME = 3
"""How often a message fails alone, after others have passed, until the failure is its own."""

OUTAGES = (BackendError, DatabaseUnreachableError)
"""What is never a message's fault."""


class CircuitBreaker:
    """Wraps the tries of a queue's handlers; each handler has a circuit of its own.

    A try that fails with an outage, a type of the handler's `pause_on`, or while an integration
    says that it is not ready, is made again once the dependency is back; it does not count. Where
    other messages of the handler pass in the meantime, the failure is the message's own.
    """

    def __init__(self, attempt: Try, handlers: Sequence[BoundHandler], host: Host) -> None:
        self._attempt = attempt
        self._host = host
        circuits = {handler.method: Circuit() for handler in handlers}
        self._circuits = {id(handler): circuits[handler.method] for handler in handlers}

    async def __call__(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        """Try once the circuit lets it through, until it passes or fails by itself."""
        circuit = self._circuits[id(handler)]
        first: int | None = None
        strikes = 0
        while True:
            if circuit.is_open and not await self._admitted(circuit):
                return Decision(message.delivery, Requeue(), handler, message.payload())
            try:
                decision = await self._attempt(handler, message)
            except BaseException:
                if circuit.is_open:
                    circuit.failed()
                raise
            if decision.error is None and not circuit.is_open:
                # Nearly all: none has failed, so there is nothing to count or to ask.
                return decision
            outage = await self._outage(handler, decision)
            if outage is None:
                self._close(circuit, handler)
                return decision
            self._open(circuit, handler, outage, message)
            first = circuit.passed_count if first is None else first
            overtaken = circuit.passed_count > first
            strikes = strikes + 1 if overtaken and circuit.failing == {id(message)} else 0
            if strikes == TO_BLAME:
                self._close(circuit, handler)
                return decision

    async def _admitted(self, circuit: Circuit) -> bool:
        """Wait for the circuit; False where the worker stops before."""
        admitted = asyncio.ensure_future(circuit.admitted())
        stopping = asyncio.ensure_future(self._host.stopping.wait())
        try:
            await asyncio.wait({admitted, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return not self._host.stopping.is_set()
        finally:
            admitted.cancel()
            stopping.cancel()

    async def _outage(self, handler: BoundHandler, decision: Decision) -> str | None:
        """What is out, where that is why the try failed."""
        error = decision.error
        if error is None or not isinstance(decision.settlement, Redeliver | DeadLetter):
            return None
        if covers((*OUTAGES, *handler.spec.pause_on), error):
            return described(error)
        reasons = await self._host.unready_integrations()
        return reasons[0] if reasons else None

    def _open(
        self, circuit: Circuit, handler: BoundHandler, outage: str, message: MessageOf[Any]
    ) -> None:
        if not circuit.is_open:
            logger.warning("%s is paused: %s", handler.name, outage)
            self._host.paused[handler.name] = f"{handler.name} is paused: {outage}"
        circuit.failing.add(id(message))
        circuit.failed()

    def _close(self, circuit: Circuit, handler: BoundHandler) -> None:
        if circuit.is_open:
            logger.warning("%s is resumed", handler.name)
            self._host.paused.pop(handler.name, None)
        circuit.passed()
