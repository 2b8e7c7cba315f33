"""Publishing: from a message to its publication, and the publishers that send it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from jararaca.context import current_publisher
from jararaca.ids import new_message_id
from jararaca.message import Message
from jararaca.topics import routing_key
from jararaca.transport import Properties, Publication, Transport


def publication_of(
    message: Message,
    parameters: Mapping[str, str] | None = None,
    headers: Mapping[str, Any] | None = None,
    message_id: str | None = None,
) -> Publication:
    """What goes to the broker for a message. Raises PublishParameterError."""
    mandatory = message.MESSAGE_MANDATORY
    return Publication(
        routing_key=routing_key(message.MESSAGE_TOPIC, parameters or {}),
        body=message.encode(),
        exchange=message.MESSAGE_EXCHANGE,
        properties=Properties(
            message_id=message_id or new_message_id(),
            type=message.MESSAGE_NAME,
            content_type=message.MESSAGE_CONTENT_TYPE,
            timestamp=datetime.now(UTC).replace(microsecond=0),
        ),
        headers=dict(headers or {}),
        mandatory=message.MESSAGE_TYPE == "task" if mandatory is None else mandatory,
    )


class Publisher:
    """Publishes at once, each message confirmed by the broker before `publish` returns."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    @asynccontextmanager
    async def connect(cls, broker_url: str) -> AsyncIterator[Publisher]:
        """A connected publisher, which `message.publish()` uses inside the `async with` block.

        Raises ConfigurationError for a bad URL, BrokerUnreachableError without a broker.
        """
        from jararaca.transport.connect import transport_for

        transport = transport_for(broker_url)
        await transport.connect()
        publisher = cls(transport)
        token = current_publisher.set(publisher)
        try:
            yield publisher
        finally:
            current_publisher.reset(token)
            await transport.close()

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
    ) -> None:
        """Publish one message and wait for the confirm; `parameters` are the topic's.

        Raises UnroutableError, PublishNackedError, PublishTimeoutError, PublishParameterError.
        """
        publication = publication_of(message, parameters, headers, message_id)
        await self._transport.publish(publication)


class StagedPublisher:
    """A handler's publisher: keeps publications until the handler has succeeded."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._staged: list[Publication] = []

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
    ) -> None:
        """Stage one message; it is encoded now, so that later changes do not reach it."""
        self._staged.append(publication_of(message, parameters, headers, message_id))

    def drop(self) -> None:
        """Forget what is staged: the handler failed."""
        self._staged.clear()

    async def flush(self) -> None:
        """Send what is staged, in order, each confirmed; what was sent is not sent again."""
        while self._staged:
            await self._transport.publish(self._staged[0])
            del self._staged[0]
