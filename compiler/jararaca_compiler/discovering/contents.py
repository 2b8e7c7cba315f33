"""What a body is: JSON, or what else by its marks. Hostile ones cost a bounded amount."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.listening.heard import HeardMessage
from jararaca_compiler.observing.body import value_of

MOST_BYTES = 1024 * 1024
"""Of a body, packed or not; a larger one is counted and not looked into."""

MOST_BRACKETS = 200_000
"""Brackets of a body that is looked into: each may be a value of its own."""

UNPACKED = ("gzip", "x-gzip", "deflate")
"""Values of `content_encoding` that the runtime undoes."""

DEEPEST = 200
"""Nested brackets that Python's own parser takes without complaint."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Content:
    """`kind` is what a person is told; `value` is there for JSON alone. `type` is a media type.

    `is_packed`: in a way that the runtime does not undo, or without saying so.
    """

    kind: str
    type: str | None = None
    value: Any = None
    is_json: bool = False
    is_packed: bool = False


def content_of(message: HeardMessage) -> Content:
    """What a message's body is; never raises."""
    body = message.body
    told = (message.properties.content_type or "").partition(";")[0].strip().lower() or None
    encoding = (message.properties.content_encoding or "").lower()
    if len(body) > MOST_BYTES:
        return Content("more than 1 MiB, not looked into", told)
    packed = encoding in (*UNPACKED, "br", "zstd") or body[:2] == b"\x1f\x8b"
    if packed:
        unpacked = _unpacked(body)
        if unpacked is None:
            return Content(f"packed with {encoding or 'gzip'}", told, is_packed=True)
        body, packed = unpacked, encoding not in UNPACKED
    marked = _marked(body, told)
    if marked is not None:
        return Content(marked, told, is_packed=packed)
    found, value = _json(body)
    if found:
        return Content("JSON", told, value, is_json=True, is_packed=packed)
    kind = "nothing" if not body else "text" if _is_text(body) else "octets"
    return Content(kind, told, is_packed=packed)


def _unpacked(body: bytes) -> bytes | None:
    """What gzip or deflate holds; a bomb ends at the limit."""
    engine = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        found = engine.decompress(body, MOST_BYTES)
    except zlib.error:
        return None
    return found if engine.eof else None


def _marked(body: bytes, told: str | None) -> str | None:
    """What a body is by its first octets, or by what its publisher says, where that is no JSON."""
    if body.startswith(b"Obj\x01"):
        return "an Avro file"
    if told and "avro" in told:
        return "Avro"
    if told and ("protobuf" in told or told.endswith(("/x-protobuf", "+proto"))):
        return "Protobuf"
    if told in ("application/x-python-serialize", "application/python-pickle") or (
        len(body) > 2 and body[0] == 0x80 and 2 <= body[1] <= 5 and body.endswith(b".")
    ):
        return "a Python pickle, which runs code when it is read"
    if told in ("application/x-msgpack", "application/msgpack", "application/vnd.msgpack"):
        return "MessagePack"
    if len(body) > 5 and body[0] == 0 and body[:4] != b"\0\0\0\0" and not _is_text(body):
        return "octets behind a schema registry's number (Avro or Protobuf)"
    return None


def _json(body: bytes) -> tuple[bool, Any]:
    if not _is_shallow(body):
        return False, None
    try:
        return True, value_of(body)
    except (ValueError, RecursionError):
        return False, None


def _is_shallow(body: bytes) -> bool:
    depth = number = 0
    for found in _BRACKETS.finditer(body):
        mark = found[0]
        if mark in (b"[", b"{"):
            depth, number = depth + 1, number + 1
            if depth > DEEPEST or number > MOST_BRACKETS:
                return False
        elif mark in (b"]", b"}"):
            depth -= 1
    return True


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text[:4096])
