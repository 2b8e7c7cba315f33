"""The socket of a connection that aiormq opens: whose frames are whose, and what is written."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from aiormq.connection import TransportFactory, exception_by_code
from aiormq.exceptions import AMQPConnectionError, AMQPError
from pamqp import commands
from yarl import URL

from jararaca.transport import forked
from jararaca.transport.amqp.fast.ended_channels import ChannelWriter
from jararaca.transport.amqp.fast.readable import readable
from jararaca.transport.amqp.fast.wire import frames
from jararaca.transport.amqp.fast.wire.decoder import (
    HEAD,
    OVERHEAD,
    Decoder,
    FrameReceiver,
)
from jararaca.transport.amqp.fast.wire.tables import FrameError
from jararaca.transport.amqp.fast.write_buffer import WriteBuffer

CONNECTION_CLOSE = b"\x00\x0a\x00\x32"
HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"
SIGN_OF_LIFE = 1.0
"""Seconds between the heartbeats that aiormq is shown while only our own frames come.

RabbitMQ sends none while it sends deliveries, and aiormq gives a silent connection up.
"""


class OwnChannel(FrameReceiver, Protocol):
    """A channel of ours: its frames come here, and not to aiormq."""

    number: int

    def lost(self) -> None:
        """The connection went away under the channel."""


class SocketProtocol(asyncio.StreamReaderProtocol):
    """The protocol on the socket: our frames to the decoder, the rest to aiormq's reader."""

    def __init__(
        self, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop, socket: FastSocket
    ) -> None:
        super().__init__(reader, loop=loop)
        self._reader = reader
        self._time = loop.time
        self._socket = socket
        self._shown = 0.0
        self._descriptor = -1
        self.decoder = Decoder(self._pass_on)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        super().connection_made(transport)
        self._socket.buffer.open(transport)
        self._descriptor = transport.get_extra_info("socket").fileno()
        forked.opened(self._descriptor)

    def data_received(self, data: bytes) -> None:
        """Decode in place; bytes that are no AMQP end the connection, through aiormq's reader."""
        try:
            self.decoder.feed(data)
        except FrameError as error:
            self._reader.set_exception(ConnectionError(str(error)))
            return
        if self._time() - self._shown >= SIGN_OF_LIFE:
            self._pass_on(HEARTBEAT)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, and our channels with it."""
        super().connection_lost(exc)
        forked.closed(self._descriptor)
        self._socket.lost()

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        super().pause_writing()
        self._socket.buffer.pause()

    def resume_writing(self) -> None:
        """The socket takes more."""
        super().resume_writing()
        self._socket.buffer.resume()

    def _pass_on(self, data: bytes) -> None:
        self._shown = self._time()
        if not self._socket.is_open:
            self._socket.opening(data)
        self._reader.feed_data(readable(data))


class FastSocket(TransportFactory):
    """Opens the socket for aiormq, and knows which channels on it are ours.

    Numbers are given from the broker's highest down; aiormq counts up from 1.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.buffer = WriteBuffer(loop)
        self.channels: dict[int, OwnChannel] = {}
        self.is_lost = False
        self.is_open = False
        self.refusal: AMQPError | None = None
        self._decoder: Decoder | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the socket, with TLS for amqps. Raises aiormq's AMQPConnectionError."""
        provider = kwargs.pop("ssl_context_provider")
        context = await provider.get_context() if url.scheme == "amqps" else None
        reader = asyncio.StreamReader(loop=self.loop)
        protocol = SocketProtocol(reader, self.loop, self)
        self._decoder = protocol.decoder
        try:
            transport, _ = await self.loop.create_connection(
                lambda: protocol, url.host or "", url.port or 0, ssl=context, **kwargs
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        return reader, ChannelWriter(transport, protocol, reader, self.loop)

    def own(self, channel: OwnChannel) -> None:
        """Its frames are ours from now on."""
        assert self._decoder is not None
        self.channels[channel.number] = channel
        self._decoder.own(channel.number, channel)

    def release(self, number: int) -> None:
        """A channel is closed; frames of its number are nobody's."""
        assert self._decoder is not None
        self.channels.pop(number, None)
        self._decoder.disown(number)

    def opening(self, data: bytes) -> None:
        """Note why the broker closes a connection instead of opening it."""
        position = 0
        while position < len(data):
            _, _, size = HEAD.unpack_from(data, position)
            payload = data[position + 7 : position + 7 + size]
            position += size + OVERHEAD
            close = frames.decoded(payload) if payload.startswith(CONNECTION_CLOSE) else None
            # 403 is a wrong password, which aiormq tells itself.
            if isinstance(close, commands.Connection.Close) and close.reply_code != 403:
                self.refusal = exception_by_code(close)

    def agreed(self, frame_max: int) -> None:
        """The connection is open; the largest frame that the broker may send."""
        assert self._decoder is not None
        self.is_open = True
        self._decoder.max_frame = frame_max

    def abort(self) -> None:
        """Close the socket without a word of AMQP."""
        self.buffer.abort()

    def lost(self) -> None:
        """The connection is gone; aiormq takes a few turns of the loop more to see it."""
        self.is_lost = True
        self.buffer.close()
        for channel in list(self.channels.values()):
            channel.lost()
