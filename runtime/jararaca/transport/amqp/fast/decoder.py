"""The frame decoder: walks the broker's byte stream; frames of owned channels are ours, no I/O."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from jararaca.transport.amqp.fast.tables import FrameError

METHOD = 1
HEADER = 2
BODY = 3
FRAME_END = 0xCE
HEAD = struct.Struct(">BHI")
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


class Receiver(Protocol):
    """What is told of the frames of one owned channel."""

    def on_method(self, method: bytes) -> None:
        """A method without content: its payload, class and method numbers first."""

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        """A method with its content header's payload and its whole body."""


class Inbox:
    """Puts the frames of one channel together: a method, its header, its body's pieces."""

    __slots__ = ("_content", "_left", "_method", "_pieces", "_receiver")

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._method: bytes | None = None
        self._content: bytes | None = None
        self._left = 0
        self._pieces: list[bytes] = []

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
            self._receiver.on_content(method, payload, b"")

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
        self._receiver.on_content(method, content, payload)


class Decoder:
    """Takes slices of the stream as they come, whatever their size.

    `pass_on` gets the frames of channels that nobody owns, whole, untouched and in order.
    """

    def __init__(self, pass_on: Callable[[bytes], None]) -> None:
        self._pass_on = pass_on
        self._inboxes: dict[int, Inbox] = {}
        self._held: list[bytes] = []
        self._have = 0
        self._need = 0
        self.max_frame = MAX_FRAME

    def own(self, channel: int, receiver: Receiver) -> None:
        """Hand the frames of a channel to `receiver` from now on."""
        self._inboxes[channel] = Inbox(receiver)

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
                need = self._checked(size) + OVERHEAD
                break
            if data[after - 1] != FRAME_END:
                raise FrameError(f"a frame of {size} bytes does not end in its end octet")
            inbox = inboxes.get(channel)
            if inbox is not None:
                if foreign < position:
                    self._pass_on(data[foreign:position])
                foreign = after
                inbox.frame(kind, data[position + 7 : after - 1])
            position = after
        if foreign < position:
            self._pass_on(data[foreign:position])
        if position < end:
            self._hold(data[position:], need)

    def _checked(self, size: int) -> int:
        if size + OVERHEAD > self.max_frame:
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
