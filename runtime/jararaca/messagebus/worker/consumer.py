"""Consuming a service's queue: the worker's own steps, for the handlers that it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from jararaca.application.microservice import Microservice
from jararaca.handlers.controllers import MessageHandlerData
from jararaca.messagebus.worker.callback import MessageHandlerCallback
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.messagebus.worker.context import UnitOfWorkContextProvider
from jararaca.messagebus.worker.service_queue import on_service_queue
from jararaca.messagebus.worker.worker import Worker
from jararaca.messages.message import Message
from jararaca.transport import Delivery
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_exchange


class AioPikaMicroserviceConsumer:
    """Consumes the queue of a config, and hands each message to the handler of its topic.

    `message_handler_set` are the handlers, `uow_context_provider` is around each of them, and
    `app` is the application that they belong to; without one, it is made of their controllers.
    Raises ConfigurationError for a handler whose topic does not come to the queue.
    """

    def __init__(
        self,
        config: AioPikaWorkerConfig,
        message_handler_set: Iterable[MessageHandlerData],
        uow_context_provider: UnitOfWorkContextProvider | None = None,
        app: Microservice | None = None,
    ) -> None:
        self.config = config
        self.message_handler_set = frozenset(message_handler_set)
        self.incoming_map = {
            data.message_type.MESSAGE_TOPIC: data for data in self.message_handler_set
        }
        self.uow_context_provider = uow_context_provider or UnitOfWorkContextProvider()
        self.shutdown_event = asyncio.Event()
        application = app or Microservice(controllers=_controllers(self.message_handler_set))
        chosen = {_function(data) for data in self.message_handler_set}
        moved = on_service_queue(application, config, chosen)
        self._worker = Worker(
            moved.with_interceptors(self.uow_context_provider.interceptor()),
            transport_for(with_exchange(config.url, config.exchange)),
            prefetch=config.prefetch,
            backend_url=config.backend_url,
        )
        queues: dict[tuple[object, type[Message]], str] = {
            (route.handler, route.message): route.queue for route in moved.routes
        }
        self.callbacks = tuple(
            MessageHandlerCallback(
                self,
                queues.get((_function(data), data.message_type), config.queue),
                data.message_type.MESSAGE_TOPIC,
                data,
            )
            for data in self.message_handler_set
        )

    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """What is being handled now."""
        return self._worker.running

    async def consume(self, ready: Callable[[], None] | None = None) -> bool:
        """Connect, declare, bind and consume; True when all was finished at the end.

        It ends at SIGTERM, SIGINT, or once `shutdown_event` is set. `ready` is called once
        messages come. Raises what connecting and declaring raise.
        """
        return await self._worker.run(ready, self.shutdown_event)

    async def wait_all_tasks_done(self) -> None:
        """Return once no message is being handled."""
        while tasks := set(self.tasks) - {asyncio.current_task()}:
            await asyncio.wait(tasks)

    async def handle(self, delivery: Delivery) -> None:
        """Handle one delivery of the queue, from its matching to its settlement."""
        await self._worker.handle(delivery)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Move one delivery to the dead letters with its reason, and ack it."""
        await self._worker.reject(delivery, reason)


def _controllers(handlers: Iterable[MessageHandlerData]) -> list[Any]:
    """The instances that the handlers are methods of, each once."""
    found = [getattr(data.callable, "__self__", None) for data in handlers]
    return list({id(each): each for each in found if each is not None}.values())


def _function(data: MessageHandlerData) -> object:
    return getattr(data.callable, "__func__", data.callable)
