"""How an application stands at a scrape: its broker, its queues, and what integrations count."""

from __future__ import annotations

import asyncio
import platform

from jararaca_shared.distribution import VERSION
from prometheus_client import CollectorRegistry, Gauge

from jararaca.application.host import Host
from jararaca.application.integration import Measure
from jararaca.errors import BrokerError
from jararaca.printable import logger_named

logger = logger_named("jararaca.metrics")

COUNT_SECONDS = 2.0
"""How long broker and integrations may take to answer; else the last known number stands."""


class State:
    """Asks all that stands still between two events, and sets it in gauges."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._build = self._gauge(
            "build_info", "1, and what runs.", "application", "version", "python"
        )
        self._connected = self._gauge(
            "connected", "1 while the broker is connected, and consumers receive."
        )
        self._ready = self._gauge("ready", "1 while work may come: what the probe /ready says.")
        self._waiting = self._gauge(
            "queue_messages",
            "Messages that wait in a queue that this service consumes, or in its dead letters.",
            "queue",
        )
        self._consumers = self._gauge(
            "queue_consumers", "Consumers of a queue, of any process.", "queue"
        )
        self._paused = self._gauge(
            "paused", "1 while a handler, and its messages, wait for what is out.", "handler"
        )
        self._scheduled = self._gauge(
            "schedule_done_timestamp_seconds",
            "Up to when a schedule is done, in the process that runs it.",
            "schedule",
        )
        self._measured: dict[str, Gauge] = {}
        self._handlers: set[str] = set()

    def know(self, handler: str) -> None:
        """A handler that has not been paused yet."""
        self._handlers.add(handler)

    async def look(self, host: Host) -> None:
        """Set all gauges; what does not answer in time keeps its last number."""
        self._build.labels(host.microservice.name, VERSION, platform.python_version()).set(1)
        self._connected.set(host.transport.ready)
        for handler in self._handlers:
            self._paused.labels(handler).set(handler in host.paused)
        self._scheduled.clear()
        for name, until in dict(host.scheduled_until).items():
            self._scheduled.labels(name).set(until.timestamp())
        # A broker that is away would be waited for, longer than some scrapes may take.
        answers = host.transport.ready or host.transport.sends
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                await asyncio.gather(
                    self._ask_ready(host),
                    self._ask_integrations(host),
                    *(self._ask_queue(host, queue) for queue in queues_of(host) if answers),
                )
        except TimeoutError:
            return

    async def _ask_ready(self, host: Host) -> None:
        self._ready.set(not await host.unready())

    async def _ask_queue(self, host: Host, queue: str) -> None:
        """All partitions of a queue are one: what waits in all, and the fewest that consume one."""
        services = host.microservice.services
        parts = [name for each in services for name in each.topology.partitions_of(queue)]
        try:
            found = [await host.transport.depth(name) for name in (queue, *parts)]
        except BrokerError:
            return
        self._waiting.labels(queue).set(sum(each.messages for each in found))
        self._consumers.labels(queue).set(min(each.consumers for each in found))

    async def _ask_integrations(self, host: Host) -> None:
        for integration in host.microservice.integrations:
            try:
                found = await integration.measured()
            except Exception:
                # A database that is away: the probe /ready says so, and a scrape must not fail.
                logger.debug("%s has no numbers now", type(integration).__name__, exc_info=True)
                continue
            for each in found:
                self._set(each)

    def _set(self, measure: Measure) -> None:
        if measure.name not in self._measured:
            self._measured[measure.name] = Gauge(
                measure.name, measure.about, tuple(measure.labels), registry=self._registry
            )
        gauge = self._measured[measure.name]
        (gauge.labels(**measure.labels) if measure.labels else gauge).set(measure.value)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"jararaca_{name}", about, labels, registry=self._registry)


def queues_of(host: Host) -> list[str]:
    """The queues that the application consumes, and their dead letters."""
    services = host.microservice.services
    consumed = {route.queue for service in services for route in service.routes}
    letters = {
        service.topology.dead_letters_of(route.queue)
        for service in services
        for route in service.routes
    }
    return sorted(consumed | letters)
