"""Field tables are read and written as pamqp does, and exactly where pamqp is not exact."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pamqp.decode
import pamqp.encode
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jararaca.transport import Properties
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.tables import FrameError, decode_table, encode_table
from pamqp import header

from tests.properties.test_fast_decoder import tables

MOMENT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


@given(tables)
def test_what_pamqp_writes_is_read_as_it_was_meant(table: dict[str, Any]) -> None:
    encoded = pamqp.encode.field_table(table)
    assert decode_table(encoded) == pamqp.decode.field_table(encoded)[1]


@given(tables)
def test_what_is_written_pamqp_reads_as_it_was_meant(table: dict[str, Any]) -> None:
    encoded = encode_table(table)
    assert pamqp.decode.field_table(encoded) == (len(encoded), decode_table(encoded))


@given(st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False)))
def test_floats_keep_all_their_digits(table: dict[str, float]) -> None:
    assert decode_table(encode_table(table)) == table


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        (b"t\1", True),
        (b"b\xff", -1),
        (b"B\xff", 255),
        (b"s\xff\xff", -1),
        (b"u\xff\xff", 65535),
        (b"I\xff\xff\xff\xff", -1),
        (b"i\xff\xff\xff\xff", 2**32 - 1),
        (b"l" + b"\xff" * 8, -1),
        (b"L" + b"\xff" * 8, -1),
        (b"f" + struct.pack(">f", 0.5), 0.5),
        (b"d" + struct.pack(">d", 0.1), 0.1),
        (b"D\2" + struct.pack(">i", -125), Decimal("-1.25")),
        (b"S\0\0\0\2hi", "hi"),
        (b"S\0\0\0\2\xff\xfe", b"\xff\xfe"),
        (b"x\0\0\0\2hi", b"hi"),
        (b"A\0\0\0\4t\1t\0", [True, False]),
        (b"F\0\0\0\4\1at\1", {"a": True}),
        (b"T" + int(MOMENT.timestamp()).to_bytes(8), MOMENT),
        (b"T" + b"\xff" * 8, 2**64 - 1),
        (b"V", None),
        (b"\0", None),
    ],
)
def test_each_field_type_of_rabbitmq_is_read(encoded: bytes, value: Any) -> None:
    assert decode_table(struct.pack(">I", len(encoded) + 2) + b"\1k" + encoded) == {"k": value}


@pytest.mark.parametrize("value", [object(), 2**63, Decimal("1e300"), Decimal("NaN"), {1, 2}])
def test_a_header_that_amqp_cannot_hold_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        encode_table({"k": value})


@pytest.mark.parametrize(
    "broken",
    [b"", b"\0\0\0\5\1a", b"\0\0\0\3\1aZ", b"\0\0\0\7\1aS\0\0\0\x09", b"\0\0\0\2\1at\1"],
)
def test_a_table_that_ends_too_soon_or_has_an_unknown_type_is_our_error(broken: bytes) -> None:
    with pytest.raises(FrameError):
        decode_table(broken)


def test_a_table_nested_without_end_is_our_error_not_a_recursion() -> None:
    table = b"\0\0\0\0"
    for _ in range(200):
        table = struct.pack(">I", len(table) + 3) + b"\1aF" + table
    with pytest.raises(FrameError, match="nested"):
        decode_table(table)


@given(
    st.builds(
        Properties,
        message_id=st.none() | st.text(max_size=20),
        type=st.none() | st.text(max_size=20),
        content_type=st.none() | st.text(max_size=20),
        correlation_id=st.none() | st.text(max_size=20),
        reply_to=st.none() | st.text(max_size=20),
        timestamp=st.none() | st.just(MOMENT),
        priority=st.none() | st.integers(0, 255),
        app_id=st.none() | st.text(max_size=20),
    ),
    tables,
)
def test_properties_written_are_read_back_by_us_and_by_pamqp(
    properties: Properties, table: dict[str, Any]
) -> None:
    payload = content.write(properties, table, 42)
    read, headers = content.read(payload)
    assert (read, dict(headers)) == (properties, decode_table(encode_table(table)))
    theirs = header.ContentHeader()
    theirs.unmarshal(payload)
    assert (theirs.body_size, theirs.properties.delivery_mode) == (42, 2)
    assert theirs.properties.message_id == properties.message_id
    assert theirs.properties.timestamp == properties.timestamp
    assert theirs.properties.app_id == properties.app_id


def test_headers_are_not_decoded_for_a_name_that_is_not_among_their_bytes() -> None:
    broken = b"\0\0\0\2\1a"
    headers = content.LazyHeaders(broken)
    assert headers.get("x-jararaca-attempt") is None
    with pytest.raises(FrameError):
        headers.get("a")
