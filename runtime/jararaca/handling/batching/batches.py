"""Batches: a batch that fails is divided, until only the messages that fail alone have failed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from jararaca.application.host import Host
from jararaca.contract.exception_types import covers, described
from jararaca.handling.attempt import Try
from jararaca.handling.batching.batch_work import BatchWork
from jararaca.handling.batching.collector import Collector, Entry
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.deciding import decide
from jararaca.handling.decision import DONE, Decision, Settlement
from jararaca.handling.handler_result import Failed, HandlerResult, Returned
from jararaca.handling.middlewares.circuit_breaker import OUTAGES
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")


class Batches:
    """Wraps the tries of a queue: the messages of a handler with `batch` are tried together.

    Where the handler raises, nothing of the batch has lasted, and each half is tried anew, down to
    single messages: one bad message costs the others no attempt. What an outage ended is not
    divided: the circuit breaker lets each wait.
    """

    def __init__(
        self,
        single: Try,
        handlers: Sequence[BoundHandler],
        transport: Transport,
        host: Host | None,
    ) -> None:
        self._single = single
        self._transport = transport
        self._host = host
        of_methods = {
            handler.method: self._collector(handler, handler.spec.batch)
            for handler in handlers
            if handler.spec.batch is not None
        }
        self._collectors = {
            id(handler): of_methods[handler.method]
            for handler in handlers
            if handler.method in of_methods
        }

    def _collector(self, handler: BoundHandler, size: int) -> Collector:
        spec, host = handler.spec, self._host
        limits = size, spec.within, spec.concurrency
        if host is None:
            return Collector(self._tried, *limits, asyncio.Event())
        return Collector(self._tried, *limits, host.stopping, lambda: handler.name in host.paused)

    async def __call__(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        """One try of a message, among others where its handler takes batches."""
        collector = self._collectors.get(id(handler))
        if collector is None:
            return await self._single(handler, message)
        return await collector.join(handler, message)

    async def _tried(self, entries: Sequence[Entry]) -> Sequence[Decision]:
        handler = entries[0][0]
        batch = [message for _, message in entries]
        work = BatchWork(self._transport, self._host, handler, batch)
        result = await work.run()
        if isinstance(result, Failed) and len(entries) > 1 and not work.committed:
            outages: tuple[type[Exception], ...] = (*OUTAGES, *handler.spec.pause_on)
            if not covers(outages, result.error):
                return await self._divided(entries, result.error)
        given_up = work.failures if isinstance(result, Returned) else {}
        return [decided(entry, result, given_up.get(id(entry[1]))) for entry in entries]

    async def _divided(self, entries: Sequence[Entry], error: Exception) -> Sequence[Decision]:
        """Try each half: whoever is to blame is in one of them."""
        half, told = len(entries) // 2, described(error)
        logger.debug("%s: a batch of %d is divided: %s", entries[0][0].name, len(entries), told)
        return [*await self._tried(entries[:half]), *await self._tried(entries[half:])]


def decided(entry: Entry, result: HandlerResult, given_up: Exception | None) -> Decision:
    """What is decided about one message; `given_up` is why the handler has let it fail."""
    handler, message = entry
    ended = result if given_up is None else Failed(given_up)
    settlement: Settlement = DONE
    if not isinstance(ended, Returned):
        settlement = decide(handler.spec, ended, message.attempt, random.random())
    return Decision(
        message.delivery,
        settlement,
        handler,
        message.payload(),
        ended.error if isinstance(ended, Failed) else None,
        attempt=message.attempt,
    )
