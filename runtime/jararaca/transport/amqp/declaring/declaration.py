"""Declaring exchanges, queues and bindings; nothing is deleted or changed but by `remove`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jararaca.contract.topology import (
    Exchange,
    ExchangeBinding,
    Queue,
    QueueBinding,
    Topology,
)
from jararaca.transport.amqp.channels import (
    calling,
    close_channel,
    exchange_on,
    open_channel,
    queue_on,
)
from jararaca.transport.amqp.exact import ExactChannel
from jararaca.transport.amqp.fast.connection import FastConnection

PREDECLARED = ("", "amq.")
"""AMQP's default exchange, and those that every broker has."""


async def declare(connection: FastConnection, topology: Topology) -> None:
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
    for between in topology.exchange_bindings:
        await calling(bind_exchange(channel, between))
    for binding in topology.unbound:
        left = await queue_on(channel, binding.queue)
        await calling(left.unbind(binding.exchange, binding.routing_key))
    await close_channel(channel)


async def bind_all(connection: FastConnection, bindings: Sequence[QueueBinding]) -> None:
    """Make bindings of queues that are there. Raises QueueNotFoundError, AccessRefusedError."""
    channel = await open_channel(connection)
    for binding in bindings:
        await calling(bind(channel, binding))
    await close_channel(channel)


async def unbind(connection: FastConnection, binding: QueueBinding) -> None:
    """End a binding; RabbitMQ does not mind one that is not there."""
    channel = await open_channel(connection)
    queue = await queue_on(channel, binding.queue)
    await calling(queue.unbind(binding.exchange, binding.routing_key))
    await close_channel(channel)


async def remove(
    connection: FastConnection, queues: Sequence[str], exchanges: Sequence[str]
) -> None:
    """Delete queues and exchanges; RabbitMQ does not mind what is not there."""
    channel = await open_channel(connection)
    for name in queues:
        await calling(channel.queue_delete(name))
    for name in exchanges:
        await calling(channel.exchange_delete(name))
    await close_channel(channel)


async def declare_exchange(channel: ExactChannel, exchange: Exchange) -> Any:
    """One exchange."""
    return await channel.declare_exchange(
        exchange.name,
        exchange.type,
        durable=exchange.durable,
        auto_delete=exchange.auto_delete,
        arguments=dict(exchange.arguments),
    )


async def declare_queue(channel: ExactChannel, queue: Queue) -> Any:
    """One queue."""
    return await channel.declare_queue(
        queue.name,
        durable=queue.durable,
        exclusive=queue.exclusive,
        auto_delete=queue.auto_delete,
        arguments=dict(queue.arguments),
    )


async def bind(channel: ExactChannel, binding: QueueBinding) -> Any:
    """One binding."""
    queue = await queue_on(channel, binding.queue)
    return await queue.bind(
        binding.exchange, binding.routing_key, arguments=dict(binding.arguments)
    )


async def bind_exchange(channel: ExactChannel, binding: ExchangeBinding) -> Any:
    """One binding between exchanges."""
    exchange = await exchange_on(channel, binding.destination)
    return await exchange.bind(binding.source, binding.routing_key)
