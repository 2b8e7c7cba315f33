"""AsyncAPI 3.0 and 3.1 -> a draft: operations stand on their own and point at their channel."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.documents.expressions import location_of
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document
from jararaca_compiler.lower.addresses.generated_addresses import RoutingKey
from jararaca_compiler.lower.amqp import is_mandatory, publishing, routing_keys
from jararaca_compiler.lower.draft import (
    ChannelDraft,
    Context,
    MessageDraft,
    OperationDraft,
    ReplyDraft,
    ServiceDraft,
)
from jararaca_compiler.lower.front_ends.common import (
    channel_draft,
    members,
    message_draft,
    server,
    service_draft,
    unused_messages,
)
from jararaca_compiler.lower.published.metadata import of_reply
from jararaca_compiler.naming import pascal
from jararaca_compiler.references.traits import merged

_ACTIONS = ("send", "receive")
OPERATION_ID = "x-operation-id"
CHANNEL_KEY = "x-channel-key"
"""What was called otherwise before its key in a published document had to be one that fits."""


def read(document: Document, context: Context) -> ServiceDraft:
    """The draft of an AsyncAPI 3 document."""
    root = context.resolver.root(document)
    draft = service_draft(document, root, context)
    draft.messages = unused_messages(root, context, own_wins=True)
    servers = dict(members(root, "servers", context))
    channels: dict[str, ChannelDraft] = {}
    keys = _routing_keys(root, context)
    for key, place in members(root, "channels", context):
        channel = context.resolver.follow(place)
        named = _servers(channel, servers, context)
        routed = keys.get(channel.ref, [])
        channels[channel.ref] = _channel(key, place, channel, named, routed, context)
    draft.channels = list(channels.values())
    for name, place in members(root, "operations", context):
        operation = _operation(name, place, channels, context)
        if operation is not None:
            draft.operations.append(operation)
    draft.servers = [
        _server(name, context.resolver.follow(place), context) for name, place in servers.items()
    ]
    return draft


def _channel(
    key: str,
    place: Node,
    channel: Node,
    servers: tuple[str, ...],
    routing_keys: list[RoutingKey],
    context: Context,
) -> ChannelDraft:
    messages = tuple(
        message_draft(item, context, key=name, fallback=pascal(name), own_wins=True)
        for name, item in members(channel, "messages", context)
    )
    address = channel.text("address")
    key = channel.text(CHANNEL_KEY) or key
    return channel_draft(key, address, place, channel, messages, context, servers, routing_keys)


def _routing_keys(root: Node, context: Context) -> dict[str, list[RoutingKey]]:
    """By channel what its operations are routed by, as far as their bindings say."""
    found: dict[str, list[RoutingKey]] = {}
    for _, place in members(root, "operations", context):
        operation = context.resolver.follow(place)
        keys = routing_keys(operation.get("bindings"), context)
        channel = operation.get("channel")
        if keys and channel is not None:
            found.setdefault(context.resolver.follow(channel).ref, []).extend(keys)
    return found


def _servers(channel: Node, servers: dict[str, Node], context: Context) -> tuple[str, ...]:
    """The names of the servers that a channel is on; by default it is on every one."""
    named = channel.get("servers")
    follow = context.resolver.follow
    meant = [follow(item).ref for item in (() if named is None else named.elements())]
    return tuple(name for name, place in servers.items() if follow(place).ref in meant)


def _operation(
    name: str, place: Node, channels: dict[str, ChannelDraft], context: Context
) -> OperationDraft | None:
    node = context.resolver.follow(place)
    fields = merged(node, context.resolver, own_wins=True)
    action = _action(node, context)
    channel = _channel_of(fields.get("channel"), channels, context)
    if action is None or channel is None:
        return None
    return OperationDraft(
        id=_id(name, fields.get(OPERATION_ID)),
        action=context.action(action),
        channel=channel,
        messages=_messages(name, fields.get("messages"), channel, context),
        fields=fields,
        mandatory=is_mandatory(fields.get("bindings"), context),
        reply=_reply(name, fields.get("reply"), channels, context),
        span=context.resolver.span(place, key=True),
        publishing=publishing(fields.get("bindings"), channel.amqp.queue, context),
    )


def _id(name: str, said: Node | None) -> str:
    """What a published operation was called before its key had to be one that AsyncAPI allows."""
    return said.value if said is not None and isinstance(said.value, str) and said.value else name


def _action(node: Node, context: Context) -> ir.Action | None:
    found = node.get("action")
    if found is None or not isinstance(found.value, str):
        return None
    if found.value not in _ACTIONS:
        help = "Write `send` or `receive`."
        context.report("unknown-value", found, help=help, key="action", value=found.value)
        return None
    return "send" if found.value == "send" else "receive"


def _channel_of(
    node: Node | None, channels: dict[str, ChannelDraft], context: Context
) -> ChannelDraft | None:
    if node is None:
        return None
    target = context.resolver.follow(node)
    channel = channels.get(target.ref)
    if channel is None and target.value != {}:
        context.report(
            "unresolved-ref",
            node,
            help="Write `$ref: '#/channels/<channel>'`.",
            ref=node.text("$ref") or "channel",
            reason="it is none of this document's channels",
        )
    return channel


def _messages(
    operation: str, node: Node | None, channel: ChannelDraft, context: Context
) -> tuple[MessageDraft, ...]:
    """The operation's messages; all of its channel's where it lists none."""
    if node is None:
        return channel.messages
    known = {message.ref: message for message in channel.messages}
    found: dict[str, MessageDraft] = {}
    for item in node.elements():
        target = context.resolver.follow(item)
        if target.ref in known:
            found[target.ref] = known[target.ref]
        elif target.value != {}:
            context.report("message-not-in-channel", item, operation=operation, channel=channel.key)
    return tuple(found.values())


def _reply(
    name: str, node: Node | None, channels: dict[str, ChannelDraft], context: Context
) -> ReplyDraft | None:
    if node is None:
        return None
    node = context.resolver.follow(node)
    channel = _channel_of(node.get("channel"), channels, context)
    address = context.resolver.child(node, "address")
    messages = node.get("messages")
    if channel is not None:
        drafts = _messages(f"{name} reply", messages, channel, context)
    else:
        drafts = tuple(
            message_draft(item, context, key=None, fallback=pascal(f"{name} reply"), own_wins=True)
            for item in (messages.elements() if messages is not None else ())
        )
    return ReplyDraft(
        None if channel is None else channel.key,
        None if address is None else location_of(address.text("location")),
        drafts,
        of_reply(node, context),
    )


def _server(name: str, node: Node, context: Context) -> ir.Server:
    host = (node.text("host") or "") + (node.text("pathname") or "")
    return server(name, host, node, context)
