"""The JSON value in the body of a heard message, or why there is none."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 16 * 1024 * 1024
"""The runtime reads no larger ones, packed or not."""

_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Encodings that the runtime undoes, and zlib's word for each."""

_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a surrogate pair, which JSON can say, and no UTF-8; or a whole pair."""


@dataclass(frozen=True, slots=True)
class NoJson:
    """Why a body has no JSON value: a word for the reason."""

    reason: str


def json_of(body: bytes, encoding: str | None) -> Any | NoJson:
    """The value of a body, unpacked where its `content_encoding` says so."""
    window = _PACKED.get((encoding or "").lower())
    if window is not None:
        unpacked = _unpacked(body, window)
        if unpacked is None:
            return NoJson("unpackable")
        body = unpacked
    if len(body) > MOST_BYTES:
        return NoJson("too-large")
    try:
        return value_of(body)
    except (ValueError, RecursionError):
        return NoJson("no-json")


def value_of(body: bytes) -> Any:
    """The JSON value. Raises ValueError, also for what the runtime does not read as JSON."""
    # As text: of octets, json takes UTF-16 and a byte order mark, too.
    value = json.loads(body.decode(), parse_constant=_refused)
    if _ESCAPED.search(body):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _unpacked(body: bytes, window: int) -> bytes | None:
    try:
        reader = zlib.decompressobj(window)
        found = reader.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        return None
    return found if reader.eof or len(found) > MOST_BYTES else None


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
