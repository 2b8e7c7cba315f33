"""Frames of the methods that a start sends by the hundred: a declaration, a binding, a consumer.

Each is written without a reply (`nowait`): the broker's answer to a later method says that all
before it were done, and what it refuses ends the channel (AMQP 0-9-1, section 2.2.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jararaca.contract.topology import Exchange, ExchangeBinding, Queue, QueueBinding
from jararaca.transport.amqp.fast.wire.content import short
from jararaca.transport.amqp.fast.wire.decoder import METHOD
from jararaca.transport.amqp.fast.wire.frames import frame
from jararaca.transport.amqp.fast.wire.tables import encode_table

EXCHANGE_DECLARE = b"\x00\x28\x00\x0a\x00\x00"
EXCHANGE_BIND = b"\x00\x28\x00\x1e\x00\x00"
QUEUE_DECLARE = b"\x00\x32\x00\x0a\x00\x00"
QUEUE_BIND = b"\x00\x32\x00\x14\x00\x00"
BASIC_QOS = b"\x00\x3c\x00\x0a\x00\x00\x00\x00"
BASIC_CONSUME = b"\x00\x3c\x00\x14\x00\x00"
"""Class, method and the reserved word, in basic.qos a prefetch size without a limit."""

NO_TABLE = b"\x00\x00\x00\x00"
DURABLE, AUTO_DELETE, EXCLUSIVE = 2, 4, 4
"""Bits of exchange.declare and, the last, of queue.declare, whose auto-delete is one further."""


def declare_exchange(channel: int, exchange: Exchange) -> bytes:
    """exchange.declare, without a reply."""
    bits = DURABLE * exchange.durable | AUTO_DELETE * exchange.auto_delete | 16
    names = short(exchange.name) + short(exchange.type)
    return _method(channel, EXCHANGE_DECLARE + names, bits, exchange.arguments)


def declare_queue(channel: int, queue: Queue) -> bytes:
    """queue.declare, without a reply."""
    bits = DURABLE * queue.durable | EXCLUSIVE * queue.exclusive | 8 * queue.auto_delete | 16
    return _method(channel, QUEUE_DECLARE + short(queue.name), bits, queue.arguments)


def bind(channel: int, binding: QueueBinding) -> bytes:
    """queue.bind, without a reply."""
    names = short(binding.queue) + short(binding.exchange) + short(binding.routing_key)
    return _method(channel, QUEUE_BIND + names, 1, binding.arguments)


def bind_exchange(channel: int, binding: ExchangeBinding) -> bytes:
    """exchange.bind, without a reply."""
    names = short(binding.destination) + short(binding.source) + short(binding.routing_key)
    return _method(channel, EXCHANGE_BIND + names, 1, {})


def qos(channel: int, prefetch: int) -> bytes:
    """basic.qos for the consumers that follow; it is answered."""
    return frame(METHOD, channel, BASIC_QOS + prefetch.to_bytes(2) + b"\0")


def consume(channel: int, queue: str, tag: str, arguments: Mapping[str, Any]) -> bytes:
    """basic.consume, which is answered: deliveries may come at once."""
    return _method(channel, BASIC_CONSUME + short(queue) + short(tag), 0, arguments)


def _method(channel: int, start: bytes, bits: int, arguments: Mapping[str, Any]) -> bytes:
    table = encode_table(arguments) if arguments else NO_TABLE
    return frame(METHOD, channel, start + bytes((bits,)) + table)
