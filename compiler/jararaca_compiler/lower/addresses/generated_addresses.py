"""Addresses that a generator made of its own names: FastStream's documents.

They call a channel `queue:exchange:Handler` (`_` is AMQP's default exchange), or by a title, and
say nowhere else than in the operation's `cc` which routing key a publication has. There it is a
text; a list is what the AMQP binding means by `cc`, further keys, unless the messages are called
by their channel as FastStream calls them: its documents of AsyncAPI 3.0 had a list of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jararaca_compiler.lower.draft import AmqpBinding, ChannelDraft, Context, MessageDraft

_DEFAULT = "_"
_ENDS = (":Message", ":SubscribeMessage")


@dataclass(frozen=True, slots=True)
class RoutingKey:
    """What an operation's `cc` says; it `is_text` where it does not stand in a list."""

    key: str
    is_text: bool


def routing_address(
    address: str,
    amqp: AmqpBinding,
    routing_keys: Sequence[RoutingKey],
    messages: Iterable[MessageDraft],
) -> str:
    """The topic that is meant; any other address stays as it is."""
    parts = address.split(":")
    by_parts = len(parts) > 2 and _is_named_by(parts, amqp)
    by_title = any(message.text("title") in _titles(address) for message in messages)
    describes_both = amqp.queue is not None and amqp.exchange is not None
    keys = {found.key for found in routing_keys if found.is_text or by_title}
    if len(keys) == 1 and (by_parts or by_title or describes_both):
        return keys.pop()
    if not by_parts:
        return address
    return (amqp.queue.name if amqp.queue is not None else "") or parts[0]


def _titles(address: str) -> frozenset[str]:
    return frozenset(address + end for end in _ENDS)


def report_exchange(channel: ChannelDraft, context: Context) -> None:
    """Complain of an exchange that the channel's key names and its binding leaves out."""
    parts, amqp = channel.key.split(":"), channel.amqp
    queue = amqp.queue.name if amqp.queue is not None else None
    if len(parts) < 3 or not amqp.is_queue or amqp.exchange is not None or parts[0] != queue:
        return
    if parts[1] != _DEFAULT:
        context.report("exchange-left-out", channel.node, queue=queue, exchange=parts[1])


def _is_named_by(parts: Sequence[str], amqp: AmqpBinding) -> bool:
    queue = amqp.queue.name if amqp.queue is not None else None
    if amqp.exchange is None:
        return amqp.is_queue and parts[0] == queue
    return parts[1] == (amqp.exchange.name or _DEFAULT)
