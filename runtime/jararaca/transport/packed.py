"""Bodies that foreign publishers pack, and say so in AMQP's `content_encoding`: gzip and deflate.

Other values stay: `utf-8` and the like name the text's character set there, as Celery writes it.
"""

from __future__ import annotations

import zlib

ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
MOST_MEMBERS = 1_000
"""Parts of one body, each packed by itself: others' tools write one. To begin one takes time."""

FIRST_BYTES = 1_024
"""What zlib is given of a part at first; twice as much each time after that."""

_WITH_HEADER = 32 + zlib.MAX_WBITS
"""zlib's way to say: gzip's header or zlib's, whichever it is."""


class UnpackingError(Exception):
    """A body that is not packed as its publisher says; the text says what is wrong."""


def is_packed(encoding: str) -> bool:
    """Whether a `content_encoding` is one that is unpacked."""
    return encoding.lower() in ENCODINGS


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body as it was before. Raises UnpackingError, for more than `most` bytes too."""
    try:
        return _inflated(body, _WITH_HEADER, most)
    except zlib.error as error:
        if encoding.lower() == "deflate":
            return _raw(body, most)
        raise UnpackingError(f"not {encoding}: {error}") from None


def _raw(body: bytes, most: int) -> bytes:
    """Deflate without zlib's header, as some write it."""
    try:
        return _inflated(body, -zlib.MAX_WBITS, most)
    except zlib.error as error:
        raise UnpackingError(f"not deflate: {error}") from None


def _inflated(body: bytes, bits: int, most: int) -> bytes:
    """All members, one after the other, as gzip allows; memory is taken for no more than `most`.

    zlib copies what stands behind a member. Each is given no more than it may need, so that many
    small ones do not copy the whole body each.
    """
    found, rest = bytearray(), memoryview(body)
    for _ in range(MOST_MEMBERS):
        inflater, size = zlib.decompressobj(bits), FIRST_BYTES
        while not inflater.eof:
            part, rest = rest[:size], rest[size:]
            found += inflater.decompress(part, most + 1 - len(found))
            if len(found) > most:
                raise UnpackingError(f"more than {most} bytes, which are the most, when unpacked")
            if not part:
                raise UnpackingError("cut off: its end is missing")
            size *= 2
        rest = memoryview(body)[len(body) - len(rest) - len(inflater.unused_data) :]
        if not rest:
            return bytes(found)
    raise UnpackingError(f"more than {MOST_MEMBERS} parts, which are the most")
