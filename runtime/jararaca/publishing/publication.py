"""From a message to its publication: routing key, properties, headers and body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any

from pydantic_core import PydanticSerializationError

from jararaca.contract import headers as names
from jararaca.contract.message_ids import new_message_id
from jararaca.contract.parameters import violations, with_located
from jararaca.contract.partitions import header_of, key_of
from jararaca.contract.topics import routing_key
from jararaca.errors import DecodeError, PublishParameterError
from jararaca.messages.message import Message
from jararaca.publishing.carried_headers import current_outgoing
from jararaca.publishing.described import check_headers, correlated, filtered
from jararaca.publishing.standing import Standing, standing_of
from jararaca.transport import MAX_DELAY, Properties, Publication, Terms, provenance

MAX_BODY = 16 * 1024 * 1024
"""Bytes: what RabbitMQ 4 takes at most; older ones take more, and suffer from it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publication answers: the queue of who asked, and the id that is known there."""

    queue: str | None
    correlation_id: str | None


def publication_of(
    message: Message,
    parameters: Mapping[str, str] | None = None,
    headers: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    delay: float = 0.0,
    *,
    answer: Answer | None = None,
    app_id: str | None = None,
) -> Publication:
    """What goes to the broker for a message, after `delay` seconds; an answer goes to who asked.

    `app_id` says who publishes: by default the service whose package the message's class is in.
    Headers of Jararaca's own names, as a delivery's may be that are passed on, are left out.
    Raises PublishHeadersError, and PublishParameterError, for a delay beyond MAX_DELAY, a body
    beyond MAX_BODY and a value that JSON cannot say too.
    """
    try:
        body = message.encode()
    except PydanticSerializationError as error:
        raise _unwritable(message, error) from error
    if delay > MAX_DELAY or len(body) > MAX_BODY:
        raise _beyond_limits(message, body, delay)
    kind = standing_of(type(message))
    queue = answer.queue if answer is not None else None
    key = queue or _key(kind, parameters or {}, headers or {}, body)
    queue = queue or kind.queue
    publication = Publication(
        routing_key=queue or key,
        body=body,
        exchange="" if queue else kind.exchange,
        properties=Properties(
            message_id=message_id or new_message_id(),
            type=kind.name,
            content_type=kind.content_type,
            timestamp=_second(int(time())),
            priority=kind.priority,
            reply_to=kind.reply_to,
            correlation_id=None if answer is None else answer.correlation_id,
            app_id=app_id or kind.service,
        ),
        headers=provenance.theirs(headers) if headers else {},
        mandatory=kind.mandatory,
        delay=max(0.0, delay),
        terms=_terms(kind.terms, delay),
    )
    for change in current_outgoing.get():
        publication = change(publication)
    if kind.correlation_id is not None:
        publication = correlated(message, publication)
    # A handler returns an answer without headers: there is no place to give them.
    if answer is None and kind.headers is not None:
        check_headers(message, publication, headers)
    if kind.filter_by is not None and answer is None:
        publication = filtered(publication, kind.filter_by)
    if kind.partitions is not None and answer is None:
        return _in_partition(message, kind.partitions, publication)
    return publication


def _in_partition(message: Message, count: int, publication: Publication) -> Publication:
    """With the header that leads it to its partition."""
    headers = publication.headers
    try:
        place = header_of(key_of(message, headers), count)
    except DecodeError as error:
        raise PublishParameterError(str(error)) from error
    return replace(publication, headers={**headers, names.PARTITION: place})


def _key(kind: Standing, given: Mapping[str, str], headers: Mapping[str, Any], body: bytes) -> str:
    """The topic with its parameters, those that the message has itself included."""
    allowed, locations = kind.parameters, kind.locations
    if not allowed and not locations:
        return routing_key(kind.topic, given)
    values = with_located(given, locations, headers, body)
    key = routing_key(kind.topic, values)
    wrong = next(violations(values, allowed, locations, headers, body), None)
    if wrong is not None:
        raise PublishParameterError(f"{kind.topic}: {wrong}")
    return key


def _terms(terms: Terms | None, delay: float) -> Terms | None:
    """The class's; a delayed message has no expiration, which would cut the delay short."""
    if terms is None or delay <= 0 or terms.expiration is None:
        return terms
    return replace(terms, expiration=None)


@lru_cache(maxsize=1)
def _second(seconds: int) -> datetime:
    """The same for all messages of one second: AMQP's timestamps know no less."""
    return datetime.fromtimestamp(seconds, UTC)


def _unwritable(message: Message, error: PydanticSerializationError) -> PublishParameterError:
    """It says why, and not with which value, but for a time."""
    why = str(error).partition("ValueError: ")[2] or str(error)
    return PublishParameterError(f"{message.MESSAGE_NAME} cannot be written as JSON: {why}")


def _beyond_limits(message: Message, body: bytes, delay: float) -> PublishParameterError:
    if delay > MAX_DELAY:
        days = int(MAX_DELAY // 86_400)
        return PublishParameterError(f"a delay can be {days} days at most, got {delay:g} s")
    return PublishParameterError(
        f"{message.MESSAGE_NAME} has {len(body)} bytes, and a message can have {MAX_BODY} at "
        "most: store the content elsewhere and send its location"
    )
