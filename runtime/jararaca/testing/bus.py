"""An application under test: its worker over a broker of the test's own, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import Token
from types import TracebackType
from typing import Any, Self, TypeVar

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.contract.topology import DEFAULT_EXCHANGE, Topology
from jararaca.errors import ConfigurationError, JararacaError
from jararaca.handlers.outcome import Handled, Outcome
from jararaca.messagebus.worker.worker import Worker
from jararaca.messages.message import Message, MessagePublisher, current_publisher
from jararaca.publishing.publisher import Publisher
from jararaca.routing.declarations import bootstrapped_queues, topology_of
from jararaca.testing.clock import ManualClock
from jararaca.testing.fake_responder import answer_requests
from jararaca.testing.recording import RecordingTransport
from jararaca.transport import Publication
from jararaca.transport.exchanges import shared_name
from jararaca.transport.memory import MemoryBroker, MemoryTransport

M = TypeVar("M", bound=Message)
POLL_SECONDS = 0.005
"""How often it is looked whether what was at work has come to rest."""

EARLY = 0.01
"""Seconds: a delay counts from when the handler asked for it, so that it ends a little early."""


class BusyError(JararacaError):
    """Handlers did not come to rest in time."""


class TestBus:
    """Runs an application in memory, deterministically: `async with TestBus(app) as bus:`.

    Nothing happens by the clock on the wall: delays and retries wait for `advance`. Messages that
    are published inside the `async with` go to the application, also by `message.publish()`.
    `handlers` and `groups` choose as the worker's do; `settle` waits `patience` seconds at most.
    """

    __test__ = False

    def __init__(
        self,
        app: Microservice,
        *,
        handlers: Sequence[str] = (),
        groups: Sequence[str] = (),
        patience: float = 10.0,
    ) -> None:
        self.app = app
        self.outcomes: list[Handled] = []
        self._patience = patience
        self._clock = ManualClock()
        self._broker = MemoryBroker(self._clock)
        self._recording = RecordingTransport(self._broker)
        self._outside = MemoryTransport(self._broker)
        self._publisher = Publisher(self._outside)
        named = [shared_name(service.topology, None) for service in app.services]
        self._exchange = next((name for name in reversed(named) if name), DEFAULT_EXCHANGE)
        self._worker = Worker(
            app,
            self._recording,
            handlers=handlers,
            groups=groups,
            listener=self.outcomes.append,
            pause=self._clock.pause,
            shutdown_timeout=0.0,
        )
        self._token: Token[MessagePublisher | None] | None = None

    async def __aenter__(self) -> Self:
        await self._outside.connect()
        # The broker is new: there is no history, which would come by the clock on the wall.
        for service in self.app.services:
            names = bootstrapped_queues(service)
            queues = (each for each in topology_of(service).queues if each.name in names)
            await self._outside.declare(Topology(queues=tuple(queues)))
        await self._worker.start()
        for service in self.app.services:
            await self._outside.declare(service.topology, passive=True)
        self._token = current_publisher.set(self._publisher)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            try:
                current_publisher.reset(self._token)
            except ValueError:
                # A fixture may be left in another context than it was entered in.
                current_publisher.set(None)
        await self._worker.stop()
        await self._outside.close()

    @property
    def host(self) -> Host:
        """The application's host: `async with bus.host.unit_of_work():` opens its sessions."""
        return self._worker.host

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Publish as another service would; nothing is handled before `settle`.

        Raises UnroutableError for a task that no handler takes.
        """
        await self._publisher.publish(
            message, parameters=parameters, headers=headers, message_id=message_id, delay=delay
        )

    async def send(self, publication: Publication) -> None:
        """Publish what no class would make: a malformed body, a foreign header."""
        await self._outside.publish(publication)

    async def answer(self, request: type[M], answer: Message | Callable[[M], Message]) -> None:
        """Stand in for the service that handles a request of the application's."""
        if any(route.message.MESSAGE_NAME == request.MESSAGE_NAME for route in self.app.routes):
            raise ConfigurationError(
                f"{request.MESSAGE_NAME} is handled by the application, which replies itself"
            )
        await answer_requests(self._outside, self._exchange, request, answer)

    async def settle(self) -> None:
        """Have everything handled that can be now, and what comes of it; delays are not waited for.

        Raises BusyError for what does not end.
        """
        try:
            async with asyncio.timeout(self._patience) as deadline:
                while not await self._at_rest():  # noqa: ASYNC110 - integrations tell nobody
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            if not deadline.expired():
                raise
            busy = ", ".join(sorted({queue for queue, _ in self._busy()})) or "an integration"
            raise BusyError(
                f"after {self._patience:g} s, handlers are still running: {busy}. A handler may "
                "wait for something that never happens. Delayed messages need `advance`"
            ) from None

    async def advance(self, seconds: float) -> None:
        """Put the clock forward, and have handled what falls due by then, each at its time."""
        await self.settle()
        until = self._clock.time() + seconds
        while (due := self._clock.next_due) is not None and due <= until + EARLY:
            self._clock.put_forward(due)
            await self.settle()
        self._clock.put_forward(until)

    @property
    def next_delay(self) -> float | None:
        """Seconds until the next retry or delayed message; None where none waits."""
        due = self._clock.next_due
        return None if due is None else max(0.0, due - self._clock.time())

    def handled(self, kind: type[M], handler: str | None = None) -> list[M]:
        """The messages of a class that were handled, once for each handler: `Shop.place_order`."""
        return [
            each.message
            for each in self.outcomes
            if each.outcome == "handled"
            and isinstance(each.message, kind)
            and handler in (None, each.handler)
        ]

    def published(self, kind: type[M]) -> list[M]:
        """The messages of a class that the application has published; not those of the test."""
        name = kind.MESSAGE_NAME
        return [kind.decode(p.body) for p in self.publications if p.properties.type == name]

    @property
    def publications(self) -> list[Publication]:
        """All that the application has published, with headers and routing keys."""
        return list(self._recording.published)

    @property
    def retried(self) -> list[Handled]:
        """The tries that failed and are made again."""
        return self._ended("retried")

    @property
    def dead_letters(self) -> list[Handled]:
        """What was given up, with the `reason`; where it cannot be read, without a `message`."""
        return self._ended("dead-lettered")

    @property
    def discarded(self) -> list[Handled]:
        """What the policy has acked unhandled, with the `reason`."""
        return self._ended("discarded")

    def clear(self) -> None:
        """Forget what was noted so far, for a test of several steps."""
        self.outcomes.clear()
        self._recording.published.clear()

    def _ended(self, outcome: Outcome) -> list[Handled]:
        return [each for each in self.outcomes if each.outcome == outcome]

    async def _at_rest(self) -> bool:
        while busy := {task for _, task in self._busy()}:
            # One may come to wait for the clock or for its turn, and tells nobody.
            await asyncio.wait(busy, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for integration in self.app.integrations:
            if not await integration.idle():
                return False
        return not any(self._busy())

    def _busy(self) -> Iterator[tuple[str, asyncio.Task[Any]]]:
        """The deliveries that are at work: they wait neither for the clock nor for their turn."""
        resting = self._clock.asleep | self._worker.waiting_for_turn
        for name, queue in self._broker.queues.items():
            for consumer in queue.consumers:
                for task in consumer.tasks - resting:
                    if not task.done():
                        yield name, task
