"""Content headers for aiormq: one that it cannot decode would end everybody's connection."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from pamqp.header import ContentHeader

from jararaca.transport import Properties, Terms, provenance
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.decoder import FRAME_END, HEAD, HEADER, OVERHEAD
from jararaca.transport.amqp.fast.wire.tables import FrameError
from jararaca.transport.limits import SHORT_STRINGS
from jararaca.transport.timestamp import Timestamp

UNDECODED = (ValueError, TypeError, KeyError, IndexError, OverflowError, OSError, RecursionError)
LATE = datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC)
"""What aiormq takes for milliseconds from there on, and we only past the year 9999."""

MAY_BE_LATE = re.compile(rb"T\0\0\0[\1-\x3a]")
"""How such a time begins in a table; so may something else."""

SIZE = struct.Struct(">Q")
FLAGS = struct.Struct(">H")
TEXTS = attrgetter(*SHORT_STRINGS)
NOT_SIMPLE = (
    content.HEADERS | content.EXPIRATION | content.USER_ID | content.CLUSTER_ID | content.MORE
)
"""What a table holds, and the texts that `Properties` does not have."""


def readable(frames: bytes) -> bytes:
    """Whole frames, each content header among them one that aiormq can decode."""
    parts, position = [], 0
    while position < len(frames):
        kind, channel, size = HEAD.unpack_from(frames, position)
        end = position + size + OVERHEAD
        payload = frames[position + 7 : end - 1]
        if kind == HEADER and (other := _other(payload)) is not None:
            head = HEAD.pack(HEADER, channel, len(other))
            parts.append(b"".join((head, other, bytes((FRAME_END,)))))
        else:
            parts.append(frames[position:end])
        position = end
    return b"".join(parts)


def _other(payload: bytes) -> bytes | None:
    """What is shown to aiormq instead; None if it can decode the header as it is."""
    try:
        properties, found = content.read(payload)
        given = dict(found)
    except (FrameError, struct.error, *UNDECODED) as error:
        return _written(content.NO_PROPERTIES, {provenance.UNREADABLE: str(error)}, payload)
    moment = properties.timestamp
    late = (moment is not None and moment >= LATE) or MAY_BE_LATE.search(payload) is not None
    if not late and (_is_simple(payload, properties) or _is_decoded(payload)):
        return None
    known: dict[str, Any] = {
        name: _text(value) for name in SHORT_STRINGS if (value := getattr(properties, name))
    }
    properties = replace(properties, **known)
    shown = _written(
        properties, {_text(name): _shown(each) for name, each in given.items()}, payload
    )
    return (
        shown if _is_decoded(shown) else _written(properties, {provenance.UNREADABLE: ""}, payload)
    )


def _is_simple(payload: bytes, properties: Properties) -> bool:
    """Whether aiormq decodes it for certain: ASCII, no table, and a time that a calendar has.

    Most are, and to let aiormq decode each twice costs as much as to settle its message.
    """
    [flags] = FLAGS.unpack_from(payload, content.FLAGS_AT)
    return (
        not flags & NOT_SIMPLE
        and not (flags & content.TIMESTAMP and properties.timestamp is None)
        and "".join(filter(None, TEXTS(properties))).isascii()
    )


def _is_decoded(payload: bytes) -> bool:
    try:
        ContentHeader().unmarshal(payload)
    except (struct.error, *UNDECODED):
        return False
    return True


def _written(properties: Properties, given: Mapping[str, Any], payload: bytes) -> bytes:
    [size] = SIZE.unpack_from(payload, 4)
    moment = properties.timestamp
    late = None
    if moment is not None and _is_in_milliseconds(moment):
        late = _milliseconds(moment)
    # The account stays: without it nothing of what we moved on is believed.
    terms = Terms(user_id=_account(payload))
    return content.write(properties, given, size, terms, seconds=late)


def _account(payload: bytes) -> str | None:
    try:
        account = content.user_id_of(payload)
    except FrameError:
        return None
    return None if account is None else _text(account)


def _is_in_milliseconds(moment: datetime) -> bool:
    """Whether aiormq gets all of a time only so: it is late, or came so."""
    return moment >= LATE or moment.microsecond > 0


def _milliseconds(moment: datetime) -> Timestamp:
    """A late time as aiormq reads it."""
    return Timestamp(round(moment.timestamp() * 1_000))


def _shown(value: Any) -> Any:
    """A value as aiormq has it: a time that no calendar reaches is a table that says so."""
    match value:
        case datetime() if _is_in_milliseconds(value):
            return _milliseconds(value)
        case Timestamp():
            return {provenance.TIMESTAMP: str(int(value))}
        case str():
            return _text(value)
        case Mapping():
            return {_text(name): _shown(each) for name, each in value.items()}
        case list():
            return [_shown(each) for each in value]
    return value


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
