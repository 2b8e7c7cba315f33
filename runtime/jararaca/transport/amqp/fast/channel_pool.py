"""Which channel a queue is consumed on: its own, and one of many queues' where there are many."""

from __future__ import annotations

from pamqp import commands

from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.connection import FastConnection

MOST_CHANNELS = 32
"""Channels of one worker's start. A channel costs RabbitMQ several processes and ten times what a
consumer does, so that 500 of them take longer to open than all the rest of a start. What ends a
channel (a delivery that nobody acked for half an hour) ends all of its consumers, which is why
fewer queues than this have one each, and why a consumer that starts again does so on its own."""


class ChannelPool:
    """The channels of the first start, taken in turns."""

    def __init__(self) -> None:
        self._channels: list[FastChannel] = []
        self._taken = 0

    def take(self, connection: FastConnection) -> FastChannel:
        """A channel for one more consumer; its opening is written, and need not be awaited.

        Raises AMQPConnectionError.
        """
        place = self._taken % MOST_CHANNELS
        self._taken += 1
        if place == len(self._channels):
            self._channels.append(opened(connection))
        channel = self._channels[place]
        if channel.is_closed or channel.connection is not connection:
            channel = self._channels[place] = opened(connection)
        return channel


def opened(connection: FastConnection) -> FastChannel:
    """A new channel; what is sent on it follows its opening. Raises AMQPConnectionError."""
    channel = connection.new_channel()
    channel.send(commands.Channel.Open())
    return channel
