"""Declaring exchanges, queues and bindings; nothing is ever deleted or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiormq

from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.transport.amqp.channels import calling, close_channel, open_channel
from jararaca.transport.amqp.delaying.delays import ExchangeBinding

PREDECLARED = ("", "amq.")
"""AMQP's default exchange, and those that every broker has."""


async def declare(connection: aiormq.Connection, topology: Topology) -> None:
    """Declare a topology on a channel of its own.

    Raises TopologyMismatchError, AccessRefusedError, or BrokerUnreachableError when the connection
    goes meanwhile.
    """
    channel = await open_channel(connection)
    for exchange in topology.exchanges:
        if exchange.name and not exchange.name.startswith(PREDECLARED[1]):
            await calling(declare_exchange(channel, exchange))
    for queue in topology.queues:
        await calling(declare_queue(channel, queue))
    for binding in topology.bindings:
        await calling(bind(channel, binding))
    await close_channel(channel)


async def bind_all(connection: aiormq.Connection, bindings: Sequence[QueueBinding]) -> None:
    """Make bindings of queues that are there. Raises QueueNotFoundError, AccessRefusedError."""
    channel = await open_channel(connection)
    for binding in bindings:
        await calling(bind(channel, binding))
    await close_channel(channel)


async def unbind(connection: aiormq.Connection, binding: QueueBinding) -> None:
    """End a binding; RabbitMQ does not mind one that is not there."""
    channel = await open_channel(connection)
    await calling(channel.queue_unbind(binding.queue, binding.exchange, binding.routing_key))
    await close_channel(channel)


async def declare_exchange(channel: aiormq.Channel, exchange: Exchange) -> Any:
    """One exchange."""
    return await channel.exchange_declare(
        exchange.name,
        exchange_type=exchange.type,
        durable=exchange.durable,
        auto_delete=exchange.auto_delete,
        arguments=dict(exchange.arguments),
    )


async def declare_queue(channel: aiormq.Channel, queue: Queue) -> Any:
    """One queue."""
    return await channel.queue_declare(
        queue.name,
        durable=queue.durable,
        exclusive=queue.exclusive,
        auto_delete=queue.auto_delete,
        arguments=dict(queue.arguments),
    )


async def bind(channel: aiormq.Channel, binding: QueueBinding) -> Any:
    """One binding."""
    return await channel.queue_bind(
        binding.queue, binding.exchange, binding.routing_key, arguments=dict(binding.arguments)
    )


async def bind_exchange(channel: aiormq.Channel, binding: ExchangeBinding) -> Any:
    """One binding between exchanges."""
    return await channel.exchange_bind(binding.destination, binding.source, binding.routing_key)
