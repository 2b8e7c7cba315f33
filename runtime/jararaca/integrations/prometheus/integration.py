"""What became of deliveries, how long they take, and what waits: counted, and served on a port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.application.unit_of_work import HandledBeforeError, Work
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Handled
from jararaca.integrations.prometheus.ages import Ages
from jararaca.integrations.prometheus.contract import Contract
from jararaca.integrations.prometheus.state import State
from jararaca.observability.http_server import Answer, SmallServer, host_of, port_of
from jararaca.publishing.carried_headers import outgoing
from jararaca.transport import Publication

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

OUTCOMES = ("handled", "retried", "dead-lettered")
"""What may become of a delivery to any handler."""


class Prometheus(Integration):
    """Counts deliveries, failures, publications and runs, and serves them at /metrics.

    `port` is the first process's: `jararaca worker --workers N` takes N ports from it, one a
    process, each to be scraped; 0 is any free one. `registry` is the client library's own, so that
    an application's metrics are served too. What waits in the queues is asked for at each scrape.
    `host` is the address that it listens on: LISTEN_HOST of the environment, else this machine's
    own (127.0.0.1), which nobody reaches from outside. `undeclared_fields` counts the properties
    of received messages that no schema declares, which looks through each message.
    """

    observes = True

    def __init__(
        self,
        port: int = 9090,
        host: str | None = None,
        registry: CollectorRegistry = REGISTRY,
        *,
        undeclared_fields: bool = False,
    ) -> None:
        self._registry = registry
        self._server = SmallServer({"/metrics": self._metrics}, host_of(host), port_of(port))
        self._application: Host | None = None
        self.listener = self._told
        self._deliveries = Counter(
            "jararaca_deliveries",
            "Deliveries that were settled, by what became of them.",
            ("handler", "queue", "outcome"),
            registry=registry,
        )
        self._failures = Counter(
            "jararaca_failures",
            "Units of work that ended with an exception.",
            ("kind", "handler", "error"),
            registry=registry,
        )
        self._published = Counter(
            "jararaca_published", "Messages that were published.", ("message",), registry=registry
        )
        self._in_flight = Gauge(
            "jararaca_in_flight", "Units of work now.", ("kind", "handler"), registry=registry
        )
        self._seconds = Histogram(
            "jararaca_handler_seconds",
            "How long units of work take, without their publications and the ack.",
            ("kind", "handler"),
            registry=registry,
            buckets=SECONDS,
        )
        self._contract = Contract(registry, undeclared_fields=undeclared_fields)
        self._running: dict[tuple[str, str], tuple[Gauge, Histogram]] = {}
        self._ages = Ages(registry)
        self._state = State(registry)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.port

    async def start(self, host: Host) -> None:
        """Listen. Raises ConfigurationError where the port is taken."""
        self._application = host
        self._begin_at_zero(host)
        await self._server.start()

    def _begin_at_zero(self, host: Host) -> None:
        """What has not happened yet is 0: a counter that begins at 1 has no increase."""
        for route in host.microservice.routes:
            name = f"{route.controller.__qualname__}.{spec_of(route.handler).name}"
            for outcome in OUTCOMES:
                self._deliveries.labels(name, route.queue, outcome)
            self._seconds.labels("delivery", name)
            self._ages.know(name, route.queue)
            self._state.know(name)

    async def stop(self) -> None:
        """Listen no longer."""
        await self._server.stop()

    def around(self, work: Work) -> AbstractAsyncContextManager[Any]:
        """Count and time a unit of work."""
        return self._measured(work)

    @asynccontextmanager
    async def _measured(self, work: Work) -> AsyncIterator[None]:
        names = (work.kind, work.name)
        if names not in self._running:
            self._running[names] = self._in_flight.labels(*names), self._seconds.labels(*names)
        (in_flight, seconds), begun = self._running[names], perf_counter()
        published: list[str] = []

        async def count() -> None:
            while published:
                self._published.labels(published.pop()).inc()

        def note(publication: Publication) -> Publication:
            if count not in (work.endings or ()):
                published.clear()  # What was dropped with a failure is not to be counted.
                work.on_done(count)
            published.append(publication.properties.type or publication.routing_key)
            return publication

        in_flight.inc()
        try:
            with outgoing(note), self._ages.in_hand(work.name, work.messages):
                yield
        except HandledBeforeError:
            raise
        except Exception as error:
            self._failures.labels(*names, type(error).__qualname__).inc()
            raise
        finally:
            in_flight.dec()
            seconds.observe(perf_counter() - begun)

    def _told(self, handled: Handled) -> None:
        self._deliveries.labels(handled.handler or "", handled.queue, handled.outcome).inc()
        self._contract.told(handled)

    async def _metrics(self, headers: Mapping[str, str]) -> Answer:
        assert self._application is not None
        self._ages.look()
        await self._state.look(self._application)
        encode, content_type = choose_encoder(headers.get("accept", ""))
        return Answer(encode(self._registry), content_type=content_type)
