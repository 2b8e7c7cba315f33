"""The frames that are written: publications, and pamqp's encoding for rare methods."""

from __future__ import annotations

import struct

import pamqp.frame
from pamqp import commands
from pamqp.base import Frame

from jararaca.transport import Publication
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.decoder import (
    BODY,
    END_AND_HEAD,
    FRAME_END,
    HEAD,
    HEADER,
    METHOD,
    OVERHEAD,
)
from jararaca.transport.amqp.fast.wire.tables import FrameError
from jararaca.transport.amqp.translate import own_headers

PUBLISH = b"\x00\x3c\x00\x28\x00\x00"
"""Class, method and the reserved word of basic.publish."""

END = bytes((FRAME_END,))
MANDATORY = b"\1"
OPTIONAL = b"\0"
MAX_CACHED = 1024
"""Publish methods kept ready; routing keys with parameters in them would fill memory otherwise."""


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """One whole frame."""
    return HEAD.pack(kind, channel, len(payload)) + payload + END


def method(command: Frame, channel: int) -> bytes:
    """The frame of any method, by pamqp."""
    return pamqp.frame.marshal(command, channel)


def decoded(payload: bytes) -> Frame:
    """The method in a frame's payload, by pamqp. Raises FrameError."""
    try:
        command: Frame = commands.INDEX_MAPPING[int.from_bytes(payload[:4])]()
        command.unmarshal(payload[4:])
    except (KeyError, ValueError, TypeError, struct.error, OverflowError, OSError) as error:
        raise FrameError(f"a method that cannot be read: {error}") from error
    return command


class PublishFrames:
    """Turns publications for one channel into frames; their almost constant method is kept."""

    def __init__(self, channel: int, frame_max: int) -> None:
        self._channel = channel
        self._headers = content.ContentHeaders()
        self._piece = frame_max - OVERHEAD
        self._methods: dict[tuple[str, str, bool], bytes] = {}

    def of(self, publication: Publication, exchange: str) -> bytes:
        """Method, header and body frames. Raises TypeError for headers that AMQP cannot hold."""
        key = (exchange, publication.routing_key, publication.mandatory)
        start = self._methods.get(key) or self._method(key)
        body = publication.body
        headers = publication.headers
        if headers:
            headers = own_headers(headers, publication.onward)
        header = self._headers.of(publication.properties, headers, len(body), publication.terms)
        channel = self._channel
        if 0 < len(body) <= self._piece:
            head = HEAD.pack(HEADER, channel, len(header))
            piece = END_AND_HEAD.pack(FRAME_END, BODY, channel, len(body))
            return b"".join((start, head, header, piece, body, END))
        return start + frame(HEADER, channel, header) + self._pieces(body)

    def _pieces(self, body: bytes) -> bytes:
        pieces = (body[at : at + self._piece] for at in range(0, len(body), self._piece))
        return b"".join(frame(BODY, self._channel, piece) for piece in pieces)

    def _method(self, key: tuple[str, str, bool]) -> bytes:
        exchange, routing_key, mandatory = key
        payload = b"".join(
            (
                PUBLISH,
                content.short(exchange),
                content.short(routing_key),
                MANDATORY if mandatory else OPTIONAL,
            )
        )
        if len(self._methods) >= MAX_CACHED:
            self._methods.clear()
        made = self._methods[key] = frame(METHOD, self._channel, payload)
        return made


def returned(payload: bytes) -> tuple[str, str]:
    """Reason and routing key of a basic.return. Raises FrameError."""
    command = decoded(payload)
    if not isinstance(command, commands.Basic.Return):
        raise FrameError(f"{command.name} where a basic.return was due")
    return f"{command.reply_code} {command.reply_text}", command.routing_key or ""
