"""An application that runs in this process: its transport, its integrations and its lifecycle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from jararaca.app import Microservice
from jararaca.context import current_publisher, current_work
from jararaca.publisher import StagedPublisher
from jararaca.transport import Transport
from jararaca.work import Surrounding, Work, surrounded


class Host:
    """Starts and stops all that a microservice consists of, and surrounds its units of work.

    A worker has one, and so have a web application and a scheduler: the same integrations and
    interceptors are around a delivery, a request and a scheduled run. `backend_url` names what
    its processes share besides the broker (Redis); without one, it is this process's memory.
    """

    def __init__(
        self, microservice: Microservice, transport: Transport, backend_url: str | None = None
    ) -> None:
        self.microservice = microservice
        self.transport = transport
        self.backend_url = backend_url
        self.stopping = asyncio.Event()
        surroundings: list[Surrounding] = [each.around for each in microservice.integrations]
        self.around = surrounded([*surroundings, *microservice.interceptors])
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Connect, start the integrations and the lifecycle; all is stopped when one fails."""
        try:
            self._running.push_async_callback(self.transport.close)
            await self.transport.connect()
            for integration in self.microservice.integrations:
                await integration.start(self)
                self._running.push_async_callback(integration.stop)
            for lifecycle in self.microservice.lifecycle:
                await lifecycle.start()
                self._running.push_async_callback(lifecycle.stop)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what was started, in reverse, each although another fails; then close."""
        self.stopping.set()
        await self._running.aclose()

    @asynccontextmanager
    async def unit_of_work(self, work: Work | None = None) -> AsyncIterator[Work]:
        """A unit of work of your own: what is published inside goes out once all has succeeded.

        An exception inside rolls back and drops what was to be published.
        """
        work = work or Work(publisher=StagedPublisher(self.transport))
        work.host = self
        working = current_work.set(work)
        publishing = current_publisher.set(work.publisher)
        try:
            if self.around is None:
                yield work
                await work.commit()
            else:
                async with self.around(work):
                    yield work
                    await work.commit()
            await work.publisher.flush()
            await work.finish()
        finally:
            current_publisher.reset(publishing)
            current_work.reset(working)
