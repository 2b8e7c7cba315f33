"""Our side of a connection that aiormq opens: the protocol on the socket, and its channels."""

from __future__ import annotations

import asyncio
from typing import Any

import aiormq
from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError
from pamqp import commands
from pamqp.base import Frame
from yarl import URL

from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.outbox import Outbox
from jararaca.transport.amqp.fast.wire.decoder import MAX_FRAME, Decoder
from jararaca.transport.amqp.fast.wire.tables import FrameError

HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"
SIGN_OF_LIFE = 1.0
"""Seconds between the heartbeats that aiormq is shown while only our own frames come.

RabbitMQ sends none while it sends deliveries, and aiormq gives a silent connection up.
"""

DEFAULT_CHANNEL_MAX = 2047


class LaneProtocol(asyncio.StreamReaderProtocol):
    """The protocol on the socket: our frames to the decoder, the rest to aiormq's reader."""

    def __init__(
        self, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop, lane: Lane
    ) -> None:
        super().__init__(reader, loop=loop)
        self._reader = reader
        self._time = loop.time
        self._lane = lane
        self._shown = 0.0
        self.decoder = Decoder(self._pass_on)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        super().connection_made(transport)
        self._lane.outbox.open(transport)

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
        self._lane.lost()

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        super().pause_writing()
        self._lane.outbox.pause()

    def resume_writing(self) -> None:
        """The socket takes more."""
        super().resume_writing()
        self._lane.outbox.resume()

    def _pass_on(self, data: bytes) -> None:
        self._shown = self._time()
        self._reader.feed_data(data)


class Lane(TransportFactory):
    """The fast lane of one connection: a factory for aiormq, and the channels that are ours.

    Numbers are given from the broker's highest down; aiormq counts up from 1.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.outbox = Outbox(loop)
        self.channels: dict[int, FastChannel] = {}
        self.is_lost = False
        self._decoder: Decoder | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the socket, with TLS for amqps. Raises aiormq's AMQPConnectionError."""
        provider = kwargs.pop("ssl_context_provider")
        context = await provider.get_context() if url.scheme == "amqps" else None
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

    def own(self, channel: FastChannel) -> None:
        """Its frames are ours from now on."""
        assert self._decoder is not None
        self.channels[channel.number] = channel
        self._decoder.own(channel.number, channel)

    def release(self, number: int) -> None:
        """A channel is closed; frames of its number are nobody's."""
        if self.channels.pop(number, None) is not None and self._decoder is not None:
            self._decoder.disown(number)

    def agreed(self, frame_max: int) -> None:
        """The largest frame that the broker may send."""
        assert self._decoder is not None
        self._decoder.max_frame = frame_max

    def lost(self) -> None:
        """The connection is gone; aiormq takes a few turns of the loop more to see it."""
        self.is_lost = True
        self.outbox.close()
        for channel in list(self.channels.values()):
            channel.lost()


class LaneConnection(aiormq.Connection):
    """A connection of aiormq's that has channels of ours beside its own."""

    def __init__(self, url: URL, **kwargs: Any) -> None:
        self.lane = Lane(asyncio.get_running_loop())
        super().__init__(url, transport_factory=self.lane, **kwargs)

    async def own_channel(self, *then: Frame) -> FastChannel:
        """Open a channel of ours, and call `then` on it in the same write.

        Raises what aiormq raises for channels and connections that end.
        """
        channel = self.new_channel()
        await channel.call(commands.Channel.Open(), *then)
        return channel

    def new_channel(self) -> FastChannel:
        """A channel of ours that is still to be opened. Raises AMQPConnectionError."""
        if self.is_closed or self.lane.is_lost:
            raise AMQPConnectionError("the connection is closed")
        tune = self.connection_tune
        frame_max = tune.frame_max or MAX_FRAME
        self.lane.agreed(frame_max)
        highest = tune.channel_max or DEFAULT_CHANNEL_MAX
        number = next(n for n in range(highest, 0, -1) if n not in self.lane.channels)
        channel = FastChannel(self, number, frame_max)
        self.lane.own(channel)
        return channel

    async def close(self, *args: Any, **kwargs: Any) -> None:
        """Send what is settled, then close as aiormq does."""
        self.lane.outbox.flush()
        await super().close(*args, **kwargs)
