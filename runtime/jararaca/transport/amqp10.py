"""Bodies that AMQP 1.0 publishers send as values: read as the JSON that they amount to.

RabbitMQ 4 hands such a body over as it is encoded (AMQP 1.0, sections 1.6 and 3.2.7), with the
property `type` set to `amqp-1.0`. What it gets as data sections comes as plain bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

MARK = b"\x00S"
"""A descriptor that is a small ulong: how each section begins, and no JSON does."""

TYPE = "amqp-1.0"
SEQUENCE, VALUE = 0x76, 0x77
DEEPEST = 100
"""Lists and maps inside each other: deeper ones are read by no JSON parser either."""


class UnreadableError(Exception):
    """A body of AMQP 1.0 that is no JSON; its text names what it is."""


def as_json(body: bytes) -> bytes:
    """The JSON of a body that begins with MARK. Raises UnreadableError."""
    try:
        sections = list(_sections(body))
        kinds = {kind for kind, _ in sections}
        if kinds == {VALUE} and len(sections) == 1:
            value = sections[0][1]
            if isinstance(value, bytes):
                return value
            # A text is taken as the JSON itself: that is what publishers put into one.
            return value.encode() if isinstance(value, str) else _dumped(value)
        if kinds == {SEQUENCE}:
            return _dumped([each for _, values in sections for each in values])
    except (IndexError, struct.error, ValueError, OverflowError, OSError) as error:
        raise UnreadableError(f"an AMQP 1.0 body that is damaged: {error}") from None
    raise UnreadableError("an AMQP 1.0 body of several values")


def _dumped(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"an AMQP 1.0 value that JSON cannot hold: {error}") from None


def _sections(body: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(body):
        kind = body[at + 2]
        if body[at : at + 2] != MARK or kind not in (SEQUENCE, VALUE):
            raise UnreadableError(f"an AMQP 1.0 section of the kind {body[at : at + 3].hex()}")
        value, at = _value(body, at + 3, 0)
        yield kind, value


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value at a place, and the place behind it (AMQP 1.0, section 1.2)."""
    if depth > DEEPEST:
        raise UnreadableError("an AMQP 1.0 value that is nested too deeply")
    code, at = data[at], at + 1
    if code in _CONSTANTS:
        return _CONSTANTS[code], at
    if code in _FIXED:
        shape, made = _FIXED[code]
        return made(*shape.unpack_from(data, at)), at + shape.size
    if code in _VARIABLE_CODES:
        size, at = _size(data, at, code)
        return _VARIABLE[code & 0x0F](data[at : at + size]), at + size
    if code in _COMPOUND:
        size, begin = _size(data, at, code)
        return _COMPOUND[code](list(_items(data, begin, size, code, depth))), begin + size
    raise UnreadableError(f"an AMQP 1.0 value of the type 0x{code:02x}")


def _size(data: bytes, at: int, code: int) -> tuple[int, int]:
    """How many bytes follow, one byte or four long, and where; they must be there."""
    wide = code & 0x10
    size = int.from_bytes(data[at : at + 4]) if wide else data[at]
    at += 4 if wide else 1
    if at + size > len(data):
        raise IndexError(f"more bytes were announced than there are: {size}")
    return size, at


def _items(data: bytes, at: int, size: int, code: int, depth: int) -> Iterator[Any]:
    """The values in a list or a map; its count is not believed, its bytes are."""
    end = at + size
    at += 4 if code & 0x10 else 1
    while at < end:
        value, at = _value(data, at, depth + 1)
        yield value


def _map(items: list[Any]) -> dict[str, Any]:
    keys = items[::2]
    if len(items) % 2 or not all(isinstance(key, str) for key in keys):
        raise UnreadableError("an AMQP 1.0 map whose keys are no texts")
    return dict(zip(keys, items[1::2], strict=True))


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC).isoformat(timespec="milliseconds")


def _same(value: Any) -> Any:
    return value


_CONSTANTS: dict[int, Any] = {0x40: None, 0x41: True, 0x42: False, 0x43: 0, 0x44: 0, 0x45: []}
_FIXED: dict[int, tuple[struct.Struct, Callable[..., Any]]] = {
    0x50: (struct.Struct(">B"), _same),
    0x51: (struct.Struct(">b"), _same),
    0x52: (struct.Struct(">B"), _same),
    0x53: (struct.Struct(">B"), _same),
    0x54: (struct.Struct(">b"), _same),
    0x55: (struct.Struct(">b"), _same),
    0x56: (struct.Struct(">?"), _same),
    0x60: (struct.Struct(">H"), _same),
    0x61: (struct.Struct(">h"), _same),
    0x70: (struct.Struct(">I"), _same),
    0x71: (struct.Struct(">i"), _same),
    0x72: (struct.Struct(">f"), _same),
    0x73: (struct.Struct(">I"), chr),
    0x80: (struct.Struct(">Q"), _same),
    0x81: (struct.Struct(">q"), _same),
    0x82: (struct.Struct(">d"), _same),
    0x83: (struct.Struct(">q"), _time),
    0x98: (struct.Struct(">16s"), lambda value: str(UUID(bytes=value))),
}
_VARIABLE: dict[int, Callable[[bytes], Any]] = {0x0: bytes, 0x1: bytes.decode, 0x3: bytes.decode}
_VARIABLE_CODES = (0xA0, 0xA1, 0xA3, 0xB0, 0xB1, 0xB3)
_COMPOUND: dict[int, Callable[[list[Any]], Any]] = {0xC0: list, 0xD0: list, 0xC1: _map, 0xD1: _map}
