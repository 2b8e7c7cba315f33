"""The publications that move a delivery on: back into its queue later, or to the dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jararaca.contract import headers
from jararaca.contract.exception_types import described
from jararaca.printable import printable, printable_lines, traceback_of
from jararaca.publishing.publication import MAX_BODY
from jararaca.transport import (
    MAX_DELAY,
    Delivery,
    Properties,
    Publication,
    amqp10,
    limits,
    packed,
    provenance,
)

Steps = Iterator[Publication]
"""The same message in forms that need less and less room, the whole one first."""

MAX_TEXT = 1_000
MAX_TRACEBACK = 4_000


def attempt_of(delivery: Delivery) -> int:
    """Which try a delivery is, from 1."""
    if not (ours := delivery.ours):
        return 1
    value = ours.get(headers.ATTEMPT)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def strikes_of(delivery: Delivery) -> int:
    """How often the message has come back unsettled: as a quorum queue counts it, else 0.

    The broker counts from anew whenever the message was moved: what it had before, it carries.
    """
    before = delivery.ours.get(headers.UNSETTLED)
    return delivery.returned + (before if type(before) is int and before > 0 else 0)


def as_published(delivery: Delivery) -> Delivery:
    """The delivery under the topic and exchange that it was first published with, as JSON."""
    if delivery.body.startswith(amqp10.MARK):
        delivery = _from_amqp10(delivery)
    if (encoding := delivery.content_encoding) is not None:
        delivery = _unpacked(delivery, encoding)
    if not (ours := delivery.ours):
        return delivery
    topic = ours.get(headers.TOPIC)
    if not isinstance(topic, str):
        return delivery
    exchange = ours.get(headers.EXCHANGE)
    origin = exchange if isinstance(exchange, str) else delivery.exchange
    if (topic, origin) == (delivery.routing_key, delivery.exchange):
        return delivery
    return replace(delivery, routing_key=topic, exchange=origin)


def _from_amqp10(delivery: Delivery) -> Delivery:
    """An AMQP 1.0 publisher's value as JSON; any other stays as it is, and decoding reports it."""
    try:
        body = amqp10.as_json(delivery.body)
    except amqp10.UnreadableError:
        return delivery
    is_named = delivery.properties.type != amqp10.TYPE
    type_ = delivery.properties.type if is_named else None
    return replace(delivery, body=body, properties=replace(delivery.properties, type=type_))


def _unpacked(delivery: Delivery, encoding: str) -> Delivery:
    """A body that its publisher has packed; what is packed otherwise stays, and is told later."""
    if not packed.is_packed(encoding):
        return delivery
    try:
        body = packed.unpacked(delivery.body, encoding, MAX_BODY)
    except packed.UnpackingError:
        return delivery
    properties = replace(delivery.properties, content_encoding=None)
    return replace(delivery, body=body, properties=properties)


def again(delivery: Delivery, delay: float, attempt: int, error: Exception | None) -> Publication:
    """The same message, with its identity, for the same queue after `delay` seconds."""
    return Publication(
        routing_key=delivery.queue,
        body=delivery.body,
        exchange="",
        properties=sendable(delivery.properties),
        headers={
            **_moved(delivery, error),
            headers.ATTEMPT: attempt,
        },
        mandatory=True,
        delay=min(delay, MAX_DELAY),
        signed=True,
    )


def set_aside(delivery: Delivery, delay: float, strikes: int) -> Publication:
    """The same message, as the same try, for the same queue after `delay` seconds."""
    copy = again(delivery, delay, attempt_of(delivery), None)
    if strikes == 0:
        return copy
    return replace(copy, headers={**copy.headers, headers.UNSETTLED: strikes})


def moved(delivery: Delivery, queue: str) -> Publication:
    """The same message, as the same try, for another queue."""
    return replace(again(delivery, 0.0, attempt_of(delivery), None), routing_key=queue)


def retries(delivery: Delivery, delay: float, attempt: int, error: Exception | None) -> Steps:
    """The message's next try; one whose headers fill the frame goes without the last error."""
    whole = again(delivery, delay, attempt, error)
    yield whole
    yield _without(whole, headers.LAST_ERROR)


def dead_letters(
    delivery: Delivery, into: str, reason: str, handler: str | None, error: Exception | None
) -> Steps:
    """The dead letter, for the queue `into`; where its headers leave no room for ours, ours are
    trimmed, then theirs.
    """
    whole = dead_letter(delivery, into, reason, handler, error)
    yield whole
    trimmed = f"{reason} (its headers leave no room for the traceback)"
    yield _without(
        dead_letter(delivery, into, trimmed, handler, error), headers.TRACEBACK, headers.LAST_ERROR
    )
    unkept = f"{reason} (its headers could not be kept)"
    bare = dead_letter(delivery, into, unkept, handler, error)
    kept = {name: bare.headers[name] for name in provenance.SIGNED if name in bare.headers}
    yield replace(bare, headers=kept)
    nothing = Properties(delivery.properties.message_id, delivery.properties.type)
    yield replace(bare, headers=kept, properties=nothing)


def dead_letter(
    delivery: Delivery, into: str, reason: str, handler: str | None, error: Exception | None
) -> Publication:
    """The same message, with its identity, for the dead letters in the queue `into`."""
    told: dict[str, Any] = {
        **_moved(delivery, error),
        headers.REASON: _clip(reason),
        headers.QUEUE: delivery.queue,
        headers.ATTEMPT: attempt_of(delivery),
        headers.DEAD_LETTERED_AT: _now(),
    }
    if handler is not None:
        told[headers.HANDLER] = handler
    if error is not None:
        told[headers.ERROR_TYPE] = f"{type(error).__module__}.{type(error).__qualname__}"
        told[headers.TRACEBACK] = _frames(error)
    return Publication(
        routing_key=into,
        body=delivery.body,
        exchange="",
        properties=sendable(delivery.properties),
        headers=told,
        mandatory=True,
        signed=True,
    )


def sendable(given: Properties) -> Properties:
    """The properties of a copy: all but an address that the broker takes only from who asks.

    A publisher that speaks AMQP 1.0 or MQTT can write it; in a copy of ours it would close the
    channel under all that is published on it.
    """
    return given if given.reply_to != limits.DIRECT_REPLY_TO else replace(given, reply_to=None)


def _moved(delivery: Delivery, error: Exception | None) -> Mapping[str, Any]:
    kept = {**delivery.theirs, **delivery.ours}
    kept.setdefault(headers.TOPIC, delivery.routing_key)
    kept.setdefault(headers.EXCHANGE, delivery.exchange)
    kept.pop(headers.UNSETTLED, None)
    if error is not None:
        kept.setdefault(headers.FIRST_FAILURE, _now())
        kept[headers.LAST_ERROR] = _clip(described(error))
    return kept


def _without(publication: Publication, *names: str) -> Publication:
    kept = {name: value for name, value in publication.headers.items() if name not in names}
    return replace(publication, headers=kept)


def _frames(error: Exception) -> str:
    return printable_lines(traceback_of(error, limit=-8))[-MAX_TRACEBACK:]


def _clip(told: str) -> str:
    text = printable(told)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
