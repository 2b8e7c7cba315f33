"""The frame decoder at its edges: each length that is just taken, and the next that is not."""

from __future__ import annotations

import pytest
from jararaca.transport.amqp.fast.wire.decoder import (
    BODY,
    DELIVER,
    FRAME_END,
    HEAD,
    HEADER,
    MAX_BODY,
    MAX_FRAME,
    METHOD,
    OVERHEAD,
    RETURN,
    Decoder,
    FrameAssembler,
)
from jararaca.transport.amqp.fast.wire.tables import FrameError

OURS, AIORMQS = 5, 1
AGREED = 4096
CLOSE_OK = b"\x00\x14\x00\x29"


def frame(kind: int, payload: bytes, channel: int = OURS) -> bytes:
    return HEAD.pack(kind, channel, len(payload)) + payload + bytes((FRAME_END,))


def content_header(size: int) -> bytes:
    """The shortest there is: without a property."""
    return b"\x00\x3c\x00\x00" + size.to_bytes(8) + b"\x00\x00"


def message(body: bytes, method: bytes = DELIVER, channel: int = OURS) -> bytes:
    return (
        frame(METHOD, method + b"rest", channel)
        + frame(HEADER, content_header(len(body)), channel)
        + frame(BODY, body, channel)
    )


class Told:
    """A decoder with one channel of ours; what that is told, and what is passed on."""

    def __init__(self) -> None:
        self.methods: list[bytes] = []
        self.bodies: list[bytes] = []
        self.passed: list[bytes] = []
        self.decoder = Decoder(self.passed.append)
        self.decoder.max_frame = AGREED
        self.decoder.own(OURS, self)

    def on_method(self, method: bytes) -> None:
        self.methods.append(method)

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        assert method == RETURN + b"rest" and content == content_header(len(body))
        self.bodies.append(body)

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        assert method == DELIVER + b"rest" and content == content_header(len(body))
        self.bodies.append(body)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize("method", [DELIVER, RETURN])
def test_a_message_cut_in_two_anywhere_is_handed_over_with_its_last_octet(method: bytes) -> None:
    stream = frame(METHOD, CLOSE_OK) + message(b"abc", method)
    for cut in range(len(stream) + 1):
        told = Told()
        for before in range(2):
            assert told.decoder.held == 0
            told.decoder.feed(stream[:cut])
            assert len(told.bodies) == before + (cut == len(stream))
            told.decoder.feed(stream[cut:])
            assert told.methods == [CLOSE_OK] * (before + 1)
            assert told.bodies == [b"abc"] * (before + 1)
        assert told.decoder.held == 0 and told.passed == []


def test_a_whole_delivery_costs_one_call_wherever_it_stands(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FrameAssembler, "frame", lambda *_: pytest.fail("frame by frame"))
    told.decoder.feed(message(b"abc") * 2)
    told.decoder.feed(message(b"d", channel=AIORMQS) + message(b"e"))
    assert told.bodies == [b"abc", b"abc", b"e"]
    assert told.passed == [message(b"d", channel=AIORMQS)]


def test_a_body_in_pieces_is_joined_and_empty_pieces_are_no_harm(told: Told) -> None:
    start = frame(METHOD, DELIVER + b"rest") + frame(HEADER, content_header(4))
    for _ in range(2):
        told.decoder.feed(start + frame(BODY, b"ab") + frame(BODY, b"") + frame(BODY, b"c"))
        told.decoder.feed(frame(BODY, b"d"))
    told.decoder.feed(frame(METHOD, DELIVER + b"rest") + frame(HEADER, content_header(0)))
    told.decoder.feed(frame(METHOD, RETURN + b"rest") + frame(HEADER, content_header(0)))
    assert told.bodies == [b"abcd", b"abcd", b"", b""]


def test_nothing_is_passed_on_where_all_is_ours_and_all_where_nothing_is(told: Told) -> None:
    told.decoder.feed(frame(METHOD, CLOSE_OK) * 2)
    assert told.passed == []
    theirs = frame(METHOD, CLOSE_OK, AIORMQS)
    told.decoder.feed(theirs * 2 + frame(METHOD, CLOSE_OK) + theirs)
    assert told.passed == [theirs * 2, theirs]
    told.decoder.disown(OURS)
    told.decoder.feed(frame(METHOD, CLOSE_OK))
    assert told.passed[2:] == [frame(METHOD, CLOSE_OK)] and len(told.methods) == 3


def test_a_method_has_four_octets_at_the_least(told: Told) -> None:
    told.decoder.feed(frame(METHOD, CLOSE_OK))
    assert told.methods == [CLOSE_OK]
    with pytest.raises(FrameError, match="frame type 1 out of turn"):
        told.decoder.feed(frame(METHOD, CLOSE_OK[:3]))


def test_a_content_header_has_fourteen_octets_at_the_least(told: Told) -> None:
    told.decoder.feed(frame(METHOD, RETURN + b"rest"))
    with pytest.raises(FrameError, match="a content header out of turn"):
        told.decoder.feed(frame(HEADER, content_header(0)[:13]))


@pytest.mark.parametrize(
    "frames",
    [
        frame(HEADER, content_header(0)),
        frame(BODY, b"a"),
        frame(BODY, b""),
        frame(8, b"abcd"),
        frame(METHOD, DELIVER) + frame(METHOD, CLOSE_OK),
        frame(METHOD, DELIVER) + frame(BODY, b""),
        frame(METHOD, DELIVER) + frame(HEADER, content_header(1)) * 2,
        frame(METHOD, DELIVER) + frame(HEADER, content_header(1)) + frame(BODY, b"ab"),
    ],
)
def test_a_frame_out_of_its_turn_is_an_error(told: Told, frames: bytes) -> None:
    with pytest.raises(FrameError, match="out of turn"):
        told.decoder.feed(frames)
    assert told.bodies == []


def test_a_body_is_as_large_as_rabbitmqs_ceiling_and_no_larger(told: Told) -> None:
    assert MAX_BODY == 512 * 1024 * 1024
    told.decoder.feed(frame(METHOD, DELIVER) + frame(HEADER, content_header(MAX_BODY)))
    for size in (MAX_BODY + 1, 2**56 + 3, 2**63):
        other = Told()
        with pytest.raises(FrameError, match=f"a body of {size} bytes"):
            other.decoder.feed(
                frame(METHOD, DELIVER) + frame(HEADER, content_header(size)) + frame(BODY, b"abc")
            )


@pytest.mark.parametrize(
    ("kind", "most"), [(METHOD, AGREED), (BODY, AGREED), (HEADER, 128 * 1024 * 1024)]
)
def test_the_largest_frame_is_waited_for_and_one_octet_more_is_refused(
    kind: int, most: int
) -> None:
    """A header may be longer than agreed: RabbitMQ adds to it."""
    told = Told()
    told.decoder.feed(HEAD.pack(kind, OURS, most - OVERHEAD))
    assert told.decoder.held == 7
    with pytest.raises(FrameError, match=f"a frame of {most - 7} bytes, and {AGREED} were agreed"):
        Told().decoder.feed(HEAD.pack(kind, OURS, most - 7))


def test_a_frame_of_the_largest_size_comes_whole(told: Told) -> None:
    whole = frame(METHOD, CLOSE_OK + bytes(AGREED - OVERHEAD - 4))
    assert len(whole) == AGREED
    told.decoder.feed(whole[:-1])
    told.decoder.feed(whole[-1:])
    assert told.methods == [whole[7:-1]]


def test_without_an_agreement_a_frame_has_128_mib_at_the_most() -> None:
    assert Decoder(lambda _: None).max_frame == MAX_FRAME == 128 * 1024 * 1024


def test_each_frame_ends_in_its_end_octet(told: Told) -> None:
    for channel in (OURS, AIORMQS):
        with pytest.raises(FrameError, match="a frame of 4 bytes does not end in its end octet"):
            told.decoder.feed(frame(METHOD, CLOSE_OK, channel)[:-1] + b"\0")
    assert told.methods == told.passed == []
