"""The frame decoder agrees with pamqp's decoding, however the stream is cut, and never crashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import pairwise
from typing import Any

import pamqp.frame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jararaca.transport.amqp.fast.wire.content import headers_of, read
from jararaca.transport.amqp.fast.wire.decoder import DELIVER, Decoder
from jararaca.transport.amqp.fast.wire.delivery import delivery_of
from jararaca.transport.amqp.fast.wire.tables import FrameError
from pamqp import body, commands, header, heartbeat

OWNED = (5, 6)
FOREIGN = (0, 1, 2)

short = st.text(max_size=20)
key = st.text(min_size=1, max_size=10)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=30),
    st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1970 < moment.year < 2100),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=1000, places=3),
    st.binary(max_size=10).map(bytearray),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(key, values, max_size=4)
properties = st.builds(
    commands.Basic.Properties,
    content_type=st.none() | short,
    content_encoding=st.none() | short,
    headers=st.none() | tables,
    delivery_mode=st.sampled_from([None, 1, 2]),
    priority=st.none() | st.integers(0, 255),
    correlation_id=st.none() | short,
    reply_to=st.none() | short,
    expiration=st.none() | short,
    message_id=st.none() | short,
    message_type=st.none() | short,
    user_id=st.none() | short,
    app_id=st.none() | short,
)
delivers = st.builds(
    commands.Basic.Deliver,
    consumer_tag=short,
    delivery_tag=st.integers(1, 2**63 - 1),
    redelivered=st.booleans(),
    exchange=st.text("abc.-", max_size=10),
    routing_key=short,
)


@st.composite
def contents(draw: st.DrawFn, channel: int) -> list[bytes]:
    """A delivery's frames: method, header, and a body cut into any pieces."""
    deliver, props, payload = draw(delivers), draw(properties), draw(st.binary(max_size=300))
    cuts = draw(st.lists(st.integers(0, len(payload)), max_size=4))
    edges = [0, *sorted(cuts), len(payload)]
    pieces = [payload[a:b] for a, b in pairwise(edges) if a < b]
    head = header.ContentHeader(0, len(payload), props)
    frames: list[Any] = [deliver, head, *(body.ContentBody(piece) for piece in pieces)]
    return [pamqp.frame.marshal(each, channel) for each in frames]


plain = st.sampled_from(
    [
        commands.Basic.Ack(7, True),
        commands.Basic.Cancel("tag", True),
        commands.Basic.ConsumeOk("tag"),
        commands.Channel.Close(404, "NOT_FOUND", 60, 40),
        commands.Queue.DeclareOk("q", 1, 2),
    ]
)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Frames of several channels in between each other; each channel's own order is kept."""
    queues: list[list[bytes]] = []
    for channel in (*OWNED, *FOREIGN[1:]):
        frames: list[bytes] = []
        for _ in range(draw(st.integers(0, 3))):
            if draw(st.booleans()):
                frames += draw(contents(channel))
            else:
                frames.append(pamqp.frame.marshal(draw(plain), channel))
        queues.append(frames)
    queues.append([pamqp.frame.marshal(heartbeat.Heartbeat(), 0)] * draw(st.integers(0, 2)))
    stream = []
    while any(queues):
        stream.append(draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    return stream


class Recorder:
    """Keeps what a channel's receiver is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, ...]] = []

    def on_method(self, method: bytes) -> None:
        self.seen.append((method,))

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        assert method[:4] != DELIVER
        self.seen.append((method, content, body))

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        assert method[:4] == DELIVER
        self.seen.append((method, content, body))


def sliced(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return (data[a:b] for a, b in pairwise(edges))


def decoded(slices: Iterator[bytes]) -> tuple[dict[int, Recorder], bytes]:
    passed: list[bytes] = []
    decoder = Decoder(passed.append)
    recorders = {channel: Recorder() for channel in OWNED}
    for channel, recorder in recorders.items():
        decoder.own(channel, recorder)
    for piece in slices:
        decoder.feed(piece)
    assert decoder.held == 0
    return recorders, b"".join(passed)


def by_pamqp(stream: list[bytes], channel: int) -> list[tuple[Any, ...]]:
    """What aiormq would make of the frames of a channel."""
    found: list[tuple[Any, ...]] = []
    for data in stream:
        _, number, frame = pamqp.frame.unmarshal(data)
        if number != channel:
            continue
        if isinstance(frame, header.ContentHeader):
            found[-1] = (*found[-1], frame, b"")
        elif isinstance(frame, body.ContentBody):
            found[-1] = (*found[-1][:2], found[-1][2] + frame.value)
        else:
            found.append((frame,))
    return found


def channel_of(data: bytes) -> int:
    return int.from_bytes(data[1:3])


@settings(max_examples=150, deadline=None)
@given(streams(), st.lists(st.integers(0, 10_000), max_size=20))
def test_any_stream_in_any_slices_is_decoded_as_pamqp_decodes_it(
    stream: list[bytes], cuts: list[int]
) -> None:
    recorders, passed = decoded(sliced(b"".join(stream), cuts))
    assert passed == b"".join(data for data in stream if channel_of(data) not in OWNED)
    for channel, recorder in recorders.items():
        expected = by_pamqp(stream, channel)
        assert len(recorder.seen) == len(expected)
        for ours, theirs in zip(recorder.seen, expected, strict=True):
            if ours[0][:4] == DELIVER:
                assert_same_delivery(ours, theirs)
            else:
                assert ours[0][4:] == theirs[0].marshal()


def assert_same_delivery(ours: tuple[bytes, ...], theirs: tuple[Any, ...]) -> None:
    deliver, head, payload = theirs
    delivery = delivery_of("q", ours[0], ours[1], ours[2], "ledger")
    assert delivery.token == ("ledger", deliver.delivery_tag)
    assert delivery.exchange == deliver.exchange
    assert delivery.routing_key == deliver.routing_key
    assert delivery.redelivered == deliver.redelivered
    assert delivery.body == payload
    found, props = delivery.properties, head.properties
    assert found.message_id == props.message_id
    assert found.type == props.message_type
    assert found.content_type == props.content_type
    assert found.content_encoding == props.content_encoding
    assert found.correlation_id == props.correlation_id
    assert found.reply_to == props.reply_to
    assert found.priority == props.priority
    assert found.app_id == props.app_id
    assert dict(delivery.headers) == (props.headers or {})
    assert dict(replace(delivery, routing_key="other").headers) == (props.headers or {})
    assert dict(headers_of(ours[1])) == dict(read(ours[1])[1]) == (props.headers or {})


@given(streams())
@settings(max_examples=20, deadline=None)
def test_a_stream_that_comes_byte_by_byte_is_the_same_stream(stream: list[bytes]) -> None:
    whole = b"".join(stream)
    at_once, passed = decoded(iter([whole]))
    slowly = decoded(whole[n : n + 1] for n in range(len(whole)))
    assert passed == slowly[1]
    assert [r.seen for r in at_once.values()] == [r.seen for r in slowly[0].values()]


class Reading(Recorder):
    """Reads all that a delivery has, as a handler may."""

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        delivery = delivery_of("q", method, content, body, None)
        assert delivery.properties is not None
        dict(delivery.headers)


@settings(max_examples=500, deadline=None)
@given(streams(), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=6), st.data())
def test_a_damaged_stream_raises_our_error_or_none_and_keeps_less_than_a_frame(
    stream: list[bytes], damages: list[tuple[int, int]], data: st.DataObject
) -> None:
    damaged = bytearray(b"".join(stream) or b"\x01")
    for position, octet in damages:
        damaged[position % len(damaged)] = octet
    decoder = Decoder(lambda _: None)
    decoder.max_frame = 4096
    for channel in OWNED:
        decoder.own(channel, Reading())
    cuts = data.draw(st.lists(st.integers(0, len(damaged)), max_size=8))
    try:
        for piece in sliced(bytes(damaged), cuts):
            decoder.feed(piece)
            assert decoder.held <= 4096
    except FrameError:
        pass


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_noise_raises_our_error_or_none(noise: bytes) -> None:
    decoder = Decoder(lambda _: None)
    for channel in range(4):
        decoder.own(channel, Reading())
    try:
        decoder.feed(noise)
        decoder.feed(noise)
    except FrameError:
        pass


def test_a_frame_larger_than_agreed_is_refused_before_it_has_come() -> None:
    decoder = Decoder(lambda _: None)
    decoder.max_frame = 131_072
    with pytest.raises(FrameError, match="agreed"):
        decoder.feed(b"\x03\x00\x05" + (2_000_000).to_bytes(4) + b"body")


def test_a_body_of_many_frames_is_joined_with_another_channel_in_between() -> None:
    payload = bytes(range(256)) * 4096
    pieces = [payload[at : at + 131_064] for at in range(0, len(payload), 131_064)]
    other = pamqp.frame.marshal(commands.Basic.Ack(1), 1)
    head = header.ContentHeader(0, len(payload), commands.Basic.Properties())
    stream = pamqp.frame.marshal(commands.Basic.Deliver("t", 1, False, "", "k"), 5)
    stream += pamqp.frame.marshal(head, 5)
    for piece in pieces:
        stream += other + pamqp.frame.marshal(body.ContentBody(piece), 5)
    recorders, passed = decoded(stream[n : n + 65_536] for n in range(0, len(stream), 65_536))
    assert recorders[5].seen[0][2] == payload
    assert passed == other * len(pieces)


OTHER = OWNED[1]


def pieces(channel: int = OWNED[0], size: int = 3, content: bytes = b"abc") -> list[bytes]:
    """The three frames of a small delivery."""
    properties = header.ContentHeader(0, size, commands.Basic.Properties())
    return [
        pamqp.frame.marshal(commands.Basic.Deliver("tag", 1, False, "", "q"), channel),
        pamqp.frame.marshal(properties, channel),
        pamqp.frame.marshal(body.ContentBody(content), channel),
    ]


def broken(what: str) -> bytes:
    """A delivery that looks whole and is not, in one slice."""
    method, head, whole = pieces()
    match what:
        case "the header's end octet":
            head = head[:-1] + b"\0"
        case "the body's end octet":
            whole = whole[:-1] + b"\0"
        case "a header of another channel":
            head = pieces(OTHER)[1]
        case "a body of another channel":
            whole = pieces(OTHER)[2]
        case "more body than announced":
            whole = pieces(content=b"abcd")[2]
        case "a body where none was announced":
            head = pieces(size=0)[1]
        case "an empty body where none was announced":
            head, whole = pieces(size=0, content=b"")[1:]
        case "a method that still waits for its content":
            method = method + method
    return method + head + whole


@pytest.mark.parametrize(
    "what",
    [
        "the header's end octet",
        "the body's end octet",
        "a header of another channel",
        "a body of another channel",
        "more body than announced",
        "a body where none was announced",
        "an empty body where none was announced",
        "a method that still waits for its content",
    ],
)
def test_a_delivery_that_only_looks_whole_is_an_error_and_not_handed_over(what: str) -> None:
    decoder, recorders = Decoder(lambda _: None), {channel: Recorder() for channel in OWNED}
    for channel, recorder in recorders.items():
        decoder.own(channel, recorder)
    with pytest.raises(FrameError):
        decoder.feed(broken(what))
    handed = [seen for recorder in recorders.values() for seen in recorder.seen]
    assert not any(seen[-1] == b"abc" for seen in handed)


def test_a_delivery_of_less_body_than_announced_waits_for_the_rest() -> None:
    decoder, recorder = Decoder(lambda _: None), Recorder()
    decoder.own(OWNED[0], recorder)
    method, head, half = pieces(size=6)
    decoder.feed(method + head + half)
    assert recorder.seen == []
    decoder.feed(half)
    assert [seen[2] for seen in recorder.seen] == [b"abcabc"]
