"""The worker: declares the compiled topology, consumes by the routing table, drains at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.application.termination import Termination
from jararaca.application.threads import bounded
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Listener
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.idempotency.backends import handled_messages_for
from jararaca.handling.middlewares.ordering import Pause, pause_for
from jararaca.handling.redelivery import as_published
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blocked_loop import BlockedLoop
from jararaca.messagebus.consumer_timeout import consumer_timeout, warn_of_timeout
from jararaca.messagebus.default_exchange import check_default_exchange
from jararaca.messagebus.draining import drain
from jararaca.messagebus.partitions.counted import refuse_other_partitions
from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.messagebus.selection import selected
from jararaca.messagebus.streams.bootstrap import ask_for_history
from jararaca.messagebus.worker.partition_shares import PartitionShares
from jararaca.messagebus.worker.pipelines import Pipelines
from jararaca.messagebus.worker.prefetch import prefetch_of
from jararaca.messagebus.worker.worker_streams import WorkerStreams
from jararaca.printable import logger_named
from jararaca.publishing.carried_headers import nothing_outgoing
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Route
from jararaca.transport import Consumer, Delivery, Transport

logger = logger_named("jararaca.worker")

DEFAULT_PREFETCH = 200
MAX_PREFETCH = 65_535
"""What AMQP can say; it reads 0 as "all there are", which no memory holds."""

DEFAULT_SHUTDOWN_TIMEOUT = 30.0


class Worker:
    """Runs a microservice's handlers on a transport.

    `prefetch` bounds the unsettled deliveries of each queue; `handlers` and `groups` choose (all
    by default); `shutdown_timeout` is in seconds; `backend_url` names what workers share, the
    record of idempotent handlers and WebSockets (Redis; without one, this process's memory);
    `declare` False expects the topology to be there; `listener` is told what became of each
    delivery; an ordered message waits for its next try by `pause`.
    Raises ConfigurationError for a handler or group that does not exist, or another prefetch than
    1 to 65535.
    """

    def __init__(
        self,
        microservice: Microservice,
        transport: Transport,
        *,
        prefetch: int = DEFAULT_PREFETCH,
        handlers: Sequence[str] = (),
        groups: Sequence[str] = (),
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        backend_url: str | None = None,
        declare: bool = True,
        listener: Listener | None = None,
        pause: Pause = pause_for,
    ) -> None:
        if not 1 <= prefetch <= MAX_PREFETCH:
            raise ConfigurationError(f"prefetch must be 1 to {MAX_PREFETCH}, got {prefetch}")
        self._microservice = microservice
        self._transport = transport
        self.host = Host(microservice, transport, backend_url)
        self._prefetch = prefetch
        self._shutdown_timeout = shutdown_timeout
        self._declare = declare
        self._quarantine = Quarantine()
        self._handled = handled_messages_for(backend_url)
        self._receivers: list[QueueReceiver] = []
        self._running: set[asyncio.Task[Any]] = set()
        self._consumers: list[Consumer] = []
        self._started = False
        self._stopping = False
        self._cancelled = asyncio.Event()
        self._cut_off = asyncio.Event()
        specs = [(route, spec_of(route.handler)) for route in microservice.routes]
        chosen = selected(specs, handlers, groups)
        waiting = {route.queue for route, spec in chosen if spec.stub}
        self.stubs: tuple[Route, ...] = tuple(r for r, spec in chosen if spec.stub)
        self.waiting: tuple[Route, ...] = tuple(r for r, _ in chosen if r.queue in waiting)
        self.consumed: tuple[BoundHandler, ...] = tuple(
            BoundHandler(route, bounded(spec, route.handler), self.host.call(route))
            for route, spec in chosen
            if route.queue not in waiting
        )
        self._blocked = BlockedLoop(self.consumed)
        self._pipelines = Pipelines(
            transport, self.host, microservice, self.consumed, self._handled, listener, pause
        )
        self._shares = PartitionShares(
            transport,
            self._pipelines,
            self._quarantine,
            self._running,
            self._cancelled,
            prefetch,
        )
        self._streams = WorkerStreams(
            transport,
            self.host,
            self._pipelines,
            self._quarantine,
            self._running,
            prefetch,
            pause,
        )

    @property
    def in_flight(self) -> int:
        """How many deliveries are being handled now."""
        return len(self._running)

    @property
    def running(self) -> set[asyncio.Task[Any]]:
        """The tasks of the deliveries that are being handled now."""
        return self._running

    @property
    def partitions(self) -> frozenset[str]:
        """The queues of partitioned ones that are consumed here now."""
        return self._shares.queues

    async def handle(self, delivery: Delivery) -> None:
        """Handle one delivery of a queue that is consumed, from its matching to its settlement.

        Raises ConfigurationError for another queue.
        """
        await self._pipelines.of(delivery.queue)(as_published(delivery))

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Move one delivery of a queue that is consumed to its dead letters, and ack it.

        Raises ConfigurationError for another queue.
        """
        await self._pipelines.of(delivery.queue).reject(delivery, reason)

    @property
    def waiting_for_turn(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of ordered messages that wait for those before them."""
        return self._streams.waiting | self._pipelines.waiting

    @property
    def ready(self) -> bool:
        """Whether deliveries come: not before the start, at the end, while paused or cut off."""
        taking = self._started and not self._stopping and not self.host.paused
        return taking and self._transport.ready

    async def start(self) -> None:
        """Connect, declare and consume; returns when every consumer is ready."""
        with nothing_outgoing():
            await self.host.start(self._declare_all)
            try:
                await self._begin()
            except BaseException:
                await self.host.stop()
                raise

    async def _declare_all(self) -> None:
        for service in self._microservice.services:
            topology = topology_of(service)
            if self._declare:
                await ask_for_history(self._transport, service)
            await self._transport.declare(topology, passive=not self._declare)
            if not self._declare:
                await refuse_other_partitions(self._transport, topology)

    async def _begin(self) -> None:
        for row in self.consumed:
            warn_of_timeout(row)
        if any(row.spec.idempotent for row in self.consumed):
            logger.info("idempotent handlers: message ids are stored in %s", self._record)
        for route in {(each.controller, each.handler): each for each in self.waiting}.values():
            _tell_waiting(route, self.stubs)
        queues: dict[str, list[BoundHandler]] = {}
        for row in self.consumed:
            queues.setdefault(row.route.queue, []).append(row)
        if self.consumed:
            await check_default_exchange(self._transport)
        divided = {
            each.queue: each
            for service in self._microservice.services
            for each in service.topology.partitioned
        }
        # All at once: each is a few round trips to the broker, and there may be hundreds.
        await asyncio.gather(
            *(
                self._consume(queue, tuple(rows))
                for queue, rows in queues.items()
                if queue not in divided
            )
        )
        for service in self._microservice.services:
            await self._shares.share(service.topology, queues)
        await self._streams.start(queues)
        self._blocked.start()
        self._started = True

    async def stop(self) -> bool:
        """Take nothing new, let the handlers in flight finish, then close.

        True when all finished in time; what did not was cancelled and went back to its queue.
        """
        self._stopping = True
        self.host.stopping.set()
        for receiver in self._receivers:
            receiver.stop()
        self._shares.stop()
        self._blocked.stop()
        until = asyncio.get_running_loop().time() + self._shutdown_timeout
        await self._streams.stop_filling()
        try:
            await self._shares.stop_taking()
            await asyncio.gather(*(consumer.cancel() for consumer in self._consumers))
        finally:
            self._cancelled.set()
            self._quarantine.end()
        left = max(0.0, until - asyncio.get_running_loop().time())
        drained = await drain(self._running, left, self._cut_off)
        await self._shares.leave()
        await self._streams.close()
        await self.host.stop()
        await self._handled.close()
        return drained

    async def run(
        self, ready: Callable[[], None] | None = None, stop: asyncio.Event | None = None
    ) -> bool:
        """Start, wait for SIGTERM, SIGINT or `stop`, then stop; a second signal ends the drain.

        One that comes while it starts ends the start.

        After a signal the process exits, at the latest some seconds after the shutdown timeout,
        although a thread or a handler that catches its cancellation keeps running.
        """
        termination = Termination(self._shutdown_timeout, stop)
        self._cut_off = termination.at_once
        with termination.watched():
            if not await termination.unless_stopped(self.start()):
                return True
            if ready:
                ready()
            await termination.stop.wait()
            if self._running:
                logger.info("draining: %d in flight", len(self._running))
            drained = await self.stop()
        termination.leave(lambda: bool(self._running), 0 if drained else 1)
        return drained

    @property
    def _record(self) -> str:
        kept = (integration.record for integration in self._microservice.integrations)
        return next((place for place in kept if place), self._handled.place)

    async def _consume(self, queue: str, handlers: tuple[BoundHandler, ...]) -> None:
        pipeline = self._pipelines.of_queue(queue, handlers)
        receiver = QueueReceiver(
            self._transport,
            pipeline,
            handlers,
            self._quarantine,
            self._running,
            self._cancelled,
        )
        self._receivers.append(receiver)
        consumer = await self._transport.consume(
            queue,
            prefetch_of(handlers, self._prefetch),
            receiver.on_delivery,
            priority=handlers[0].spec.priority,
            timeout=consumer_timeout([handler.spec for handler in handlers]),
            careful=pipeline.ordering is None,
        )
        receiver.begun(consumer)
        # To cancel an ordered one would let the next worker begin while this one is still at it.
        if pipeline.ordering is None:
            self._consumers.append(consumer)


def _tell_waiting(route: Route, stubs: tuple[Route, ...]) -> None:
    if route in stubs:
        name = f"{route.controller.__qualname__}.{route.handler.__name__}"
        logger.info("%s is still a stub: its messages stay in %s", name, route.queue)
    else:
        logger.info("%s is not consumed: another handler of it is a stub", route.queue)
