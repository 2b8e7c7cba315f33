"""An application that runs in this process: its transport, its integrations and its lifecycle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jararaca.application.injection.wiring import wiring_of
from jararaca.application.microservice import Microservice, Participant
from jararaca.application.threads import MOST_AT_ONCE, Threads
from jararaca.application.unit_of_work import Surrounding, Work, surrounded
from jararaca.contract.exception_types import described
from jararaca.handlers.current_work import current_work
from jararaca.handlers.decorators import spec_of
from jararaca.messages.message import current_publisher
from jararaca.messages.received import MessageOf
from jararaca.publishing.staged import StagedPublisher
from jararaca.routing.table import Route
from jararaca.transport import Transport

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel

UNREADY_SECONDS = 1.0
"""Seconds that an integration may take to say whether it is ready."""


class Host:
    """Starts and stops all that a microservice consists of, and surrounds its units of work.

    A worker has one, and so have a web application and a scheduler: the same integrations and
    interceptors are around a delivery, a request and a scheduled run. `backend_url` names what
    its processes share besides the broker (Redis); without one, it is this process's memory.
    `paused` says which handlers wait for a dependency, and why; `scheduled_until` up to when each
    schedule is done, in the process that runs it.
    Raises ConfigurationError for what no provider gives.
    """

    def __init__(
        self, microservice: Microservice, transport: Transport, backend_url: str | None = None
    ) -> None:
        self.microservice = microservice
        self.transport = transport
        self.backend_url = backend_url
        self.app_id = microservice.app_id
        self.stopping = asyncio.Event()
        self.paused: dict[str, str] = {}
        self.scheduled_until: dict[str, datetime] = {}
        self._threads = Threads(self.stopping)
        # Who observes sees what the others fail with, at their begin and their commit, too.
        observers_first = sorted(microservice.integrations, key=lambda each: not each.observes)
        surroundings: list[Surrounding] = [each.around for each in observers_first]
        surroundings.extend(microservice.interceptors)
        self._wiring = wiring_of(microservice)
        if self._wiring is not None:
            surroundings.append(self._wiring.around)
        self.around = surrounded(surroundings)
        self._started = False
        self._running = AsyncExitStack()

    @property
    def reply_queues(self) -> Sequence[str]:
        """The queues that replies may go to besides the usual ones."""
        return self.microservice.reply_queues

    @property
    def started(self) -> bool:
        """Whether all that it consists of has started."""
        return self._started

    def call(self, route: Route) -> Callable[[MessageOf[Any]], Awaitable[Any]]:
        """The handler of a route, on its controller. Raises ConfigurationError."""
        at_once = spec_of(route.handler).concurrency or MOST_AT_ONCE
        return self.method(route.controller, route.handler, at_once)

    def method(
        self, controller: type[Any], called: Callable[..., Any], at_once: int = 1
    ) -> Callable[[Any], Awaitable[Any]]:
        """A method on its controller, which providers make; a `def` runs in a thread.

        `at_once` is how many of it run at a time, for those that need threads. Raises
        ConfigurationError.
        """
        method = self._threads.awaitable(controller, called, at_once)
        wired = None if self._wiring is None else self._wiring.call(controller, method)
        if wired is not None:
            return wired
        bound: Callable[[Any], Awaitable[Any]] = method.__get__(
            self.microservice.controller(controller)
        )
        return bound

    async def start(self, prepare: Callable[[], Awaitable[None]] | None = None) -> None:
        """Connect, start the integrations and the lifecycle; all is stopped when one fails.

        `prepare` is awaited once the broker is connected: integrations may publish at their start.
        """
        try:
            self._running.callback(self._threads.close)
            self._running.push_async_callback(self.transport.close)
            await self.transport.connect()
            if prepare is not None:
                await prepare()
            for integration in self.microservice.integrations:
                await integration.start(self)
                self._running.push_async_callback(integration.stop)
            for lifecycle in self.microservice.lifecycle:
                await lifecycle.start()
                self._running.push_async_callback(lifecycle.stop)
            if self._wiring is not None:
                self._running.push_async_callback(self._wiring.stop)
                await self._wiring.start()
            self._started = True
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what was started, in reverse, each although another fails; then close."""
        self.stopping.set()
        await self._running.aclose()

    def publisher(self) -> StagedPublisher:
        """For a unit of work of this application's: what it publishes says by whom it is."""
        return StagedPublisher(self.transport, self.app_id)

    async def amqp(self) -> AbstractChannel:
        """What `use_amqp()` gives, for code outside of units of work.

        Raises NoAmqpError on memory://, and BrokerUnreachableError.
        """
        return await self.transport.amqp()

    async def unready(self) -> tuple[str, ...]:
        """Why no work should come now, one sentence each; empty where all is well."""
        if not self._started or self.stopping.is_set():
            return ("it is shutting down" if self._started else "it has not started",)
        broker = () if self.transport.ready else ("the broker is not connected",)
        told = await self.unready_integrations()
        return (*broker, *self.paused.values(), *told)

    async def unready_integrations(self) -> tuple[str, ...]:
        """Why integrations are not ready, one sentence each."""
        asked = (_unready(each) for each in self.microservice.integrations)
        return tuple(reason for reason in await asyncio.gather(*asked) if reason)

    @asynccontextmanager
    async def unit_of_work(self, work: Work | None = None) -> AsyncIterator[Work]:
        """A unit of work of your own: what is published inside goes out once all has succeeded.

        An exception inside rolls back and drops what was to be published.
        """
        work = work or Work(publisher=self.publisher())
        work.host = self
        working = current_work.set(work)
        publishing = current_publisher.set(work.publisher)
        failure: BaseException | None = None
        try:
            if self.around is None:
                yield work
                await work.commit()
            else:
                async with self.around(work):
                    try:
                        yield work
                        await work.commit()
                    except BaseException as error:
                        failure = error
                        raise
            # An interceptor may have swallowed it: what has failed is not published all the same.
            if failure is not None:
                raise failure
            work.end()
            await work.publisher.flush()
            await work.finish()
        finally:
            work.end()
            work.publisher.drop()
            current_publisher.reset(publishing)
            current_work.reset(working)


async def _unready(integration: Participant) -> str | None:
    name = type(integration).__name__
    try:
        async with asyncio.timeout(UNREADY_SECONDS):
            return await integration.unready()
    except TimeoutError:
        return f"{name} did not say within {UNREADY_SECONDS:g} s whether it is ready"
    except Exception as error:
        return f"{name}: {described(error)}"
