"""A handler of a task, deliveries for it, and a transport that keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jararaca import Message, MessageHandler, MessageOf, route
from jararaca.errors import PublishParameterError, UnroutableError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.provenance import SIGNED

ANSWERS = "billing.charges"


class Ask(Message):
    MESSAGE_TOPIC = "ask"
    MESSAGE_TYPE = "task"
    MESSAGE_REPLIES = ("Told",)
    MESSAGE_REPLY_TO = ANSWERS


class Told(Message):
    MESSAGE_TOPIC = "told"


class Asks:
    @MessageHandler(Ask)
    async def answer(self, message: MessageOf[Ask]) -> None: ...

    @MessageHandler(Ask, ordered=True)
    def in_order(self, message: MessageOf[Ask]) -> None: ...

    @MessageHandler(Ask, concurrency=3)
    def some(self, message: MessageOf[Ask]) -> None: ...

    @MessageHandler(Ask, idempotent=True)
    async def once(self, message: MessageOf[Ask]) -> None: ...

    @MessageHandler(Ask)
    def in_a_thread(self, message: MessageOf[Ask]) -> None: ...


def bound(method: Any = Asks.answer, call: Any = None) -> BoundHandler:
    row = route(
        operation="ask",
        queue="asks",
        binding_keys=("ask",),
        message=Ask,
        controller=Asks,
        handler=method,
    )
    return BoundHandler(row, spec_of(method), call or method)


def delivery(
    reply_to: str | None = None, message_id: str | None = "id", sent: Any = None
) -> Delivery:
    properties = Properties(message_id, "Ask", reply_to=reply_to)
    return Delivery("asks", "ask", "", b"{}", properties, sent or {}, False, None, SIGNED)


class Transport:
    """What was published, acked and given back."""

    def __init__(self) -> None:
        self.published: list[Publication] = []
        self.acked: list[Delivery] = []
        self.requeued: list[Delivery] = []
        self.missing: set[str] = set()
        self.refuses: Callable[[Publication], bool] = lambda publication: False

    async def publish(self, publication: Publication) -> None:
        await asyncio.sleep(0)
        if self.refuses(publication):
            raise PublishParameterError("its headers have no room")
        if publication.routing_key in self.missing:
            raise UnroutableError("no such queue")
        self.published.append(publication)

    async def ack(self, delivery: Delivery) -> None:
        self.acked.append(delivery)

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        await asyncio.sleep(0.01)
        self.requeued.append(delivery)
