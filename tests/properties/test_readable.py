"""What is shown to aiormq can be decoded: else the connection of all consumers would end."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jararaca.transport.amqp.fast import readable as module
from jararaca.transport.amqp.fast.readable import readable
from jararaca.transport.amqp.fast.wire.decoder import FRAME_END, HEAD, HEADER
from pamqp.header import ContentHeader

ORDER = tuple(1 << bit for bit in range(15, 1, -1))
"""The flags of the properties, in which order they come."""

OCTETS, TIMESTAMP, TABLE = (0x1000, 0x0800), 0x0040, 0x2000
FARTHEST = struct.pack(">Q", 2**64 - 1)


def short(text: bytes) -> bytes:
    """A short string."""
    return bytes((len(text),)) + text


def value(flag: int) -> st.SearchStrategy[bytes]:
    """A property's bytes: usual ones, and those that no publisher of ours writes."""
    if flag in OCTETS:
        return st.binary(min_size=1, max_size=1)
    if flag == TIMESTAMP:
        moments = st.integers(0, 2**64 - 1) | st.integers(0, 2**34)
        return moments.map(lambda moment: struct.pack(">Q", moment))
    if flag == TABLE:
        return st.binary(max_size=12).map(lambda table: struct.pack(">I", len(table)) + table)
    texts = st.text("abc/-.0", max_size=12).map(str.encode) | st.binary(max_size=12)
    return texts.map(short)


PROPERTIES = st.fixed_dictionaries({}, optional={flag: value(flag) for flag in ORDER})


def header(properties: dict[int, bytes]) -> bytes:
    """A content header's payload."""
    flags = sum(properties)
    values = b"".join(properties[flag] for flag in ORDER if flag in properties)
    return struct.pack(">HHQH", 60, 0, 200, flags) + values


def frame(payload: bytes) -> bytes:
    """It in its frame."""
    return HEAD.pack(HEADER, 1, len(payload)) + payload + bytes((FRAME_END,))


@given(PROPERTIES, st.integers(0, 3))
@example({TIMESTAMP: FARTHEST}, 0)
@example({0x0080: short(b"\xff")}, 0)
@example({0x0100: short(b"\xff")}, 0)
@example({0x0080: short(b"0123")}, 2)
@example({0x8000: short(b""), 0x1000: b"\0"}, 1)
def test_every_header_that_is_shown_can_be_decoded(properties: dict[int, bytes], cut: int) -> None:
    payload = header(properties)
    shown = readable(frame(payload[: len(payload) - cut] if cut < len(payload) - 14 else payload))
    ContentHeader().unmarshal(shown[7:-1])


def test_a_usual_header_is_not_decoded_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = header(
        {
            0x8000: short(b"application/json"),
            0x1000: b"\2",
            0x0080: short(b"0" * 36),
            TIMESTAMP: struct.pack(">Q", 1_790_000_000),
            0x0020: short(b"Order"),
        }
    )
    monkeypatch.setattr(module, "_is_decoded", lambda _: pytest.fail("decoded"))
    assert readable(frame(usual)) == frame(usual)
