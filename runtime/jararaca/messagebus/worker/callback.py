"""What a consumer calls with the messages of one handler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from jararaca.handlers.controllers import MessageHandlerData
from jararaca.printable import logger_named
from jararaca.transport import Delivery

logger = logger_named("jararaca.worker")


class DeliveryConsumer(Protocol):
    """What takes deliveries, as far as a callback goes."""

    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """What is being handled now."""

    def handle(self, delivery: Delivery) -> Awaitable[None]:
        """Handle one delivery, from its matching to its settlement."""

    def reject(self, delivery: Delivery, reason: str) -> Awaitable[None]:
        """Move one delivery to the dead letters."""


class MessageHandlerCallback:
    """The way of one handler's messages: from the queue `queue_name`, by the topic `routing_key`.

    Each message goes through the worker's own steps; what is here begins and ends them.
    """

    def __init__(
        self,
        consumer: DeliveryConsumer,
        queue_name: str,
        routing_key: str,
        message_handler: MessageHandlerData,
    ) -> None:
        self.consumer = consumer
        self.queue_name = queue_name
        self.routing_key = routing_key
        self.message_handler = message_handler

    async def message_consumer(self, delivery: Delivery) -> None:
        """Begin to handle a delivery, as a task of the consumer's."""
        task = asyncio.create_task(self.handle_message(delivery))
        self.consumer.tasks.add(task)
        task.add_done_callback(self.handle_message_consume_done)

    def handle_message_consume_done(self, task: asyncio.Task[Any]) -> None:
        """Forget a task that has ended; an error of ours is logged, the handler's is settled."""
        self.consumer.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s: a delivery was not settled", self.queue_name, exc_info=error)

    async def handle_message(self, delivery: Delivery) -> None:
        """Handle a delivery: match, decode, run the handler, decide, settle."""
        await self.consumer.handle(delivery)

    async def handle_reject_message(
        self, delivery: Delivery, reason: str = "rejected by the application"
    ) -> None:
        """Move a delivery to the dead letters with its reason, and ack it."""
        await self.consumer.reject(delivery, reason)
