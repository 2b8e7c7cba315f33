"""From a message to its publication: routing key, properties, headers and body."""

from __future__ import annotations

import sys
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
from jararaca.contract.partitions import header_of
from jararaca.contract.topics import routing_key
from jararaca.errors import PublishParameterError
from jararaca.messages.message import Message
from jararaca.messages.model import GENERATED
from jararaca.publishing.carried_headers import current_outgoing
from jararaca.publishing.described import check_headers, correlated
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
    mandatory = message.MESSAGE_MANDATORY
    queue = answer.queue if answer is not None else None
    key = queue or _key(message, parameters or {}, headers or {}, body)
    queue = queue or message.MESSAGE_QUEUE
    publication = Publication(
        routing_key=queue or key,
        body=body,
        exchange="" if queue else message.MESSAGE_EXCHANGE,
        properties=Properties(
            message_id=message_id or new_message_id(),
            type=message.MESSAGE_NAME,
            content_type=message.MESSAGE_CONTENT_TYPE,
            timestamp=_second(int(time())),
            priority=message.MESSAGE_PRIORITY,
            reply_to=message.MESSAGE_REPLY_TO,
            correlation_id=None if answer is None else answer.correlation_id,
            app_id=app_id or service_of(type(message)),
        ),
        headers=provenance.theirs(headers) if headers else {},
        mandatory=message.MESSAGE_TYPE == "task" if mandatory is None else mandatory,
        delay=max(0.0, delay),
        terms=_terms(message, delay),
    )
    for change in current_outgoing.get():
        publication = change(publication)
    if message.MESSAGE_CORRELATION_ID is not None:
        publication = correlated(message, publication)
    # A handler returns an answer without headers: there is no place to give them.
    if answer is None and message.MESSAGE_HEADERS is not None:
        check_headers(message, publication, headers)
    if message.MESSAGE_PARTITIONS is not None and answer is None:
        return _in_partition(message, message.MESSAGE_PARTITIONS, publication)
    return publication


def _in_partition(message: Message, count: int, publication: Publication) -> Publication:
    """With the header that leads it to its partition."""
    headers = publication.headers
    try:
        place = header_of(message.__partition_key__(headers), count)
    except (AttributeError, KeyError, TypeError) as error:
        raise PublishParameterError(
            f"{message.MESSAGE_NAME} has no partition key: {error}"
        ) from error
    return replace(publication, headers={**headers, names.PARTITION: place})


def _key(
    message: Message, given: Mapping[str, str], headers: Mapping[str, Any], body: bytes
) -> str:
    """The topic with its parameters, those that the message has itself included."""
    allowed, locations = message.MESSAGE_PARAMETERS, message.MESSAGE_LOCATIONS
    if not allowed and not locations:
        return routing_key(message.MESSAGE_TOPIC, given)
    values = with_located(given, locations, headers, body)
    key = routing_key(message.MESSAGE_TOPIC, values)
    wrong = next(violations(values, allowed, locations, headers, body), None)
    if wrong is not None:
        raise PublishParameterError(f"{message.MESSAGE_TOPIC}: {wrong}")
    return key


def _terms(message: Message, delay: float) -> Terms | None:
    """The class's; a delayed message has no expiration, which would cut the delay short."""
    terms = message.MESSAGE_TERMS
    if terms is None or delay <= 0 or terms.expiration is None:
        return terms
    return replace(terms, expiration=None)


@lru_cache(maxsize=4096)
def service_of(kind: type[Message]) -> str | None:
    """The service that a generated class belongs to; None for one that is written by hand."""
    module = sys.modules.get(kind.__module__)
    if not getattr(module, GENERATED, False):
        return None
    package = kind.__module__.rpartition(".")[0]
    return package.rpartition(".")[2] or None


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
