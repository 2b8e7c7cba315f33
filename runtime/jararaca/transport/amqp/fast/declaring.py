"""Declaring a topology in one exchange: all its methods in one write, their replies in order."""

from __future__ import annotations

from collections.abc import Iterator

import aiormq
from pamqp import commands
from pamqp.base import Frame

from jararaca.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.transport.amqp.channels import CLOSE_SECONDS, calling
from jararaca.transport.amqp.declaring import PREDECLARED
from jararaca.transport.amqp.fast.lane import LaneConnection


async def declare(connection: aiormq.Connection, topology: Topology) -> None:
    """Declare a topology. Raises TopologyMismatchError, AccessRefusedError or, when the connection
    goes meanwhile, BrokerUnreachableError.
    """
    assert isinstance(connection, LaneConnection)
    channel = await calling(connection.own_channel())
    await calling(channel.call(*_methods(topology)))
    await calling(channel.close(CLOSE_SECONDS))


def bind(binding: QueueBinding) -> Frame:
    """The method that makes a binding."""
    return commands.Queue.Bind(
        queue=binding.queue,
        exchange=binding.exchange,
        routing_key=binding.routing_key,
        arguments=dict(binding.arguments),
    )


def _methods(topology: Topology) -> Iterator[Frame]:
    for exchange in topology.exchanges:
        if exchange.name and not exchange.name.startswith(PREDECLARED[1]):
            yield _exchange(exchange)
    yield from map(_queue, topology.queues)
    yield from map(bind, topology.bindings)


def _exchange(exchange: Exchange) -> Frame:
    return commands.Exchange.Declare(
        exchange=exchange.name,
        exchange_type=exchange.type,
        durable=exchange.durable,
        auto_delete=exchange.auto_delete,
        arguments=dict(exchange.arguments),
    )


def _queue(queue: Queue) -> Frame:
    return commands.Queue.Declare(
        queue=queue.name,
        durable=queue.durable,
        exclusive=queue.exclusive,
        auto_delete=queue.auto_delete,
        arguments=dict(queue.arguments),
    )
