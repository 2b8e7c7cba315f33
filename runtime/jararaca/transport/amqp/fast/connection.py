"""aio-pika's connection, with channels of ours beside its own."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast

import aiormq
from aio_pika import Connection
from aio_pika.abc import ConnectionParameter
from aiormq.exceptions import AMQPConnectionError, ConnectionClosed
from pamqp import commands
from pamqp.base import Frame
from yarl import URL

from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.socket import FastSocket
from jararaca.transport.amqp.fast.wire.decoder import MAX_FRAME

DEFAULT_CHANNEL_MAX = 2047
ALL_IN_USE = "all channels of the connection are in use"
CLOSE_SECONDS = 1.5
"""How long the broker may take to answer a close before its socket is closed all the same."""


class FastConnection(Connection):
    """One connection of aio-pika's, on a socket of ours: a channel is aio-pika's, or our own.

    It does not come back by itself: see `Link`.
    """

    PARAMETERS = (
        *Connection.PARAMETERS,
        ConnectionParameter("transport_factory", parser=lambda given: given, is_kwarg=True),
    )

    def __init__(self, url: URL, ssl_context: ssl.SSLContext | None = None) -> None:
        self.socket = FastSocket(asyncio.get_running_loop())
        self._opened: aiormq.Connection | None = None
        self._last_number = 0
        super().__init__(url, ssl_context=ssl_context, transport_factory=self.socket)

    async def connect(self, timeout: float | None = None) -> None:
        """Open it. Raises aiormq's errors; of a refusal, the one that the broker's code stands for.

        aiormq itself says of a virtual host that is missing: `Expected ['Connection.OpenOk']`.
        """
        try:
            await super().connect(timeout)
        except BaseException as error:
            self.socket.abort()
            await self.close()
            if isinstance(error, Exception) and self.socket.refusal is not None:
                raise self.socket.refusal from error
            raise
        assert self.transport is not None
        self._opened = cast(aiormq.Connection, self.transport.connection)
        self.socket.agreed(self.frame_max or MAX_FRAME)

    async def close(self, exc: Any = ConnectionClosed) -> None:
        """Send what is settled, then close, whether the broker answers and reads or not."""
        # A timeout would not do: aiormq's close waits on, cancelled, for what a broker that reads
        # no more does not take.
        giving_up = self.socket.loop.call_later(CLOSE_SECONDS, self.socket.abort)
        try:
            await super().close(exc)
        finally:
            giving_up.cancel()

    @property
    def underlay(self) -> aiormq.Connection:
        """aiormq's connection beneath. Raises AMQPConnectionError before it has been opened."""
        if self._opened is None:
            raise AMQPConnectionError("the connection was never opened")
        return self._opened

    @property
    def closing(self) -> asyncio.Future[Any]:
        """Done when it has ended, with the error that ended it."""
        closing: asyncio.Future[Any] = self.underlay.closing
        return closing

    @property
    def is_closed(self) -> bool:
        """Whether it has ended, by whomever."""
        if super().is_closed or self.socket.is_lost:
            return True
        return self._opened is not None and self._opened.is_closed

    @property
    def is_opened(self) -> bool:
        """Whether it is up. aiormq sees the end of the socket some turns of the loop later."""
        return self._opened is not None and self._opened.is_opened and not self.socket.is_lost

    @property
    def frame_max(self) -> int:
        """Bytes of the largest frame that was agreed on; 0 for no limit."""
        return int(self.underlay.connection_tune.frame_max)

    @property
    def accept_consumer_cancel_ok(self) -> bool:
        """Whether the broker awaits an answer when it cancels a consumer (RabbitMQ 4.3)."""
        return bool(self.underlay.accept_consumer_cancel_ok)

    def fresh_number(self) -> int:
        """A number for a channel of aio-pika's, that none has had for as long as there are others.

        aiormq gives a number on as soon as it reads that the broker has closed its channel: before
        it answers that, and before those who still publish there are refused. What they send would
        go over the new channel, and the broker ends the connection (504, "second 'channel.open'").

        Raises AMQPConnectionError where all numbers are in use.
        """
        highest = max(1, self._highest_number // 2)
        for _ in range(highest):
            self._last_number = self._last_number % highest + 1
            if self._last_number not in self.underlay.channels:
                return self._last_number
        raise AMQPConnectionError(ALL_IN_USE)

    async def own_channel(self, *then: Frame) -> FastChannel:
        """Open a channel of ours, and call `then` on it in the same write.

        Raises what aiormq raises for channels and connections that end.
        """
        channel = self.new_channel()
        await channel.call(commands.Channel.Open(), *then)
        return channel

    def new_channel(self) -> FastChannel:
        """A channel of ours that is still to be opened. Raises AMQPConnectionError."""
        if self.is_closed:
            raise AMQPConnectionError("the connection is closed")
        taken = self.socket.channels.keys() | self.underlay.channels.keys()
        number = next((n for n in range(self._highest_number, 0, -1) if n not in taken), None)
        if number is None:
            raise AMQPConnectionError(ALL_IN_USE)
        channel = FastChannel(self, self.socket, number, self.frame_max or MAX_FRAME)
        self.socket.own(channel)
        return channel

    @property
    def _highest_number(self) -> int:
        return self.underlay.connection_tune.channel_max or DEFAULT_CHANNEL_MAX
