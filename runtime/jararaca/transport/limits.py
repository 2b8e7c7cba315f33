"""What one message may be: checked before it is sent, so that it is refused and nothing else is.

RabbitMQ answers a header that is larger than the connection's frame, or a number that it does not
have, by closing the connection under all that others have sent on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jararaca.errors import PublishParameterError
from jararaca.transport import Publication
from jararaca.transport.timestamp import Timestamp

FRAME_MAX = 131_072
"""Bytes of a frame as RabbitMQ offers them; all properties and headers go into one."""

FIXED = 64
"""Bytes of a content header for what has one size: flags, timestamp, priority, frame."""

DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
"""RabbitMQ's word for who consumes answers on the very channel that asks, which none of ours does:
the broker closes the channel over it."""

MAX_EXPIRATION = 2**32 - 1
"""Milliseconds, about 49 days: RabbitMQ closes the channel over more, and over less than none."""

MAX_SHORT = 255
MAX_DEPTH = 64
"""How deep lists and tables may lie in each other: readers of all languages get so far."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORT_STRINGS = (
    "message_id",
    "type",
    "content_type",
    "content_encoding",
    "correlation_id",
    "reply_to",
    "app_id",
)


def check(publication: Publication, frame_max: int = FRAME_MAX) -> None:
    """Raise PublishParameterError for what no broker takes, with what is wrong about it."""
    _short("the routing key", publication.routing_key)
    size = FIXED + _properties(publication)
    if publication.headers:
        size += size_of(publication.headers)
    if size > frame_max:
        largest = ", ".join(_largest(publication.headers))
        raise PublishParameterError(
            f"its properties and headers are {size} bytes, and {frame_max} are the most that go "
            f"into a frame of this connection: send it in the body (largest: {largest})"
        )


def size_of(value: Any, name: str = "", depth: int = 0) -> int:
    """The bytes of a header's value in an AMQP table. Raises PublishParameterError."""
    if depth > MAX_DEPTH:
        raise PublishParameterError(f"the header {name!r} is nested deeper than {MAX_DEPTH}")
    match value:
        case bool():
            return 2
        case None:
            return 1
        case str():
            return 5 + len(_encoded(f"the header {name!r}", value))
        case Timestamp():
            return 9
        case int():
            if not -(2**63) <= value < 2**63:
                raise PublishParameterError(f"the header {name!r} is beyond 64 bits")
            return 9
        case float():
            if not math.isfinite(value):
                raise PublishParameterError(f"the header {name!r} is {value}: no AMQP number")
            return 9
        case bytes() | bytearray() | memoryview():
            return 5 + len(bytes(value))
        case datetime():
            _moment(f"the header {name!r}", value)
            return 9
        case Decimal():
            return _decimal(name, value)
        case Mapping():
            return 5 + sum(_item(key, each, depth) for key, each in value.items())
        case list() | tuple():
            return 5 + sum(size_of(each, name, depth + 1) for each in value)
    raise PublishParameterError(f"no AMQP header can hold a {type(value).__name__}: {name!r}")


def _item(name: object, value: Any, depth: int) -> int:
    if not isinstance(name, str):
        raise PublishParameterError(f"a header's name is a text, not {name!r}")
    return 1 + _short("a header's name", name) + size_of(value, name, depth + 1)


def _properties(publication: Publication) -> int:
    properties, terms = publication.properties, publication.terms
    if properties.timestamp is not None:
        _moment("the timestamp", properties.timestamp)
    priority = properties.priority
    if priority is not None and not (_is_number(priority) and 0 <= priority <= 255):
        raise PublishParameterError(f"a priority is 0 to 255, not {priority}")
    expiration = None if terms is None else terms.expiration
    if expiration is not None and not (
        _is_number(expiration) and 0 <= expiration <= MAX_EXPIRATION
    ):
        raise PublishParameterError(
            f"an expiration is 0 to {MAX_EXPIRATION} milliseconds, not {expiration}"
        )
    if properties.reply_to == DIRECT_REPLY_TO:
        raise PublishParameterError(
            f"{DIRECT_REPLY_TO} as reply_to is for a channel that consumes from it: name a queue"
        )
    texts = [(name, getattr(properties, name)) for name in SHORT_STRINGS]
    texts.append(("user_id", terms.user_id if terms else None))
    return sum(1 + _short(f"the {name}", text) for name, text in texts if text is not None)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(what: str, text: str) -> int:
    if not isinstance(text, str):
        raise PublishParameterError(f"{what} is a text, not a {type(text).__name__}")
    size = len(text) if text.isascii() else len(_encoded(what, text))
    if size > MAX_SHORT:
        raise PublishParameterError(f"{what} is {size} bytes, and {MAX_SHORT} are the most")
    return size


def _encoded(what: str, text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise PublishParameterError(f"{what} has half a character in it") from None


def _moment(what: str, moment: datetime) -> None:
    if not isinstance(moment, datetime):
        raise PublishParameterError(f"{what} is a datetime, not a {type(moment).__name__}")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if aware < EPOCH:
        raise PublishParameterError(f"{what} is before 1970, where AMQP's time begins")


def _decimal(name: str, value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else -1
    if not 0 <= scale <= 255 or not -(2**31) <= int(value.scaleb(scale)) < 2**31:
        raise PublishParameterError(f"the header {name!r} is no decimal of 32 bits: {value}")
    return 6


def _largest(given: Mapping[str, Any]) -> list[str]:
    return sorted(given, key=lambda name: -size_of(given[name], name))[:3]
