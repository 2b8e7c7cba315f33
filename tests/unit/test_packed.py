"""Bodies that their publisher has packed: what is unpacked, and what is said of the others."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest
from jararaca.transport.packed import UnpackingError, is_packed, unpacked

TEXT = b'{"number":1}'
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "deflate"])
def test_what_is_packed_is_told_by_its_name(encoding: str) -> None:
    assert is_packed(encoding)
    assert not is_packed(f"{encoding}2")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT[:5]) + gzip.compress(TEXT[5:]), "gzip"),
        (b"".join(gzip.compress(TEXT[each : each + 1]) for each in range(len(TEXT))), "gzip"),
        (gzip.compress(b"") * 900 + gzip.compress(TEXT), "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (DEFLATED, "deflate"),
        (DEFLATED, "Deflate"),
    ],
)
def test_a_body_is_as_it_was_before(body: bytes, encoding: str) -> None:
    assert unpacked(body, encoding, len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (TEXT, "gzip", "not gzip: "),
        (b"\xff\xff", "deflate", "not deflate: "),
        (b"", "gzip", "cut off"),
        (gzip.compress(TEXT)[:-1], "gzip", "cut off"),
        (gzip.compress(TEXT + b" "), "gzip", f"more than {len(TEXT)} bytes"),
        (gzip.compress(TEXT) + gzip.compress(b" "), "gzip", f"more than {len(TEXT)} bytes"),
        (gzip.compress(TEXT) + b"x", "gzip", "not gzip: |cut off"),
    ],
)
def test_another_body_says_what_is_wrong(body: bytes, encoding: str, why: str) -> None:
    with pytest.raises(UnpackingError, match=f"^({why})"):
        unpacked(body, encoding, len(TEXT))


def test_no_more_memory_is_taken_than_is_allowed() -> None:
    with pytest.raises(UnpackingError, match="^more than 1000 bytes"):
        unpacked(gzip.compress(bytes(10_000_000)), "gzip", 1_000)


@pytest.mark.parametrize("sizes", [(100_000, 100_000), (1_023, 1, 70_000), (0, 0, 1)])
def test_parts_of_any_size_are_put_together(sizes: tuple[int, ...]) -> None:
    parts = [random.Random(size).randbytes(size) for size in sizes]
    whole = b"".join(parts)
    assert unpacked(b"".join(map(gzip.compress, parts)), "gzip", len(whole)) == whole


def test_many_parts_of_nothing_take_no_time() -> None:
    """200,000 of them held the event loop for minutes: zlib copied all behind each."""
    with pytest.raises(UnpackingError, match="more than 1000 parts"):
        unpacked(gzip.compress(b"") * 200_000, "gzip", len(TEXT))
