"""The publisher of a connection: sends at once, and waits for the broker's confirm."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from jararaca.messages.message import Message, current_publisher
from jararaca.publishing.batches import MAX_IN_FLIGHT, publish_all
from jararaca.publishing.confirming import send
from jararaca.publishing.publication import publication_of
from jararaca.publishing.transport_publisher import TransportPublisher
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel


class Publisher(TransportPublisher):
    """Publishes at once, each message confirmed by the broker before `publish` returns."""

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, broker_url: str, *, app_id: str | None = None
    ) -> AsyncIterator[Publisher]:
        """A connected publisher, which `message.publish()` uses inside the `async with` block.

        `app_id` is who publishes, for AMQP's property of that name; by default it is the service
        that the message's class was compiled for.
        Raises ConfigurationError for a bad URL, BrokerUnreachableError without a broker.
        """
        transport = transport_for(broker_url)
        await transport.connect()
        publisher = cls(transport, app_id)
        token = current_publisher.set(publisher)
        try:
            yield publisher
        finally:
            current_publisher.reset(token)
            await transport.close()

    async def amqp(self) -> AbstractChannel:
        """aio-pika's channel on this connection, for what Jararaca does not cover; see `use_amqp`.

        Raises NoAmqpError on memory://, and BrokerUnreachableError.
        """
        return await self._transport.amqp()

    async def publish_many(
        self, messages: Iterable[Message], *, headers: Mapping[str, Any] | None = None
    ) -> None:
        """Publish messages in their order, without waiting for each one's confirm in between.

        Returns when all are confirmed; raises for the first that was not, once all are answered:
        the same errors as `publish`. MAX_IN_FLIGHT are on their way at most, so that memory is
        bounded however many there are.
        """
        publications = (
            publication_of(message, headers=headers, app_id=self.app_id) for message in messages
        )
        while batch := list(islice(publications, MAX_IN_FLIGHT)):
            outcomes = await publish_all(self._transport, batch)
            if errors := [outcome for outcome in outcomes if outcome is not None]:
                raise errors[0]

    def _send(self, publication: Publication) -> Awaitable[None]:
        return send(self._transport, publication)
