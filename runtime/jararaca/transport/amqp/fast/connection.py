"""A connection of aiormq's that has channels of ours beside its own."""

from __future__ import annotations

import asyncio
from typing import Any

from aiormq.exceptions import AMQPConnectionError
from pamqp import commands
from pamqp.base import Frame
from yarl import URL

from jararaca.transport.amqp.dialled import Dialled
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.socket import FastSocket
from jararaca.transport.amqp.fast.wire.decoder import MAX_FRAME

DEFAULT_CHANNEL_MAX = 2047


class FastConnection(Dialled):
    """A connection of aiormq's that has channels of ours beside its own."""

    def __init__(self, url: URL, **kwargs: Any) -> None:
        self.socket = FastSocket(asyncio.get_running_loop())
        super().__init__(url, transport_factory=self.socket, **kwargs)

    async def own_channel(self, *then: Frame) -> FastChannel:
        """Open a channel of ours, and call `then` on it in the same write.

        Raises what aiormq raises for channels and connections that end.
        """
        channel = self.new_channel()
        await channel.call(commands.Channel.Open(), *then)
        return channel

    def new_channel(self) -> FastChannel:
        """A channel of ours that is still to be opened. Raises AMQPConnectionError."""
        if self.is_closed or self.socket.is_lost:
            raise AMQPConnectionError("the connection is closed")
        tune = self.connection_tune
        frame_max = tune.frame_max or MAX_FRAME
        self.socket.agreed(frame_max)
        highest = tune.channel_max or DEFAULT_CHANNEL_MAX
        number = next(n for n in range(highest, 0, -1) if n not in self.socket.channels)
        channel = FastChannel(self, self.socket, number, frame_max)
        self.socket.own(channel)
        return channel

    async def close(self, *args: Any, **kwargs: Any) -> None:
        """Send what is settled, then close as aiormq does."""
        self.socket.buffer.flush()
        await super().close(*args, **kwargs)
