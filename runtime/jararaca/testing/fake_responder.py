"""A stand-in for the service that answers a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jararaca.contract.topics import PARAMETER
from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.messages.message import Message
from jararaca.publishing import replies
from jararaca.transport import Delivery
from jararaca.transport.memory import MemoryTransport

PREFETCH = 100


async def answer_requests(
    transport: MemoryTransport,
    shared_exchange: str,
    request: type[Message],
    answer: Message | Callable[[Any], Message],
) -> None:
    """Answer every request of a class from now on."""
    queue = f"stand-in.{request.MESSAGE_NAME}"
    key = ".".join(
        "*" if PARAMETER.search(word) else word for word in request.MESSAGE_TOPIC.split(".")
    )
    exchange = request.MESSAGE_EXCHANGE or shared_exchange
    await transport.declare(
        Topology((Exchange(exchange),), (Queue(queue),), (QueueBinding(exchange, queue, key),))
    )

    async def on_request(delivery: Delivery) -> None:
        asked = request.decode(delivery.body)
        made = answer if isinstance(answer, Message) else answer(asked)
        publication = replies.answer(delivery, request, "the stand-in", made)
        if publication is not None:
            await transport.publish(publication)
        await transport.ack(delivery)

    await transport.consume(queue, PREFETCH, on_request)
