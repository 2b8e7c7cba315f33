"""Frames of our own are what pamqp reads and writes, whatever a publication has and lacks."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from jararaca.transport import Properties, Publication, Terms, provenance
from jararaca.transport.amqp import fast
from jararaca.transport.amqp.fast import transport
from jararaca.transport.amqp.fast.acknowledgements import Acknowledgements
from jararaca.transport.amqp.fast.wire import content, frames, tables
from jararaca.transport.amqp.fast.wire.frames import PublishFrames
from jararaca.transport.amqp.fast.wire.tables import FrameError, encode_value
from jararaca.transport.timestamp import Timestamp
from pamqp import body, commands, frame, header

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
USUAL = Properties(
    message_id="id", type="placed", content_type="application/json", timestamp=MOMENT
)
ODD: dict[str, Any] = {
    "content_encoding": "gzip",
    "correlation_id": "c",
    "reply_to": "r",
    "priority": 0,
    "app_id": "a",
    "message_id": None,
    "type": None,
    "content_type": None,
    "timestamp": None,
}


def read(data: bytes) -> tuple[Any, Any, bytes]:
    """Method, content header and body of a publication; channel 7 throughout."""
    taken, channel, method = frame.unmarshal(data)
    size, also, head = frame.unmarshal(data[taken:])
    assert channel == also == 7 and isinstance(head, header.ContentHeader)
    text, at = b"", taken + size
    while at < len(data):
        size, channel, piece = frame.unmarshal(data[at:])
        assert channel == 7 and isinstance(piece, body.ContentBody) and piece.value is not None
        assert size <= 64
        text, at = text + piece.value, at + size
    assert head.body_size == len(text)
    return method, head.properties, text


def changed(**some: Any) -> Properties:
    given = {name: getattr(USUAL, name) for name in Properties.__dataclass_fields__}
    return Properties(**{**given, **some})


PROPERTIES = [
    USUAL,
    *(changed(**{name: value}) for name, value in ODD.items()),
    *(changed(**dict(pair)) for pair in itertools.combinations(ODD.items(), 2)),
]


@pytest.mark.parametrize("properties", PROPERTIES[:10])
@pytest.mark.parametrize("text", [b"", b"x", b"x" * 56, b"x" * 57, b"x" * 200])
def test_a_publication_is_read_as_it_was_written(properties: Properties, text: bytes) -> None:
    made = PublishFrames(7, 64)
    for _ in range(2):
        data = made.of(Publication("key", text, properties=properties, mandatory=True), "shop")
        method, found, came = read(data)
        assert isinstance(method, commands.Basic.Publish)
        assert (method.exchange, method.routing_key, method.mandatory) == ("shop", "key", True)
        assert came == text and found.delivery_mode == 2 and not found.headers
        assert found.message_type == properties.type
        for name in ("message_id", "content_type", "content_encoding", "correlation_id"):
            assert getattr(found, name) == getattr(properties, name)
        for name in ("reply_to", "priority", "app_id", "timestamp"):
            assert getattr(found, name) == getattr(properties, name)


@pytest.mark.parametrize("properties", PROPERTIES)
def test_what_is_written_quickly_is_what_is_written_slowly(properties: Properties) -> None:
    made = content.ContentHeaders()
    for size in (0, 1, 70_000):
        assert made.of(properties, {}, size) == content.write(properties, {}, size)
        assert made.of(properties, {"h": 1}, size) == content.write(properties, {"h": 1}, size)
        terms = Terms(expiration=5)
        slow = content.write(properties, {}, size, terms)
        assert made.of(properties, {}, size, terms) == slow


def test_each_publication_has_its_own_time() -> None:
    made = content.ContentHeaders()
    for second in (1, 1, 2, 1):
        properties = changed(timestamp=datetime.fromtimestamp(second, UTC))
        assert made.of(properties, {}, 1) == content.write(properties, {}, 1)


def test_what_is_kept_of_classes_and_methods_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAX_CLASSES", 2)
    monkeypatch.setattr(frames, "MAX_CACHED", 2)
    made = PublishFrames(7, 64)
    for number in range(5):
        properties = changed(type=f"t{number}")
        method, found, _ = read(made.of(Publication(f"k{number}", b"", properties=properties), ""))
        assert (method.routing_key, found.message_type) == (f"k{number}", f"t{number}")
        assert 1 <= len(made._methods) <= 2 and 1 <= len(made._headers._classes) <= 2


def test_mandatory_and_key_are_not_taken_from_another_publication() -> None:
    made = PublishFrames(7, 64)
    for exchange, key, mandatory in itertools.product(("", "e"), ("a", "b"), (False, True)):
        method, *_ = read(made.of(Publication(key, b"", mandatory=mandatory), exchange))
        assert (method.exchange, method.routing_key, method.mandatory) == (exchange, key, mandatory)


@pytest.mark.parametrize("payload", [b"", b"\0\x3c\0", b"\xff\xff\xff\xff"])
def test_bytes_that_are_no_method_are_told(payload: bytes) -> None:
    with pytest.raises(FrameError, match="a method that cannot be read"):
        frames.decoded(payload)


def test_what_came_back_is_read_and_nothing_else_is_taken_for_it() -> None:
    back = commands.Basic.Return(312, "NO_ROUTE", "e", "key")
    assert frames.returned(frames.method(back, 1)[7:-1]) == ("312 NO_ROUTE", "key")
    with pytest.raises(FrameError, match="where a basic.return was due"):
        frames.returned(frames.method(commands.Basic.Ack(1), 1)[7:-1])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.5"), b"D\1\0\0\0\x0f"),
        (Decimal("15"), b"D\0\0\0\0\x0f"),
        (Decimal("-2E+1"), b"D\0\xff\xff\xff\xec"),
        (Decimal(2**31 - 1), b"D\0\x7f\xff\xff\xff"),
        (Decimal(-(2**31)), b"D\0\x80\0\0\0"),
        (2**31 - 1, b"I\x7f\xff\xff\xff"),
        (2**31, b"l\0\0\0\0\x80\0\0\0"),
        (-(2**31) - 1, b"l\xff\xff\xff\xff\x7f\xff\xff\xff"),
        (-(2**63), b"l\x80\0\0\0\0\0\0\0"),
        (True, b"t\1"),
        (False, b"t\0"),
        (None, b"V"),
        ("ä", b"S\0\0\0\2\xc3\xa4"),
    ],
)
def test_values_are_written_to_the_bit(value: Any, written: bytes) -> None:
    assert encode_value(value) == written


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, Decimal(2**31), Decimal("1e-256"), Decimal("NaN"), Decimal("Infinity")],
)
def test_what_no_field_holds_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        encode_value(value)


def test_what_is_no_value_of_amqp_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match="no AMQP header can hold a set"):
        encode_value({1})


def test_a_short_string_has_255_bytes_and_no_more() -> None:
    assert content.short("x" * 255) == b"\xff" + b"x" * 255
    with pytest.raises(TypeError, match="at most 255 bytes"):
        content.short("x" * 256)


def test_headers_are_decoded_when_they_are_asked_for() -> None:
    given = {"a": 1, "b": "two"}
    for first in ("__repr__", "__len__", "keys", "items"):
        found = content.headers_of(content.write(USUAL, given, 0))
        getattr(found, first)()
        assert "a" in found and "c" not in found and found["b"] == "two"
        assert repr(found) == repr(given) and dict(found) == given and len(found) == 2


def test_nothing_of_a_channel_that_is_gone_is_sent() -> None:
    acks = Acknowledgements(1, lambda _: None)
    for tag in (1, 2, 3):
        acks.delivered(tag)
    acks.ack(1)
    acks.requeue(2)
    acks.close()
    assert acks.collect() == b"" and acks.open == 0 and not acks.holds(3)


def test_a_table_that_cannot_be_read_says_why_to_whom_a_delivery_is_shown() -> None:
    given = content.write(USUAL, {"hh": 1}, 0)
    broken = given.replace(b"\2hhI", b"\2hh?")
    assert broken != given
    found = content.headers_of(broken)
    assert found.get("absent", 7) == 7, "nothing is decoded for a name that is nowhere in it"
    assert "unknown field type" in str(found.get(provenance.UNREADABLE))
    assert list(found) == [provenance.UNREADABLE] and "hh" not in found
    with pytest.raises(FrameError, match="unknown field type"):
        dict(content.read(broken)[1])


@pytest.mark.parametrize("encoding", [None, "gzip"])
@pytest.mark.parametrize("kind", [None, "application/json"])
def test_headers_are_found_behind_what_stands_before_them(
    encoding: str | None, kind: str | None
) -> None:
    properties = changed(content_type=kind, content_encoding=encoding)
    for given in ({"a": 1}, {"a": {"b": [1, 2]}, "c": "x" * 300}):
        assert dict(content.headers_of(content.write(properties, given, 0))) == given
    assert content.headers_of(content.write(properties, {}, 0)) is content.NO_HEADERS


def test_more_words_of_flags_are_stepped_over() -> None:
    """AMQP allows further words; no property of today's is in them."""
    given = content.write(USUAL, {"a": 1}, 5, Terms(user_id="guest"))
    flags = int.from_bytes(given[12:14]) | content.MORE
    for words in (b"\0\0", b"\0\1\0\0", b"\0\1\0\1\0\0"):
        longer = given[:12] + flags.to_bytes(2) + words + given[14:]
        properties, found = content.read(longer)
        assert properties == USUAL and dict(found) == {"a": 1}
        assert dict(content.headers_of(longer)) == {"a": 1}
        assert content.user_id_of(longer) == "guest"


def test_a_property_that_ends_too_soon_is_told() -> None:
    whole = content.write(changed(app_id="app"), {}, 0)
    assert content.read(whole)[0].app_id == "app"
    for reading in (content.read, content.user_id_of):
        for end in range(13, len(whole)):
            with pytest.raises(FrameError, match=r"ends too soon|longer than its frame"):
                reading(whole[:end])


def test_tables_lie_in_each_other_64_deep_and_no_deeper() -> None:
    for inner, wrapped in (({}, lambda each: {"t": each}), ([], lambda each: [each])):
        value: Any = inner
        for _ in range(tables.MAX_DEPTH - 1):
            value = wrapped(value)
        assert tables.decode_table(tables.encode_table({"a": value})) == {"a": value}
        with pytest.raises(FrameError, match="nested deeper than 64"):
            tables.decode_table(tables.encode_table({"a": wrapped(value)}))


def test_the_transport_is_imported_when_it_is_asked_for() -> None:
    assert fast.FastTransport is transport.FastTransport
    with pytest.raises(AttributeError, match="SlowTransport"):
        fast.SlowTransport  # noqa: B018


def test_seconds_end_with_the_year_9999_and_what_is_above_them_are_milliseconds() -> None:
    moment = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    last = int(moment.timestamp())
    assert tables.timestamp(last) == moment
    assert tables.timestamp(last + 1) == datetime.fromtimestamp((last + 1) / 1000, UTC)
    assert tables.timestamp(last * 1000) == moment
    for latest in (moment, datetime.max.replace(tzinfo=UTC), datetime.max):
        assert tables.seconds_of(latest) == last
    assert isinstance(tables.timestamp(2**64 - 1), Timestamp)
