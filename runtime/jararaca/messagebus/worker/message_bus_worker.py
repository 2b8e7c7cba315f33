"""The worker of a service with one queue: an application, and where it consumes from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jararaca.application.lifecycle import AppLifecycle
from jararaca.application.microservice import Microservice
from jararaca.handlers.controllers import MessageHandlerData, handlers_chosen
from jararaca.messagebus.event_loop import run_to_end
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.messagebus.worker.consumer import AioPikaMicroserviceConsumer
from jararaca.messagebus.worker.context import Container, UnitOfWorkContextProvider


class MessageBusWorker:
    """Runs the handlers of an application on one queue.

    Besides the application's own, `container` gives what controllers ask for, `lifecycle` starts
    and stops with the worker, and `uow_context_provider` is around each handler.
    """

    def __init__(
        self,
        app: Microservice,
        config: AioPikaWorkerConfig,
        *,
        container: Container | None = None,
        lifecycle: AppLifecycle | None = None,
        uow_context_provider: UnitOfWorkContextProvider | None = None,
    ) -> None:
        self.app = app.overridden(*container.providers) if container else app
        if lifecycle is not None:
            self.app = self.app.with_lifecycle(lifecycle)
        self.config = config
        self.container = container
        self.lifecycle = lifecycle
        self.uow_context_provider = uow_context_provider

    @property
    def message_handler_set(self) -> set[MessageHandlerData]:
        """The handlers of all controllers, by the factories that their classes are marked with."""
        needing = self.app.needing
        found: set[MessageHandlerData] = set()
        for kind in dict.fromkeys(route.controller for route in self.app.routes):
            found |= handlers_chosen(kind if kind in needing else self.app.controller(kind))
        return found

    async def start_async(
        self, ready: Callable[[], None] | None = None, stop: asyncio.Event | None = None
    ) -> bool:
        """Consume until SIGTERM, SIGINT or `stop`; True when every handler had finished by then.

        `ready` is called once messages come. Raises ConfigurationError for a handler whose topic
        does not come to the queue, BrokerUnreachableError without a broker.
        """
        consumer = AioPikaMicroserviceConsumer(
            self.config, self.message_handler_set, self.uow_context_provider, self.app
        )
        if stop is not None:
            consumer.shutdown_event = stop
        return await consumer.consume(ready)

    def start_sync(self, ready: Callable[[], None] | None = None) -> bool:
        """The same, in an event loop of its own."""
        return run_to_end(self.start_async(ready))
