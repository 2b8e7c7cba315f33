"""Publishing: from a message to its publication, and the publishers that send it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from time import monotonic, time
from typing import Any

from jararaca.contract.message_ids import new_message_id
from jararaca.contract.topics import routing_key
from jararaca.errors import PublishParameterError
from jararaca.messages.message import Message, current_publisher
from jararaca.publishing.carried_headers import current_outgoing
from jararaca.publishing.requests import request
from jararaca.transport import MAX_DELAY, Delivery, Properties, Publication, Terms, Transport
from jararaca.transport.connect import transport_for

MAX_BODY = 16 * 1024 * 1024
"""Bytes: what RabbitMQ 4 takes at most; older ones take more, and suffer from it."""

MAX_IN_FLIGHT = 500
"""Publications of `publish_many`, or of one handler, that wait for their confirms at a time."""


def publication_of(
    message: Message,
    parameters: Mapping[str, str] | None = None,
    headers: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    delay: float = 0.0,
    *,
    queue: str | None = None,
) -> Publication:
    """What goes to the broker for a message, after `delay` seconds; to its topic, or to a queue.

    Raises PublishParameterError, for a delay beyond MAX_DELAY or a body beyond MAX_BODY too.
    """
    body = message.encode()
    _within_limits(message, body, delay)
    mandatory = message.MESSAGE_MANDATORY
    publication = Publication(
        routing_key=queue or routing_key(message.MESSAGE_TOPIC, parameters or {}),
        body=body,
        exchange="" if queue else message.MESSAGE_EXCHANGE,
        properties=Properties(
            message_id=message_id or new_message_id(),
            type=message.MESSAGE_NAME,
            content_type=message.MESSAGE_CONTENT_TYPE,
            timestamp=datetime.fromtimestamp(int(time()), UTC),
            priority=message.MESSAGE_PRIORITY,
            reply_to=message.MESSAGE_REPLY_TO,
        ),
        headers=dict(headers or {}),
        mandatory=message.MESSAGE_TYPE == "task" if mandatory is None else mandatory,
        delay=max(0.0, delay),
        terms=_terms(message, delay),
    )
    for change in current_outgoing.get():
        publication = change(publication)
    return publication


def _terms(message: Message, delay: float) -> Terms | None:
    """The class's; a delayed message has no expiration, which would cut the delay short."""
    terms = message.MESSAGE_TERMS
    if terms is None or delay <= 0 or terms.expiration is None:
        return terms
    return replace(terms, expiration=None)


def _within_limits(message: Message, body: bytes, delay: float) -> None:
    if delay > MAX_DELAY:
        days = int(MAX_DELAY // 86_400)
        raise PublishParameterError(f"a delay is {days} days at most, got {delay:g} s")
    if len(body) > MAX_BODY:
        raise PublishParameterError(
            f"{message.MESSAGE_NAME} is {len(body)} bytes and {MAX_BODY} are the most that goes "
            "into a message: store it elsewhere and send where it is"
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
        delay: float = 0.0,
    ) -> None:
        """Publish one message and wait for the confirm; `parameters` are the topic's.

        Raises UnroutableError, PublishNackedError, PublishTimeoutError, PublishParameterError.
        """
        publication = publication_of(message, parameters, headers, message_id, delay)
        await self._transport.publish(publication)

    async def request(
        self,
        message: Message,
        *,
        timeout: float,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Publish one message and wait for its answer, `timeout` seconds at most.

        Raises RequestTimeoutError, NoHandlerError, RequestFailedError, and what `publish` raises.
        """
        return await _request(self._transport, message, parameters, headers, timeout)

    async def publish_many(
        self, messages: Iterable[Message], *, headers: Mapping[str, Any] | None = None
    ) -> None:
        """Publish messages in their order, without waiting for each one's confirm in between.

        Returns when all are confirmed; raises for the first that was not, once all are answered:
        the same errors as `publish`. MAX_IN_FLIGHT are on their way at most, so that memory is
        bounded however many there are.
        """
        publications = (publication_of(message, headers=headers) for message in messages)
        while batch := list(islice(publications, MAX_IN_FLIGHT)):
            outcomes = await _all(self._transport, batch)
            if errors := [outcome for outcome in outcomes if outcome is not None]:
                raise errors[0]


class StagedPublisher:
    """A handler's publisher: keeps publications until the handler has succeeded."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._staged: list[tuple[float, Publication]] = []
        self.ended = False

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Stage one message; it is encoded now, so that later changes do not reach it.

        In a task that goes on after the work has ended it is published at once, with the errors of
        `Publisher.publish`.
        """
        publication = publication_of(message, parameters, headers, message_id, delay)
        if self.ended:
            await self._transport.publish(publication)
        else:
            self._staged.append((monotonic(), publication))

    async def request(
        self,
        message: Message,
        *,
        timeout: float,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Publish one message at once, and wait for its answer, `timeout` seconds at most.

        It is not staged: it would wait for the handler, and the handler for its answer. Raises
        RequestTimeoutError, NoHandlerError, RequestFailedError, and what `publish` raises.
        """
        return await _request(self._transport, message, parameters, headers, timeout)

    def stage(self, publication: Publication) -> None:
        """Stage what is a publication already: the answer to a request."""
        self._staged.append((monotonic(), publication))

    @property
    def staged(self) -> int:
        """How many publications wait for the handler to succeed."""
        return len(self._staged)

    def take(self) -> list[Publication]:
        """Hand over what is staged, in order: an outbox sends it instead."""
        taken = [_now(*staged) for staged in self._staged]
        self._staged.clear()
        return taken

    def drop(self) -> None:
        """Forget what is staged: the handler failed."""
        self._staged.clear()

    async def flush(self) -> None:
        """Send what is staged, in order, each confirmed; what was sent is not sent again."""
        while batch := self._staged[:MAX_IN_FLIGHT]:
            outcomes = await _all(self._transport, [_now(*staged) for staged in batch])
            unsent = [staged for staged, error in zip(batch, outcomes, strict=True) if error]
            self._staged[: len(batch)] = unsent
            if unsent:
                raise next(error for error in outcomes if error)


async def _request(
    transport: Transport,
    message: Message,
    parameters: Mapping[str, str] | None,
    headers: Mapping[str, Any] | None,
    timeout: float,
) -> Delivery:
    return await request(transport, publication_of(message, parameters, headers), timeout)


async def _all(
    transport: Transport, publications: Sequence[Publication]
) -> Sequence[BaseException | None]:
    """Publish in order, the confirms awaited together; what came of each."""
    publishing = (transport.publish(publication) for publication in publications)
    return await asyncio.gather(*publishing, return_exceptions=True)


def _now(staged_at: float, publication: Publication) -> Publication:
    """A delay counts from when the handler asked for it, not from when the handler ended."""
    if not publication.delay:
        return publication
    return replace(publication, delay=max(0.0, publication.delay - (monotonic() - staged_at)))
