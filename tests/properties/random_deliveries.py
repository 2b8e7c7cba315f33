"""Random publications, as a hostile publisher makes them: for the oracle in test_deliveries.py."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from jararaca.contract import headers
from jararaca.transport import Properties, Terms

ANSWERS = "amq.rabbitmq.reply-to"
OURS = sorted(value for name, value in vars(headers).items() if name.isupper())[1:]
OTHERS = (
    *("CC", "BCC", "x-death", "x-delivery-count", "x-acquired-count", "x-delay", "x-stream-offset"),
    *("x-first-death-queue", "x-last-death-reason", "x-jararaca-onward", "x-jararaca-"),
    *("X-JARARACA-ATTEMPT", "traceparent", "tenant", "content-type", "", "x" * 255, "é" * 127),
)
"""Names that somebody on the way gives a meaning to, or might."""


@dataclass(frozen=True)
class Given:
    """One publication: what every broker gets, each under its own topic and queue."""

    body: bytes
    properties: Properties
    headers: Mapping[Any, Any]
    terms: Terms | None
    to: str
    """`topic`, `queue`, or another topic that the queue is bound to, or that nobody is."""
    delay: float
    bare: bool
    """Without headers and terms, as most are: what is sent so takes the shortest way."""


odd = st.characters(codec=None) | st.sampled_from(
    "\x00\r\n\x1b\x07\x9b\u202e\u2028.#*%\ud800\udcff"
)
texts = st.text(odd, max_size=12)
short = texts | st.sampled_from(("", "x" * 255, "x" * 256, "é" * 128, "\x1b[2J", "#.*", "text"))
numbers = st.sampled_from(
    (0, 1, -1, 7, 2**31 - 1, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64)
)
floats = st.floats(width=64) | st.just(0.1)
zones = st.sampled_from((None, UTC, timezone(timedelta(hours=-5, minutes=-30))))
moments = st.datetimes(datetime(1969, 12, 30), datetime(9999, 12, 31)) | st.sampled_from(
    (datetime(1, 1, 1), datetime(1970, 1, 1), datetime(2106, 2, 7, 6, 28, 16), datetime.max)
)
times = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), moments, zones)
decimals = st.sampled_from(tuple(map(Decimal, ("0", "-1.50", "1E5", "1E400", "NaN", "0.1", "12"))))
strange = st.sampled_from((object(), {1}, 1j, {7: 1}, {"n" * 256: 1}, float("nan")))
values = st.recursive(
    st.none() | st.booleans() | numbers | floats | short | st.binary(max_size=8) | times | decimals,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(texts, inner, max_size=3)
    | st.tuples(inner, inner),
    max_leaves=6,
)


def nested(depth: int) -> Any:
    """Lists and tables in each other."""
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


large = st.sampled_from((nested(63), nested(64), nested(70), "x" * 140_000, ["x"] * 30_000))
usual = st.integers(0, 9).map(lambda chance: chance > 0)


def seldom(often: st.SearchStrategy[Any], otherwise: st.SearchStrategy[Any]) -> Any:
    """One of ten is otherwise: too many would hide behind each other."""
    return usual.flatmap(lambda is_usual: often if is_usual else otherwise)


names = st.sampled_from((*OURS, *OTHERS)) | texts
tables = st.dictionaries(names, seldom(values, large | strange), max_size=6)
encodings = st.sampled_from((None, None, None, "gzip", "deflate", "identity", "br", "GZIP", "\x00"))
answers = st.sampled_from((None, ANSWERS, f"{ANSWERS}.x", "amq.gen-1", "answers", "#"))
properties = st.builds(
    Properties,
    message_id=seldom(st.none() | texts, short),
    type=st.sampled_from(("Placed", "Placed", "Cancelled", "Told", "Other", None, "\x1b[2J", "")),
    content_type=st.none() | short,
    content_encoding=encodings,
    correlation_id=st.none() | short,
    reply_to=answers,
    timestamp=st.none() | times,
    priority=st.sampled_from((None, 0, 4, 255, 256, -1)),
    app_id=st.none() | short,
)
wrong_values: st.SearchStrategy[Any] = st.sampled_from(
    (7, True, b"x", 1.5, ["x"], {}, object(), "x")
)


def with_wrong(good: Properties, name: str, value: Any) -> Properties:
    """Properties of which one has a value of any type."""
    return replace(good, **{name: value})


wrong = st.builds(with_wrong, properties, st.sampled_from(Properties.__slots__), wrong_values)
terms = st.none() | st.builds(
    Terms,
    expiration=seldom(st.sampled_from((None, 60_000, 2**32 - 1, 2**32, -1)), wrong_values),
    persistent=st.booleans(),
)
GOOD, FAILS = b'{"fails":false}', b'{"fails":true}'
bodies = st.sampled_from(
    (
        *(
            GOOD,
            GOOD,
            GOOD,
            FAILS,
            FAILS,
            b"{}",
            b"",
            b"null",
            b"[]",
            b'{"fails":1}',
            b"\xef\xbb\xbf{}",
        ),
        *(gzip.compress(GOOD), zlib.compress(GOOD), gzip.compress(b"\0" * 1_000_000), b"\x1f\x8b"),
        *(
            b"\x00Sw\xa1\x0f" + GOOD,
            b"\x00Su\xa0\x0f" + GOOD,
            b"\x00Sw\xb1\xff",
            b"\x00Sw" + b"\xd0" * 9,
        ),
        *(b"[" * 100_000, b'{"fails":"\\ud800"}', b'{"fails":false,"more":' + b"9" * 5_000 + b"}"),
    )
) | st.binary(max_size=20)
given = st.builds(
    Given,
    body=bodies,
    properties=seldom(properties, wrong),
    headers=tables,
    terms=terms,
    to=st.sampled_from(("topic", "topic", "queue", "other.1", "other.x", "nobody", "")),
    delay=st.sampled_from((0.0, 0.0, 0.0, 0.0, 0.1)),
    bare=st.sampled_from((False, False, False, True)),
)


def long(kind: bytes, value: bytes) -> bytes:
    """A value that says how long it is."""
    return kind + struct.pack(">I", len(value)) + value


def fixed(kind: bytes, layout: str, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Values of one size, with the octet of their type."""
    return numbers.map(lambda number: kind + struct.pack(f">{layout}", number))


def whole(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    """Whole numbers of so many bits."""
    half = 2 ** (bits - 1)
    return st.integers(-half, half - 1) if signed else st.integers(0, 2 * half - 1)


seconds = st.integers(0, 253_402_300_799) | st.integers(1_600_000_000_000, 1_900_000_000_000)
octets = st.binary(max_size=8) | st.text(max_size=6).map(str.encode)
wire_names = (st.sampled_from((*OURS, *OTHERS[2:])) | st.text(max_size=6)).map(
    lambda name: name.encode("utf-8", "replace")
)
scalars = st.one_of(
    fixed(b"t", "?", st.booleans()),
    fixed(b"b", "b", whole(8, signed=True)),
    fixed(b"B", "B", whole(8, signed=False)),
    fixed(b"s", "h", whole(16, signed=True)),
    fixed(b"u", "H", whole(16, signed=False)),
    fixed(b"I", "i", whole(32, signed=True)),
    fixed(b"i", "I", whole(32, signed=False)),
    fixed(b"l", "q", whole(64, signed=True)),
    fixed(b"f", "f", st.floats(width=32, allow_nan=False, allow_infinity=False)),
    fixed(b"d", "d", st.floats(allow_nan=False, allow_infinity=False)),
    fixed(b"T", "Q", seconds),
    st.builds(
        lambda scale, mantissa: b"D" + struct.pack(">BI", scale, mantissa),
        whole(8, signed=False),
        st.integers(0, 2**31 - 1),
    ),
    octets.map(lambda value: long(b"S", value)),
    octets.map(lambda value: long(b"x", value)),
    st.just(b"V"),
)


def fields(values: st.SearchStrategy[bytes], most: int) -> st.SearchStrategy[bytes]:
    """The fields of a table; no name comes twice, of which brokers keep the first or the last."""
    each = st.tuples(wire_names, values)
    some = st.lists(each, max_size=most, unique_by=lambda field: field[0])
    return some.map(lambda all_: b"".join(bytes((len(n),)) + n + value for n, value in all_))


wire_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(lambda some: long(b"A", b"".join(some)))
    | fields(inner, 3).map(lambda some: long(b"F", some)),
    max_leaves=6,
)
wire_tables = fields(wire_values, 6)
"""Header tables as a stranger's client writes them: every type that RabbitMQ takes."""
