"""Properties and headers as a broker hands them over: in the types that AMQP has, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jararaca.transport import Properties
from jararaca.transport.timestamp import Timestamp

LATEST = datetime.max.replace(tzinfo=UTC)
SAME = frozenset({str, int, bool, float, bytes, type(None)})
"""Types whose values come as they went; of texts only those that are UTF-8."""


def properties_of(sent: Properties) -> Properties:
    """What is received of properties."""
    moment = sent.timestamp
    return sent if moment is None else replace(sent, timestamp=_moment(moment))


def headers_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is received of a header table."""
    return {name: value_of(value) for name, value in sent.items()}


def value_of(sent: Any) -> Any:
    """What is received of one value."""
    match sent:
        case str():
            return sent if type(sent) is str and sent.isascii() else _text(sent)
        case _ if type(sent) in SAME:
            return sent
        case Timestamp():
            return sent
        case int():
            return int(sent)
        case float():
            return float(sent)
        case bytearray() | memoryview():
            return bytes(sent)
        case datetime():
            return _moment(sent)
        case Decimal():
            return _decimal(sent)
        case Mapping():
            return headers_of(sent)
        case list() | tuple():
            return [value_of(each) for each in sent]
    return sent


def _text(sent: str) -> str | bytes:
    raw = sent.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _moment(sent: datetime) -> datetime:
    """Whole seconds; a naive moment is UTC, and none is after the year 9999 there."""
    aware = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    try:
        there = aware.astimezone(UTC)
    except OverflowError:
        there = LATEST
    return there.replace(microsecond=0, fold=0)


def _decimal(sent: Decimal) -> Decimal:
    """A mantissa and a scale, which is not negative."""
    exponent = sent.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return Decimal(int(sent.scaleb(scale))).scaleb(-scale)
