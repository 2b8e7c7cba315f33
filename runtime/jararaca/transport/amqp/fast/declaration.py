"""Declaring a topology in one exchange: everything in one write, and one answer for all of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from pamqp import commands

from jararaca.contract.topology import (
    Exchange,
    ExchangeBinding,
    Queue,
    QueueBinding,
    Topology,
)
from jararaca.transport.amqp.channels import CLOSE_SECONDS, calling, calling_on
from jararaca.transport.amqp.declaring.declaration import PREDECLARED
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.wire import methods

MANY = 50
"""Queues that one channel declares: RabbitMQ works on a channel at a time, on several side by
side."""
MOST_CHANNELS = 4


async def declare(connection: FastConnection, topology: Topology) -> None:
    """Declare a topology. Raises TopologyMismatchError, AccessRefusedError or, when the connection
    goes meanwhile, BrokerUnreachableError.
    """
    exchanges = [each for each in topology.exchanges if _own(each)]
    between = topology.exchange_bindings
    channels = min(MOST_CHANNELS, 1 + (len(topology.queues) - 1) // MANY)
    if channels <= 1:
        await _declare(
            connection, exchanges, topology.queues, topology.bindings, between, topology.unbound
        )
        return
    await _declare(connection, exchanges, (), ())
    shares = [topology.queues[number::channels] for number in range(channels)]
    bindings = defaultdict(list)
    for binding in topology.bindings:
        bindings[binding.queue].append(binding)
    declared = [
        _declare(
            connection, (), share, [b for queue in share for b in bindings.pop(queue.name, ())]
        )
        for share in shares
    ]
    outcomes = await asyncio.gather(*declared, return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
    if bindings or between or topology.unbound:
        others = [each for left in bindings.values() for each in left]
        await _declare(connection, (), (), others, between, topology.unbound)


async def bind(connection: FastConnection, bindings: Sequence[QueueBinding]) -> None:
    """Make bindings of queues that are there. Raises QueueNotFoundError, AccessRefusedError."""
    await _declare(connection, (), (), bindings)


async def _declare(
    connection: FastConnection,
    exchanges: Sequence[Exchange],
    queues: Sequence[Queue],
    bindings: Sequence[QueueBinding],
    between: Sequence[ExchangeBinding] = (),
    unbound: Sequence[QueueBinding] = (),
) -> None:
    channel = await calling_on(connection, connection.own_channel())
    number = channel.number
    frames = [methods.declare_exchange(number, each) for each in exchanges]
    frames += [methods.declare_queue(number, each) for each in queues]
    frames += [methods.bind(number, each) for each in bindings]
    frames += [methods.bind_exchange(number, each) for each in between]
    await calling_on(connection, channel.declare(b"".join(frames)))
    if unbound:
        await calling_on(connection, channel.call(*map(_unbind, unbound)))
    await calling(channel.close(CLOSE_SECONDS))


def _unbind(binding: QueueBinding) -> commands.Queue.Unbind:
    """queue.unbind, which has a reply; RabbitMQ does not mind a binding that is not there."""
    return commands.Queue.Unbind(0, binding.queue, binding.exchange, binding.routing_key)


def _own(exchange: Exchange) -> bool:
    return bool(exchange.name) and not exchange.name.startswith(PREDECLARED[1])
