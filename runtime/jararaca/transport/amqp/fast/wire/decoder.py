"""The frame decoder: walks the broker's byte stream; frames of owned channels are ours, no I/O."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from jararaca.transport.amqp.fast.wire.tables import FrameError

METHOD = 1
HEADER = 2
BODY = 3
FRAME_END = 0xCE
HEAD = struct.Struct(">BHI")
END_AND_HEAD = struct.Struct(">BBHI")
OVERHEAD = 8
"""Bytes of a frame around its payload: seven before it, the end octet after it."""

MAX_FRAME = 1 << 27
"""The largest frame taken from a broker that sets no frame_max (RabbitMQ's default is 128 KiB)."""

MAX_BODY = 1 << 29
"""The largest body: RabbitMQ's own ceiling for max_message_size, 512 MiB."""

DELIVER = b"\x00\x3c\x00\x3c"
RETURN = b"\x00\x3c\x00\x32"
GET_OK = b"\x00\x3c\x00\x47"
WITH_CONTENT = frozenset((DELIVER, RETURN, GET_OK))

_SIZE = struct.Struct(">Q")


class FrameReceiver(Protocol):
    """Receives the frames of one owned channel."""

    def on_method(self, method: bytes) -> None:
        """A method without content: its payload, class and method numbers first."""

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        """A method with its content header's payload and its whole body."""

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        """A basic.deliver with its content header's payload and its whole body."""


class FrameAssembler:
    """Puts the frames of one channel together: a method, its header, its body's pieces."""

    __slots__ = ("_content", "_left", "_method", "_pieces", "_receiver", "deliver")

    def __init__(self, receiver: FrameReceiver) -> None:
        self._receiver = receiver
        self.deliver = receiver.on_delivery
        self._method: bytes | None = None
        self._content: bytes | None = None
        self._left = 0
        self._pieces: list[bytes] = []

    @property
    def idle(self) -> bool:
        """Whether no method waits for its content."""
        return self._method is None

    def frame(self, kind: int, payload: bytes) -> None:
        """Take one frame's payload. Raises FrameError for a frame out of its turn."""
        if kind == BODY:
            self._body(payload)
        elif kind == HEADER:
            self._header(payload)
        elif kind != METHOD or self._method is not None or len(payload) < 4:
            raise FrameError(f"frame type {kind} out of turn")
        elif payload[:4] in WITH_CONTENT:
            self._method = payload
        else:
            self._receiver.on_method(payload)

    def _header(self, payload: bytes) -> None:
        if self._method is None or self._content is not None or len(payload) < 14:
            raise FrameError("a content header out of turn")
        size: int = _SIZE.unpack_from(payload, 4)[0]
        if size > MAX_BODY:
            raise FrameError(f"a body of {size} bytes")
        if size:
            self._content, self._left = payload, size
        else:
            method, self._method = self._method, None
            self._whole(method, payload, b"")

    def _body(self, payload: bytes) -> None:
        method, content = self._method, self._content
        left = self._left - len(payload)
        if method is None or content is None or left < 0:
            raise FrameError("a body frame out of turn, or more body than announced")
        if left:
            self._left = left
            if payload:
                self._pieces.append(payload)
            return
        if self._pieces:
            payload = b"".join((*self._pieces, payload))
            self._pieces.clear()
        self._method = self._content = None
        self._whole(method, content, payload)

    def _whole(self, method: bytes, content: bytes, body: bytes) -> None:
        if method[:4] == DELIVER:
            self.deliver(method, content, body)
        else:
            self._receiver.on_content(method, content, body)


class Decoder:
    """Takes slices of the stream as they come, whatever their size.

    `pass_on` gets the frames of channels that nobody owns, whole, untouched and in order.
    """

    def __init__(self, pass_on: Callable[[bytes], None]) -> None:
        self._pass_on = pass_on
        self._inboxes: dict[int, FrameAssembler] = {}
        self._held: list[bytes] = []
        self._have = 0
        self._need = 0
        self.max_frame = MAX_FRAME

    def own(self, channel: int, receiver: FrameReceiver) -> None:
        """Hand the frames of a channel to `receiver` from now on."""
        self._inboxes[channel] = FrameAssembler(receiver)

    def disown(self, channel: int) -> None:
        """Pass the frames of a channel on again."""
        self._inboxes.pop(channel, None)

    @property
    def held(self) -> int:
        """Bytes kept of a frame that has not come whole: less than one frame."""
        return self._have

    def feed(self, data: bytes) -> None:
        """Decode what is whole and keep the rest. Raises FrameError; then the stream is lost."""
        if self._need:
            joined = self._joined(data)
            if joined is None:
                return
            data = joined
        position = foreign = 0
        end = len(data)
        need = 7
        unpack, inboxes = HEAD.unpack_from, self._inboxes
        while end - position >= 7:
            kind, channel, size = unpack(data, position)
            after = position + size + 8
            if after > end:
                need = self._checked(size, kind) + OVERHEAD
                break
            if data[after - 1] != FRAME_END:
                raise FrameError(f"a frame of {size} bytes does not end in its end octet")
            inbox = inboxes.get(channel)
            if inbox is not None:
                if foreign < position:
                    self._pass_on(data[foreign:position])
                if kind == METHOD and data.startswith(DELIVER, position + 7):
                    whole = self._delivered(inbox, data, position, after)
                    if whole:
                        foreign = position = whole
                        continue
                foreign = after
                inbox.frame(kind, data[position + 7 : after - 1])
            position = after
        if foreign < position:
            self._pass_on(data[foreign:position])
        if position < end:
            self._hold(data[position:], need)

    @staticmethod
    def _delivered(inbox: FrameAssembler, data: bytes, start: int, header: int) -> int:
        """Hand over a delivery whose three frames stand in `data`, and where they end.

        0, and nothing done, for one that is anything else: that goes frame by frame.
        """
        if header + OVERHEAD > len(data):
            return 0
        kind, channel, size = HEAD.unpack_from(data, header)
        body = header + size + OVERHEAD
        if kind != HEADER or size < 14 or body + OVERHEAD > len(data):
            return 0
        end_of_header, kind_of_body, channel_of_body, length = END_AND_HEAD.unpack_from(
            data, body - 1
        )
        end: int = body + length + OVERHEAD
        if (
            end > len(data)
            or kind_of_body != BODY
            or not length
            or not channel == channel_of_body == int.from_bytes(data[start + 1 : start + 3])
            or not end_of_header == data[end - 1] == FRAME_END
            or length != int.from_bytes(data[header + 11 : header + 19])
            or not inbox.idle
        ):
            return 0
        inbox.deliver(
            data[start + 7 : header - 1], data[header + 7 : body - 1], data[body + 7 : end - 1]
        )
        return end

    def _checked(self, size: int, kind: int) -> int:
        # The broker's own `x-death` may lift a header over what it has agreed to itself.
        if size + OVERHEAD > (MAX_FRAME if kind == HEADER else self.max_frame):
            raise FrameError(f"a frame of {size} bytes, and {self.max_frame} were agreed on")
        return size

    def _hold(self, rest: bytes, need: int) -> None:
        self._held.append(rest)
        self._have, self._need = len(rest), need

    def _joined(self, data: bytes) -> bytes | None:
        """What is held with the new slice, joined once when the frame begun is whole."""
        self._held.append(data)
        self._have += len(data)
        if self._have < self._need:
            return None
        joined = b"".join(self._held)
        self._held.clear()
        self._have = self._need = 0
        return joined
