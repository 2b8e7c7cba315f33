"""Where messages are published: the channels that each is on, and how a channel is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import diagnose
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft, ServiceDraft

KINDS: Mapping[object, ir.Kind] = {"event": "event", "task": "task", "websocket": "websocket"}
DEFAULT_EXCHANGE = ""
CHANNEL = "x-channel"
"""Which of a message's channels its own class publishes to."""


@dataclass(frozen=True, slots=True)
class MessageUse:
    """A message on a channel that gives its topic; `channel` is None for one that is on none.

    `direct` is AMQP's default exchange: the channel is a queue that others declare. `is_sent` is
    whether an operation sends there.
    """

    channel: ChannelDraft | None
    mandatory: bool = False
    publishing: ir.Publishing = ir.NOTHING_ASKED
    direct: bool = False
    is_sent: bool = False

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

    First comes the channel that the message names by `x-channel`, then those with a `send`, then
    those that only receive it, each by their keys: the order of the document says nothing. A
    channel of WebSockets counts only for a message that is on no other.
    """
    found: dict[str, dict[str, MessageUse]] = {}
    chosen: dict[str, str | None] = {}
    for operation in sorted(draft.operations, key=lambda o: (not o.mandatory, o.id)):
        for message in operation.messages if operation.action == "send" else ():
            chosen[message.ref] = message.text(CHANNEL)
            found.setdefault(message.ref, {}).setdefault(
                operation.channel.key,
                MessageUse(
                    operation.channel,
                    operation.mandatory,
                    operation.publishing,
                    _is_direct(operation.channel, draft),
                    is_sent=True,
                ),
            )
    for channel in draft.channels:
        for message in channel.messages if not _is_silent(channel, draft) else ():
            chosen[message.ref] = message.text(CHANNEL)
            found.setdefault(message.ref, {}).setdefault(
                channel.key, MessageUse(channel, direct=_is_direct(channel, draft))
            )
    return {
        ref: _without_sockets(_in_order(known, chosen[ref]), sockets)
        for ref, known in found.items()
    }


def check_chosen(
    messages: Mapping[str, MessageDraft],
    uses: Mapping[str, tuple[MessageUse, ...]],
    draft: ServiceDraft,
    context: Context,
) -> None:
    """Report each `x-channel` that its message is not on, and what the document's order hides."""
    first: dict[str, str] = {}
    for operation in draft.operations:
        for message in operation.messages if operation.action == "send" else ():
            first.setdefault(message.ref, operation.channel.key)
    for ref, message in messages.items():
        keys = [use.channel.key for use in uses.get(ref, ()) if use.channel is not None]
        node = message.fields.get(CHANNEL)
        if node is None and first.get(ref, keys[:1]) in keys[1:]:
            found = diagnose("first-by-key", message.span, first=first[ref], key=keys[0])
            context.diagnostics.append(found)
        elif node is not None and node.value not in keys:
            told = ", ".join(f"`{key}`" for key in sorted(keys)) or "none"
            context.report(
                "bad-extension",
                node,
                help=f"Write the key of a channel that the message is on: {told}.",
                extension=CHANNEL,
                value=node.value,
            )


def _in_order(known: Mapping[str, MessageUse], chosen: str | None) -> tuple[MessageUse, ...]:
    keys = sorted(known, key=lambda key: (key != chosen, not known[key].is_sent, key))
    return tuple(known[key] for key in keys)


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
