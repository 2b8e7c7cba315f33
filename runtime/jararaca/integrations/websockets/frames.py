"""What goes to a client, and what goes between processes: a frame with the rooms that it is for."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from jararaca.errors import DecodeError
from jararaca.messages.base_message import reasons
from jararaca.messages.websocket_message import WebSocketMessage

Frame = str | bytes
"""A text frame or a binary one."""

HEAD = struct.Struct(">I")
"""The length of an envelope's head, in bytes: what follows it may hold any byte."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame on its way to the clients of some rooms; `rooms` None stands for every client."""

    frame: Frame
    rooms: tuple[str, ...] | None

    def __post_init__(self) -> None:
        """Raises ValueError for rooms that are no texts."""
        if not all(isinstance(room, str) for room in self.rooms or ()):
            raise ValueError(f"rooms must be strings, got {self.rooms!r}")

    def pack(self) -> bytes:
        """The envelope as bytes."""
        is_text = isinstance(self.frame, str)
        head = json.dumps({"rooms": self.rooms, "text": is_text}).encode()
        body = self.frame.encode() if isinstance(self.frame, str) else self.frame
        return HEAD.pack(len(head)) + head + body

    @classmethod
    def unpack(cls, data: bytes) -> Envelope:
        """The envelope in these bytes. Raises ValueError for others."""
        try:
            (length,) = HEAD.unpack_from(data)
            head = json.loads(data[HEAD.size : HEAD.size + length])
            rooms, body = head["rooms"], data[HEAD.size + length :]
            frame = body.decode() if head["text"] else body
            return cls(frame, None if rooms is None else tuple(rooms))
        except (struct.error, KeyError, TypeError, RecursionError) as error:
            raise ValueError("these bytes are not an envelope") from error


def frame_of(message: WebSocketMessage | Frame) -> Frame:
    """What is sent for a message; a text or bytes are sent as they are."""
    return message.frame() if isinstance(message, WebSocketMessage) else message


def message_in(frame: Frame, known: Mapping[str, type[WebSocketMessage]]) -> WebSocketMessage:
    """The message in a client's frame, of those that it may send, by name. Raises DecodeError."""
    try:
        content: Any = from_json(frame, allow_inf_nan=False)
    except ValueError:
        raise DecodeError("the frame is not JSON") from None
    if not isinstance(content, dict) or "payload" not in content:
        raise DecodeError('a frame must be {"type": "...", "payload": {...}}')
    kind = content.get("type")
    message = known.get(kind) if isinstance(kind, str) else None
    if message is None:
        raise DecodeError(f"a client may send no message of type {kind!r}")
    try:
        return message.model_validate(content["payload"])
    except ValidationError as error:
        raise DecodeError(reasons(message.MESSAGE_NAME, error)) from None
