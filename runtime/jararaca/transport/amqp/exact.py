"""aio-pika's channels, queues and messages, exact: a message comes and goes as it was written.

aio-pika's own messages have a priority of 0 where none was given, and lose empty texts; pamqp
encodes no bytes, and no text that is no UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import aiormq
from aio_pika import Channel, Exchange, IncomingMessage, Message, Queue
from aiormq.abc import DeliveredMessage
from pamqp import constants
from pamqp.commands import Basic

from jararaca.transport import Publication
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.translate import own_headers

for kind in ("exchange-name", "queue-name"):
    # RabbitMQ takes every name; pamqp refuses letters with accents, quotes and more.
    constants.DOMAIN_REGEX[kind] = re.compile(".*", re.DOTALL)

Settlement = Literal["ack", "nack", "reject"]


class Encoded(aiormq.spec.Basic.Properties):
    """Properties in our own encoding."""

    payload: bytes = b""

    def marshal(self) -> bytes:
        """The flags and what follows them."""
        return self.payload[content.FLAGS_AT :]


class ExactMessage(Message):
    """A publication: a persistent message, unless its terms say otherwise."""

    __slots__ = ("_encoded",)

    # aio-pika asks at each attribute whether the message is locked: a third of a message's cost.
    __setattr__ = object.__setattr__  # type: ignore[assignment]

    def __init__(self, publication: Publication) -> None:
        super().__init__(publication.body, message_id=publication.properties.message_id)
        given = own_headers(publication.headers, publication.onward)
        terms = publication.terms or content.NO_TERMS
        self._encoded = Encoded(message_id=publication.properties.message_id)
        self._encoded.payload = content.write(publication.properties, given, 0, terms)

    @property
    def properties(self) -> aiormq.spec.Basic.Properties:
        """What is written into the content header."""
        return self._encoded


class ExactIncoming(IncomingMessage):
    """A received message; `received` are the properties that it came with."""

    __slots__ = ("received",)

    # aio-pika asks at each attribute whether the message is locked: two thirds of a message's cost.
    __setattr__ = object.__setattr__  # type: ignore[assignment]

    def __init__(self, message: DeliveredMessage) -> None:
        super().__init__(message)
        self.received = message.header.properties

    async def settle(self, how: Settlement) -> None:
        """Ack, or give back with or without counting; what is sent is not awaited.

        The socket takes what a channel sends in order, before the channel is closed. To await it,
        as `ack()` does, would cost a message two turns of the loop.

        Raises ChannelInvalidStateError.
        """
        channel, tag = self.channel, self.delivery_tag
        assert tag is not None
        match how:
            case "ack":
                await channel.basic_ack(tag, wait=False)
            case "nack":
                await channel.basic_nack(tag, requeue=True, wait=False)
            case "reject":
                await channel.basic_reject(tag, requeue=True, wait=False)


class ExactQueue(Queue):
    """A queue whose messages come with all of their properties.

    OpenTelemetry's instrumentation of aio-pika is around `consume` and `publish`. What goes through
    here has spans of its own (`integrations/opentelemetry.py`), and is not traced twice.
    """

    async def receive(
        self, callback: Callable[[ExactIncoming], None], arguments: Mapping[str, Any]
    ) -> str:
        """Consume, and hand each message to `callback`; the consumer's tag."""
        channel = await self.channel.get_underlay_channel()

        async def received(message: DeliveredMessage) -> None:
            callback(ExactIncoming(message))

        answer = await channel.basic_consume(self.name, received, arguments=dict(arguments))
        assert answer.consumer_tag is not None
        return answer.consumer_tag

    async def fetch(self) -> ExactIncoming | None:
        """One message, or None where none waits."""
        channel = await self.channel.get_underlay_channel()
        message = await channel.basic_get(self.name)
        return ExactIncoming(message) if isinstance(message.delivery, Basic.GetOk) else None


class ExactExchange(Exchange):
    """An exchange that takes messages without spans of OpenTelemetry's instrumentation."""

    async def send(self, message: ExactMessage, routing_key: str, *, mandatory: bool) -> None:
        """Publish, and return once the broker has confirmed.

        Not `publish()`: it holds the channel until the socket has taken each message, so that
        messages of several tasks go out one by one.

        Raises DeliveryError, PublishError, and what has closed the channel.
        """
        channel = await self.channel.get_underlay_channel()
        assert isinstance(channel, aiormq.Channel)
        await channel.basic_publish(
            message.body,
            exchange=self.name,
            routing_key=routing_key,
            properties=message.properties,
            mandatory=mandatory,
            wait=False,
        )


class ExactChannel(Channel):
    """A channel of such queues and exchanges."""

    QUEUE_CLASS = ExactQueue
    EXCHANGE_CLASS = ExactExchange
