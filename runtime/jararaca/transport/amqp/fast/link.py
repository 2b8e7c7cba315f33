"""Our side of a connection that aiormq opens: the protocol on the socket, and its channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError
from jararaca.transport.amqp.fast import frames
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.decoder import MAX_FRAME, Decoder
from jararaca.transport.amqp.fast.outbox import Outbox
from jararaca.transport.amqp.fast.tables import FrameError
from pamqp import commands
from pamqp.base import Frame
from yarl import URL

HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"
SIGN_OF_LIFE = 1.0
"""Seconds between the heartbeats that aiormq is shown while only our own frames come.

RabbitMQ sends none while it sends deliveries, and aiormq gives a silent connection up.
"""

BLOCKED = b"\x00\x0a\x00\x3c"
UNBLOCKED = b"\x00\x0a\x00\x3d"
DEFAULT_CHANNEL_MAX = 2047


class LaneProtocol(asyncio.StreamReaderProtocol):
    """The protocol on the socket: our frames to the decoder, the rest to aiormq's reader."""

    def __init__(
        self, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop, link: Link
    ) -> None:
        super().__init__(reader, loop=loop)
        self._reader = reader
        self._time = loop.time
        self._link = link
        self._shown = 0.0
        self.decoder = Decoder(self._pass_on, link.on_control)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.WriteTransport)
        self._link.outbox.open(transport)

    def data_received(self, data: bytes) -> None:
        """Decode in place; bytes that are no AMQP end the connection, through aiormq's reader."""
        try:
            self.decoder.feed(data)
        except FrameError as error:
            self._reader.set_exception(ConnectionError(str(error)))
            return
        now = self._time()
        if now - self._shown >= SIGN_OF_LIFE:
            self._pass_on(HEARTBEAT)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, and our channels with it."""
        super().connection_lost(exc)
        self._link.lost(str(exc) if exc else "the broker closed the connection")

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        super().pause_writing()
        self._link.outbox.pause()

    def resume_writing(self) -> None:
        """The socket takes more."""
        super().resume_writing()
        self._link.outbox.resume()

    def _pass_on(self, data: bytes) -> None:
        self._shown = self._time()
        self._reader.feed_data(data)


class Link(TransportFactory):
    """The fast lane of one connection: a factory for aiormq, and the channels that are ours.

    Numbers are given from the broker's highest down; aiormq counts up from 1.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.outbox = Outbox(loop)
        self.blocked: str | None = None
        self.on_blocked: Callable[[str | None], None] | None = None
        self.answers_cancel = False
        self.frame_max = MAX_FRAME
        self._channel_max = DEFAULT_CHANNEL_MAX
        self._channels: dict[int, FastChannel] = {}
        self._decoder: Decoder | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the socket, with TLS for amqps. Raises aiormq's AMQPConnectionError."""
        provider = kwargs.pop("ssl_context_provider", None)
        context = await provider.get_context() if url.scheme == "amqps" and provider else None
        reader = asyncio.StreamReader(loop=self.loop)
        protocol = LaneProtocol(reader, self.loop, self)
        self._decoder = protocol.decoder
        try:
            transport, _ = await self.loop.create_connection(
                lambda: protocol, url.host or "", url.port or 0, ssl=context, **kwargs
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        return reader, asyncio.StreamWriter(transport, protocol, reader, self.loop)

    def tuned(self, channel_max: int, frame_max: int, *, answers_cancel: bool) -> None:
        """What the broker agreed to; 0 stands for no limit."""
        self._channel_max = channel_max or DEFAULT_CHANNEL_MAX
        self.frame_max = frame_max or MAX_FRAME
        self.answers_cancel = answers_cancel
        if self._decoder is not None:
            self._decoder.max_frame = self.frame_max

    async def channel(self, shared_exchange: str, *, confirms: bool = False) -> FastChannel:
        """Open a channel of ours. Raises ChannelClosedError."""
        assert self._decoder is not None
        number = next(n for n in range(self._channel_max, 0, -1) if n not in self._channels)
        opened = FastChannel(self, number, shared_exchange)
        self._channels[number] = opened
        self._decoder.own(number, opened)
        calls: list[Frame] = [commands.Channel.Open()]
        if confirms:
            calls.append(commands.Confirm.Select())
        await opened.call(*calls)
        return opened

    def release(self, number: int) -> None:
        """A channel is closed; frames of its number are nobody's."""
        self._channels.pop(number, None)
        if self._decoder is not None:
            self._decoder.disown(number)

    def on_control(self, method: bytes) -> None:
        """Watch for the broker's memory and disk alarms; aiormq sees all of channel 0 too."""
        if method[:4] == BLOCKED:
            command = frames.decoded(method)
            self._blocked(getattr(command, "reason", "") or "a resource alarm")
        elif method[:4] == UNBLOCKED:
            self._blocked(None)

    def lost(self, reason: str) -> None:
        """The connection is gone."""
        self.outbox.close()
        for channel in list(self._channels.values()):
            channel.lost(reason)

    def _blocked(self, reason: str | None) -> None:
        self.blocked = reason
        if self.on_blocked is not None:
            self.on_blocked(reason)
