"""Decoding: a matched delivery's body becomes the message that its handler receives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jararaca.application.ended_work import as_failure
from jararaca.contract import topics
from jararaca.contract.exception_types import described
from jararaca.contract.parameters import violations
from jararaca.errors import DecodeError
from jararaca.handling import redelivery
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision
from jararaca.messages.loosely import read_loosely
from jararaca.messages.message import Message
from jararaca.messages.received import MessageOf
from jararaca.messages.violation import Violation
from jararaca.publishing.publication import MAX_BODY
from jararaca.routing.table import Route
from jararaca.transport import Delivery, amqp10, packed

PLAIN = frozenset({"", "identity", "utf-8", "utf8", "us-ascii", "ascii", "binary"})
"""What `content_encoding` says of a body that is as it is."""


def decode(handler: BoundHandler, delivery: Delivery) -> MessageOf[Any] | Decision:
    """The message in a matched delivery; a body that cannot be read is a dead letter."""
    if (why := delivery.unreadable) is not None:
        return Decision(delivery, DeadLetter(f"the headers cannot be read: {why}"), handler)
    if len(delivery.body) > MAX_BODY:
        reason = f"the body is {len(delivery.body)} bytes, and {MAX_BODY} are the most"
        return Decision(delivery, DeadLetter(reason), handler)
    encoding = delivery.content_encoding
    if encoding is not None and packed.is_packed(encoding):
        return Decision(delivery, DeadLetter(_packed(delivery.body, encoding)), handler)
    route = handler.route
    try:
        payload = route.message.decode(delivery.body)
        violations: tuple[Violation, ...] = ()
    except BaseException as raised:
        error = as_failure(route.message.__name__, raised)
        read = _of_text(route.message, delivery) or _loosely(handler, delivery.body, error)
        if read is None:
            reason = (_foreign(delivery.body) or _unreadable(error)) + _encoded(encoding)
            return _refused(handler, delivery, reason, error)
        payload, violations = read
    named = route.parameters
    parameters = topics.values(named, delivery.routing_key) if named else {}
    if route.allowed or route.locations:
        key = delivery.routing_key
        if any(topics.matches(pattern, key) for pattern in route.binding_keys):
            wrong = _violation(route, parameters, delivery)
            if wrong is not None:
                return Decision(delivery, DeadLetter(wrong), handler, payload)
        else:
            parameters = {}  # It was sent to the queue itself, by its name, and has no topic.
    attempt = redelivery.attempt_of(delivery) if delivery.ours else 1
    return MessageOf(payload, delivery, parameters, attempt, violations)


def _loosely(
    handler: BoundHandler, body: bytes, error: Exception
) -> tuple[Message, tuple[Violation, ...]] | None:
    """What violates its schema and can be typed, where the handler asks for it."""
    if not handler.warns or not isinstance(error, DecodeError) or not error.violations:
        return None
    payload = read_loosely(handler.route.message, body)
    return None if payload is None else (payload, tuple(map(Violation._make, error.violations)))


def _refused(handler: BoundHandler, delivery: Delivery, reason: str, error: Exception) -> Decision:
    violations = error.violations if isinstance(error, DecodeError) else ()
    return Decision(delivery, DeadLetter(reason), handler, None, error, violations=violations)


def _of_text(
    message: type[Message], delivery: Delivery
) -> tuple[Message, tuple[Violation, ...]] | None:
    """A message that is a text, as others publish one: the text itself, said to be text/plain."""
    said = delivery.properties.content_type or ""
    if said.partition(";")[0].strip().lower() != "text/plain":
        return None
    try:
        return message.decode(json.dumps(delivery.body.decode()).encode()), ()
    except (DecodeError, UnicodeDecodeError):
        return None


def _packed(body: bytes, encoding: str) -> str:
    """Why a body could not be unpacked before it was matched."""
    try:
        packed.unpacked(body, encoding, MAX_BODY)
    except packed.UnpackingError as error:
        return f"the body is said to be {encoding}, and is {error}"
    return f"the body is {encoding}"


def _encoded(encoding: str | None) -> str:
    """What to look at where a publisher names an encoding that is not undone."""
    if encoding is None or encoding.lower() in PLAIN:
        return ""
    return f" (its content_encoding is {encoding!r}, and only gzip and deflate are unpacked)"


def _foreign(body: bytes) -> str | None:
    """What the body of an AMQP 1.0 publisher is, where it is no JSON."""
    if not body.startswith(amqp10.MARK):
        return None
    try:
        amqp10.as_json(body)
    except amqp10.UnreadableError as error:
        return f"the body is {error}: send JSON as data, as text or as a map"
    return None


def _violation(route: Route, values: Mapping[str, str], delivery: Delivery) -> str | None:
    """Why a topic's parameters are not what the document says."""
    found = violations(values, route.allowed, route.locations, delivery.theirs, delivery.body)
    wrong = next(found, None)
    return None if wrong is None else f"topic {delivery.routing_key}: {wrong}"


def _unreadable(error: Exception) -> str:
    """A validator of the user's may raise anything; that is no reason to lose the message."""
    if isinstance(error, DecodeError):
        return str(error)
    return f"the body could not be read: {described(error)}"
