"""Content headers (AMQP 0-9-1, section 4.2.6.1): properties and the header table, read late."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jararaca.transport import Properties, Terms, provenance
from jararaca.transport.amqp.fast.wire.tables import (
    MAX_SHORT,
    FrameError,
    decode_table,
    encode_table,
    raw,
    seconds_of,
    text,
    timestamp,
)

CLASS_BASIC = 60
FLAGS_AT = 12
"""Where the property flags stand: after class, weight and body size."""

CONTENT_TYPE = 0x8000
CONTENT_ENCODING = 0x4000
HEADERS = 0x2000
DELIVERY_MODE = 0x1000
PRIORITY = 0x0800
CORRELATION_ID = 0x0400
REPLY_TO = 0x0200
EXPIRATION = 0x0100
MESSAGE_ID = 0x0080
TIMESTAMP = 0x0040
TYPE = 0x0020
USER_ID = 0x0010
APP_ID = 0x0008
CLUSTER_ID = 0x0004
MORE = 0x0001

TRANSIENT, PERSISTENT = b"\1", b"\2"
USUAL = CONTENT_TYPE | DELIVERY_MODE | MESSAGE_ID | TIMESTAMP | TYPE
MAX_CLASSES = 1024
NO_HEADERS: Mapping[str, Any] = {}
NO_PROPERTIES = Properties()
NO_TERMS = Terms()

_SHORT_STRINGS = (
    (CORRELATION_ID, "correlation_id"),
    (REPLY_TO, "reply_to"),
    (EXPIRATION, "expiration"),
    (MESSAGE_ID, "message_id"),
)
_LAST = ((TYPE, "type"), (USER_ID, "user_id"), (APP_ID, "app_id"))
_FLAGS = struct.Struct(">H")
_LONG_LONG = struct.Struct(">Q")
_HEAD = struct.Struct(">HHQH")
_LENGTHS = tuple(bytes((length,)) for length in range(MAX_SHORT + 1))


class LazyHeaders(Mapping[str, Any]):
    """A header table that is decoded when somebody looks at a header that it may hold.

    One that cannot be raises FrameError; a lenient one then says why instead of what it holds.
    """

    __slots__ = ("_lenient", "_raw", "_table")

    def __init__(self, raw_table: bytes, lenient: bool = False) -> None:
        self._raw = raw_table
        self._lenient = lenient
        self._table: dict[str, Any] | None = None

    def get(self, key: str, default: Any = None) -> Any:
        """The value, without decoding where the name's bytes are nowhere in the table.

        Whether it can be decoded at all is seen by doing so.
        """
        if self._table is None and key is not provenance.UNREADABLE and raw(key) not in self._raw:
            return default
        return self._decoded().get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self._decoded()[key]

    def __contains__(self, key: object) -> bool:
        if self._table is None and isinstance(key, str) and raw(key) not in self._raw:
            return False
        return key in self._decoded()

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._decoded())

    def __repr__(self) -> str:
        return repr(self._decoded())

    def _decoded(self) -> dict[str, Any]:
        if self._table is None:
            try:
                self._table = decode_table(self._raw)
            except FrameError as error:
                if not self._lenient:
                    raise
                self._table = {provenance.UNREADABLE: str(error)}
        return self._table


def read(content: bytes) -> tuple[Properties, Mapping[str, Any]]:
    """The properties that a content header's payload carries, and its header table.

    Raises FrameError; properties that Jararaca has no use for are skipped.
    """
    try:
        found, headers = _read(content)
    except (struct.error, IndexError) as error:
        raise FrameError(f"a content header ends too soon: {error}") from error
    found.pop("expiration", None)
    found.pop("user_id", None)
    return Properties(**found), headers


def user_id_of(content: bytes) -> str | None:
    """The account in a content header's payload; the broker has checked it. Raises FrameError."""
    try:
        found, _ = _read(content)
    except (struct.error, IndexError) as error:
        raise FrameError(f"a content header ends too soon: {error}") from error
    user_id: str | None = found.get("user_id")
    return user_id


def headers_of(content: bytes) -> Mapping[str, Any]:
    """The header table alone: it stands behind two short strings at the most."""
    flags = (content[FLAGS_AT] << 8) | content[FLAGS_AT + 1]
    if not flags & HEADERS:
        return NO_HEADERS
    if flags & MORE:
        return _read(content)[1]
    position = FLAGS_AT + 2
    if flags & CONTENT_TYPE:
        position += 1 + content[position]
    if flags & CONTENT_ENCODING:
        position += 1 + content[position]
    end = position + 4 + int.from_bytes(content[position : position + 4])
    return LazyHeaders(content[position:end], lenient=True)


class ContentHeaders:
    """Writes the payloads of content headers for persistent messages.

    What is the same for all messages of a class is encoded once: the content type with all that
    stands before the message id, and behind the timestamp the type and who publishes.
    """

    def __init__(self) -> None:
        self._classes: dict[tuple[str, str, str | None], tuple[int, bytes, bytes]] = {}
        self._moment: datetime | None = None
        self._seconds = b""

    def of(
        self,
        properties: Properties,
        headers: Mapping[str, Any],
        size: int,
        terms: Terms | None = None,
    ) -> bytes:
        """The payload for a message of `size` bytes. Raises TypeError."""
        if terms is not None:
            return write(properties, headers, size, terms)
        message_id, moment = properties.message_id, properties.timestamp
        if headers or message_id is None or moment is None or not _usual(properties):
            return write(properties, headers, size)
        key = (properties.content_type or "", properties.type or "", properties.app_id)
        flags, before, after = self._classes.get(key) or self._class(key)
        if moment is not self._moment:  # `publish` has one for all messages of a second.
            self._moment, self._seconds = moment, _LONG_LONG.pack(seconds_of(moment))
        head = _HEAD.pack(CLASS_BASIC, 0, size, flags)
        return b"".join((head, before, short(message_id), self._seconds, after))

    def _class(self, key: tuple[str, str, str | None]) -> tuple[int, bytes, bytes]:
        content_type, name, app_id = key
        if len(self._classes) >= MAX_CLASSES:
            self._classes.clear()
        flags, after = USUAL, short(name)
        if app_id is not None:
            flags, after = USUAL | APP_ID, after + short(app_id)
        made = self._classes[key] = (flags, short(content_type) + PERSISTENT, after)
        return made


def _usual(properties: Properties) -> bool:
    """Whether a message has what `Message.publish` gives it, and nothing else."""
    return (
        properties.content_type is not None
        and properties.type is not None
        and properties.content_encoding is None
        and properties.correlation_id is None
        and properties.reply_to is None
        and properties.priority is None
    )


def write(
    properties: Properties,
    headers: Mapping[str, Any],
    size: int,
    terms: Terms = NO_TERMS,
    seconds: int | None = None,
) -> bytes:
    """The payload of a content header for a message of `size` bytes; `seconds` as its timestamp."""
    flags = DELIVERY_MODE
    parts: list[bytes] = []
    if properties.content_type is not None:
        flags |= CONTENT_TYPE
        parts.append(short(properties.content_type))
    if properties.content_encoding is not None:
        flags |= CONTENT_ENCODING
        parts.append(short(properties.content_encoding))
    if headers:
        flags |= HEADERS
        parts.append(encode_table(headers))
    parts.append(PERSISTENT if terms.persistent else TRANSIENT)
    if properties.priority is not None:
        flags |= PRIORITY
        parts.append(bytes((properties.priority,)))
    for flag, value in (
        (CORRELATION_ID, properties.correlation_id),
        (REPLY_TO, properties.reply_to),
        (EXPIRATION, None if terms.expiration is None else str(terms.expiration)),
        (MESSAGE_ID, properties.message_id),
    ):
        if value is not None:
            flags |= flag
            parts.append(short(value))
    if properties.timestamp is not None:
        flags |= TIMESTAMP
        parts.append(_LONG_LONG.pack(seconds or seconds_of(properties.timestamp)))
    for flag, value in (
        (TYPE, properties.type),
        (USER_ID, terms.user_id),
        (APP_ID, properties.app_id),
    ):
        if value is not None:
            flags |= flag
            parts.append(short(value))
    return _HEAD.pack(CLASS_BASIC, 0, size, flags) + b"".join(parts)


def _read(content: bytes) -> tuple[dict[str, Any], Mapping[str, Any]]:
    flags, position = _flags(content)
    found: dict[str, Any] = {}
    headers: Mapping[str, Any] = NO_HEADERS
    if flags & CONTENT_TYPE:
        found["content_type"], position = _short_at(content, position)
    if flags & CONTENT_ENCODING:
        found["content_encoding"], position = _short_at(content, position)
    if flags & HEADERS:
        end = position + 4 + int.from_bytes(content[position : position + 4])
        headers, position = LazyHeaders(content[position:end]), end
    if flags & DELIVERY_MODE:
        position += 1
    if flags & PRIORITY:
        found["priority"], position = content[position], position + 1
    for flag, name in _SHORT_STRINGS:
        if flags & flag:
            found[name], position = _short_at(content, position)
    if flags & TIMESTAMP:
        moment = timestamp(_LONG_LONG.unpack_from(content, position)[0])
        found["timestamp"], position = (None if isinstance(moment, int) else moment), position + 8
    for flag, name in _LAST:
        if flags & flag:
            found[name], position = _short_at(content, position)
    if position > len(content):
        raise FrameError("a property is longer than its frame")
    return found, headers


def _flags(content: bytes) -> tuple[int, int]:
    """The first word of flags, and where the properties begin: bit 0 says that a word follows."""
    first = word = int(_FLAGS.unpack_from(content, FLAGS_AT)[0])
    position = FLAGS_AT + 2
    while word & MORE:
        word = int(_FLAGS.unpack_from(content, position)[0])
        position += 2
    return first, position


def _short_at(content: bytes, position: int) -> tuple[str, int]:
    """The string, and where it ends: `_read` looks whether that is within the content."""
    end = position + 1 + content[position]
    return text(content[position + 1 : end]), end


def short(value: str) -> bytes:
    """A short string with its length octet. Raises TypeError past 255 bytes."""
    encoded = raw(value)
    if len(encoded) > MAX_SHORT:
        raise TypeError(f"an AMQP property is at most {MAX_SHORT} bytes: {value!r}")
    return _LENGTHS[len(encoded)] + encoded
