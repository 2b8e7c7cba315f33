"""AMQP field tables: every type of RabbitMQ's errata to AMQP 0-9-1, section 3, both ways."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jararaca.transport.timestamp import Timestamp

MAX_DEPTH = 64
"""How deep tables and arrays may lie in each other: the decoder recurses."""

MAX_SHORT = 255
_LONG = struct.Struct(">I")
_LAST_SECOND = 253_402_300_799
"""Of the year 9999. Timestamps above it are milliseconds, as some clients write them."""


class FrameError(Exception):
    """The peer sent bytes that are not AMQP 0-9-1; the connection cannot go on."""


def decode_table(data: bytes, start: int = 0) -> dict[str, Any]:
    """The table whose length word stands at `start`. Raises FrameError."""
    try:
        table, _ = _table(data, start, 0)
    except (struct.error, IndexError) as error:
        raise FrameError(f"a field table ends too soon: {error}") from error
    return table


def encode_table(table: Mapping[str, Any]) -> bytes:
    """The table with its length word. Raises TypeError for what AMQP has no type for."""
    parts = [_short(name) + encode_value(value) for name, value in table.items()]
    body = b"".join(parts)
    return _LONG.pack(len(body)) + body


def encode_value(value: Any) -> bytes:
    """One value with its type octet; floats keep all their digits. Raises TypeError."""
    for kinds, encode in _ENCODERS:
        if isinstance(value, kinds):
            return encode(value)
    raise TypeError(f"no AMQP header can hold a {type(value).__name__}: {value!r}")


def text(raw: bytes) -> str:
    """A short string; bytes that are no UTF-8 survive the way back."""
    return raw.decode("utf-8", "surrogateescape")


def raw(value: str) -> bytes:
    """The bytes of a short string, the counterpart of `text`."""
    return value.encode("utf-8", "surrogateescape")


def _table(data: bytes, start: int, depth: int) -> tuple[dict[str, Any], int]:
    position, end = _extent(data, start, depth)
    found: dict[str, Any] = {}
    while position < end:
        length = data[position]
        name = text(data[position + 1 : position + 1 + length])
        found[name], position = _value(data, position + 1 + length, depth)
    return found, _ended(position, end)


def _array(data: bytes, start: int, depth: int) -> tuple[list[Any], int]:
    position, end = _extent(data, start, depth)
    found: list[Any] = []
    while position < end:
        item, position = _value(data, position, depth)
        found.append(item)
    return found, _ended(position, end)


def _extent(data: bytes, start: int, depth: int) -> tuple[int, int]:
    if depth > MAX_DEPTH:
        raise FrameError(f"a field table is nested deeper than {MAX_DEPTH}")
    position = start + 4
    end = position + int(_LONG.unpack_from(data, start)[0])
    if end > len(data):
        raise FrameError("a field table is longer than its frame")
    return position, end


def _ended(position: int, end: int) -> int:
    if position != end:
        raise FrameError("a field table's length does not fit its values")
    return end


def _value(data: bytes, position: int, depth: int) -> tuple[Any, int]:
    kind = data[position]
    if kind == 0x53:
        return _long_string(data, position + 1)
    if kind == 0x46:
        return _table(data, position + 1, depth + 1)
    if kind == 0x41:
        return _array(data, position + 1, depth + 1)
    if kind == 0x78:
        return _bytes(data, position + 1)
    try:
        layout, convert = _FIXED[kind]
    except KeyError:
        raise FrameError(f"unknown field type {bytes((kind,))!r}") from None
    return convert(*layout.unpack_from(data, position + 1)), position + 1 + layout.size


def _bytes(data: bytes, start: int) -> tuple[bytes, int]:
    position = start + 4
    end = position + int(_LONG.unpack_from(data, start)[0])
    if end > len(data):
        raise FrameError("a field value is longer than its frame")
    return data[position:end], end


def _long_string(data: bytes, start: int) -> tuple[str | bytes, int]:
    """A long string is text for every client, but may hold any octets: then it is bytes."""
    value, end = _bytes(data, start)
    try:
        return value.decode(), end
    except UnicodeDecodeError:
        return value, end


def timestamp(seconds: int) -> datetime | int:
    """An AMQP timestamp; the bare number where no calendar reaches that far."""
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > _LAST_SECOND else seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return Timestamp(seconds)


def seconds_of(moment: datetime) -> int:
    """Seconds since the epoch; a naive moment is UTC.

    Of the very last moment a float's seconds are those of the year 10000.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(int(aware.timestamp()), _LAST_SECOND)


def _decimal(scale: int, mantissa: int) -> Decimal:
    return Decimal(mantissa).scaleb(-scale)


def _same(value: Any) -> Any:
    return value


def _nothing() -> None:
    return None


_FIXED: dict[int, tuple[struct.Struct, Callable[..., Any]]] = {
    ord(kind): (struct.Struct(">" + layout), convert)
    for kind, layout, convert in (
        ("t", "B", bool),
        ("b", "b", _same),
        ("B", "B", _same),
        ("s", "h", _same),
        ("u", "H", _same),
        ("I", "i", _same),
        ("i", "I", _same),
        ("l", "q", _same),
        ("L", "q", _same),
        ("f", "f", _same),
        ("d", "d", _same),
        ("D", "Bi", _decimal),
        ("T", "Q", timestamp),
        ("V", "", _nothing),
        ("\0", "", _nothing),
    )
}


def _short(value: str) -> bytes:
    encoded = raw(value)
    if len(encoded) > MAX_SHORT:
        raise TypeError(f"an AMQP header's name is at most {MAX_SHORT} bytes: {value!r}")
    return bytes((len(encoded),)) + encoded


def _integer(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return struct.pack(">ci", b"I", value)
    if -(2**63) <= value < 2**63:
        return struct.pack(">cq", b"l", value)
    raise TypeError(f"an AMQP header holds 64 bits, not {value}")


def _long(kind: bytes, value: bytes) -> bytes:
    return kind + _LONG.pack(len(value)) + value


def _scaled(value: Decimal) -> bytes:
    exponent = value.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else -1
    mantissa = int(value.scaleb(scale)) if scale >= 0 else 0
    if not 0 <= scale <= 255 or not -(2**31) <= mantissa < 2**31:
        raise TypeError(f"an AMQP decimal has 32 bits and a scale up to 255, unlike {value}")
    return struct.pack(">cBi", b"D", scale, mantissa)


def _items(values: Sequence[Any]) -> bytes:
    return _long(b"A", b"".join(map(encode_value, values)))


_ENCODERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], bytes]], ...] = (
    (str, lambda value: _long(b"S", raw(value))),
    (bool, lambda value: b"t\1" if value else b"t\0"),
    (Timestamp, lambda value: struct.pack(">cQ", b"T", value)),
    (int, _integer),
    (float, lambda value: struct.pack(">cd", b"d", value)),
    (type(None), lambda _: b"V"),
    ((bytes, bytearray, memoryview), lambda value: _long(b"x", bytes(value))),
    (datetime, lambda value: struct.pack(">cQ", b"T", seconds_of(value))),
    (Decimal, _scaled),
    (Mapping, lambda value: b"F" + encode_table(value)),
    ((list, tuple), _items),
)
