"""The JSON value in the body of a heard message, or why there is none."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 16 * 1024 * 1024
"""The runtime reads no larger ones, packed or not."""

_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Encodings that the runtime undoes, and zlib's word for each."""


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
        return json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        return NoJson("no-json")


def _unpacked(body: bytes, window: int) -> bytes | None:
    try:
        reader = zlib.decompressobj(window)
        found = reader.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        return None
    return found if reader.eof or len(found) > MOST_BYTES else None


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
