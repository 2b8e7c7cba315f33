"""The pipelines of a worker: the steps of each queue, partition and stream that it consumes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import ConfigurationError
from jararaca.handlers.outcome import Handled, Listener
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.idempotency import HandledMessages
from jararaca.handling.middlewares.ordering import Pause
from jararaca.handling.partition import Partition
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.streaming.reading import StreamReading
from jararaca.transport import Transport

Handlers = tuple[BoundHandler, ...]


class Pipelines:
    """Makes the pipelines, and keeps those of what is consumed by the names of its queues.

    `consumed` are all the worker's handlers, and `listener` is told what became of each delivery.
    """

    def __init__(
        self,
        transport: Transport,
        host: Host,
        microservice: Microservice,
        consumed: Handlers,
        handled: HandledMessages,
        listener: Listener | None,
        pause: Pause,
    ) -> None:
        self._transport = transport
        self._host = host
        self._services = microservice.services
        self._bound = {key for row in consumed for key in row.route.binding_keys}
        self._handled = handled
        listeners = [listener, *(each.listener for each in microservice.integrations)]
        self._listener = _together(listeners)
        self._pause = pause
        self._consumed: dict[str, Pipeline] = {}

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of ordered messages that wait for those before them."""
        orderings = (each.ordering for each in self._consumed.values())
        return set().union(*(each.waiting for each in orderings if each is not None))

    def of(self, queue: str) -> Pipeline:
        """That of a queue. Raises ConfigurationError for one that is not consumed."""
        if queue not in self._consumed:
            raise ConfigurationError(f"{queue} is not consumed by this worker")
        return self._consumed[queue]

    def of_queue(self, queue: str, handlers: Handlers) -> Pipeline:
        """A new one, for a queue."""
        made = self._consumed[queue] = self._made(queue, self._letters(queue), handlers)
        return made

    def of_partition(
        self, partition: Partition, handlers: Handlers, stopping: asyncio.Event
    ) -> Pipeline:
        """A new one; `stopping` ends the tries of what waits for its next one."""
        queue = partition.of.queue
        letters = self._letters(queue) or dead_letter_queue(queue)
        made = self._made(queue, letters, handlers, partition, stopping)
        self._consumed[partition.queue] = made
        return made

    def of_reading(self, queue: str, handlers: Handlers, reading: StreamReading) -> Pipeline:
        """A new one, for what the handlers of a queue read of a stream."""
        return self._made(queue, self._letters(queue), handlers, reading=reading)

    def forget(self, queue: str) -> None:
        """It is consumed no more."""
        del self._consumed[queue]

    def _made(
        self,
        queue: str,
        letters: str | None,
        handlers: Handlers,
        partition: Partition | None = None,
        stopping: asyncio.Event | None = None,
        reading: StreamReading | None = None,
    ) -> Pipeline:
        return Pipeline(
            self._transport,
            handlers,
            self._handled,
            self._listener,
            self._host,
            self._pause,
            self._patterns(queue),
            letters,
            partition,
            stopping,
            reading,
        )

    def _patterns(self, queue: str) -> tuple[str, ...]:
        """The binding keys of a queue that let more topics through than its handlers take."""
        return tuple(
            binding.routing_key
            for service in self._services
            for binding in service.topology.bindings
            if binding.queue == queue and binding.routing_key not in self._bound
        )

    def _letters(self, queue: str) -> str | None:
        """Where its service's dead letters go, if its queues share one queue of them."""
        for service in self._services:
            if any(route.queue == queue for route in service.routes):
                return service.topology.dead_letters
        return None


def _together(listeners: Sequence[Listener | None]) -> Listener | None:
    """All listeners as one; None if there are none."""
    told = [listener for listener in listeners if listener is not None]
    if len(told) < 2:
        return told[0] if told else None

    def tell(handled: Handled) -> None:
        for listener in told:
            listener(handled)

    return tell
