"""Where messages are published: the channels that each is on, and how a channel is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft, ServiceDraft

KINDS: Mapping[object, ir.Kind] = {"event": "event", "task": "task", "websocket": "websocket"}
DEFAULT_EXCHANGE = ""


@dataclass(frozen=True, slots=True)
class MessageUse:
    """A message on a channel that gives its topic; `channel` is None for one that is on none.

    `direct` is AMQP's default exchange: the channel is a queue that others declare.
    """

    channel: ChannelDraft | None
    mandatory: bool = False
    publishing: ir.Publishing = ir.NOTHING_ASKED
    direct: bool = False

    @property
    def exchange(self) -> str | None:
        """The exchange that a publication goes to; None is the service's own."""
        if self.direct:
            return DEFAULT_EXCHANGE
        exchange = None if self.channel is None else self.channel.amqp.exchange
        return None if exchange is None else exchange.name

    @property
    def queue(self) -> str | None:
        """The queue that a publication goes to by the default exchange, whatever its topic."""
        queue = None if self.channel is None else self.channel.amqp.queue
        if queue is None or self.exchange != DEFAULT_EXCHANGE:
            return None
        return queue.name or None


NOWHERE = MessageUse(None)


def message_uses(draft: ServiceDraft, sockets: frozenset[str]) -> dict[str, tuple[MessageUse, ...]]:
    """Where each message is published, by its place: once for each channel that it is on.

    First comes the first `send` in document order, then the others, then the channels that only
    receive it. A channel of WebSockets counts only for a message that is on no other.
    """
    found: dict[str, dict[str, MessageUse]] = {}
    for operation in draft.operations:
        for message in operation.messages if operation.action == "send" else ():
            known = found.setdefault(message.ref, {})
            earlier = known.get(operation.channel.key)
            if earlier is None or operation.mandatory:
                known[operation.channel.key] = MessageUse(
                    operation.channel,
                    operation.mandatory,
                    operation.publishing,
                    _is_direct(operation.channel, draft),
                )
    for channel in draft.channels:
        for message in channel.messages if not _is_silent(channel, draft) else ():
            found.setdefault(message.ref, {}).setdefault(
                channel.key, MessageUse(channel, direct=_is_direct(channel, draft))
            )
    return {ref: _without_sockets(tuple(known.values()), sockets) for ref, known in found.items()}


def kind_of(
    message: MessageDraft, channel: ChannelDraft | None, sockets: frozenset[str], context: Context
) -> ir.Kind:
    """`x-message-type`, else what its channel is: a WebSocket, a queue (a task), or a topic."""
    node = message.fields.get("x-message-type")
    if node is not None:
        if isinstance(node.value, str) and node.value in KINDS:
            return KINDS[node.value]
        context.report(
            "bad-extension",
            node,
            help="Write `event`, `task` or `websocket`.",
            extension="x-message-type",
            value=node.value,
        )
    if channel is not None and channel.key in sockets:
        return "websocket"
    return "task" if channel is not None and channel.amqp.is_queue else "event"


def _without_sockets(
    known: tuple[MessageUse, ...], sockets: frozenset[str]
) -> tuple[MessageUse, ...]:
    queued = tuple(each for each in known if each.channel and each.channel.key not in sockets)
    return queued or known[:1]


def _is_silent(channel: ChannelDraft, draft: ServiceDraft) -> bool:
    """Whether a channel only says which answers there are: each request has its own address."""
    used = any(operation.channel is channel for operation in draft.operations)
    answers = any(o.reply is not None and o.reply.channel == channel.key for o in draft.operations)
    return answers and not used and not channel.has_address


def _is_direct(channel: ChannelDraft, draft: ServiceDraft) -> bool:
    """Whether the channel is a queue of others: only the default exchange is sure to reach it.

    Our own queues are bound to their topic, and so are reached through the exchange.
    """
    if not channel.amqp.is_queue or channel.amqp.exchange is not None:
        return False
    received = (o.channel for o in draft.operations if o.action == "receive")
    return all(each is not channel for each in received)
