"""AsyncAPI 2.0 to 2.6 -> a draft: a channel's `publish` is what the application receives."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document
from jararaca_compiler.lower.addresses.generated_addresses import RoutingKey
from jararaca_compiler.lower.amqp import is_mandatory, publishing, routing_keys
from jararaca_compiler.lower.draft import (
    ChannelDraft,
    Context,
    MessageDraft,
    OperationDraft,
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
from jararaca_compiler.naming import Names, pascal, snake
from jararaca_compiler.references.traits import merged

_VERBS: tuple[tuple[str, ir.Action, str], ...] = (
    ("publish", "receive", "on"),
    ("subscribe", "send", "send"),
)

_FASTSTREAM = ":_:"
"""What FastStream puts between the name of a queue and that of its subscriber."""
_PUBLISHER = ":Publisher"
"""How the channel ends that it publishes to."""


def read(document: Document, context: Context) -> ServiceDraft:
    """The draft of an AsyncAPI 2 document."""
    root = context.resolver.root(document)
    draft = service_draft(document, root, context)
    draft.messages = unused_messages(root, context, own_wins=False)
    places = members(root, "channels", context)
    stems = _stems(address for address, _ in places)
    for address, place in places:
        channel = context.resolver.follow(place)
        verbs = [
            (verb, operation)
            for verb, _, _ in _VERBS
            if (operation := context.resolver.child(channel, verb)) is not None
        ]
        messages = {verb: _messages(address, verb, operation, context) for verb, operation in verbs}
        every = {m.ref: m for found in messages.values() for m in found}
        read_channel = channel_draft(
            address,
            address,
            place,
            channel,
            tuple(every.values()),
            context,
            _servers(channel),
            _routing_keys(verbs, context),
        )
        draft.channels.append(read_channel)
        for verb, operation in verbs:
            drafted = _operation(
                verb, operation, read_channel, stems[address], messages[verb], context
            )
            draft.operations.append(drafted)
        if "subscribe" in messages and _is_of_a_subscriber(address):
            _report_direction(place, context)
    draft.servers = [
        _server(name, context.resolver.follow(place), context)
        for name, place in members(root, "servers", context)
    ]
    return draft


def _is_of_a_subscriber(address: str) -> bool:
    return _FASTSTREAM in address and not address.endswith(_PUBLISHER)


def _report_direction(channel: Node, context: Context) -> None:
    """FastStream 0.5 wrote the verbs the other way round: nothing would be handled, silently."""
    told = any(found.code == "faststream-direction" for found in context.diagnostics)
    if context.options.perspective == "application" and not told:
        context.report("faststream-direction", channel)


def _routing_keys(verbs: Iterable[tuple[str, Node]], context: Context) -> list[RoutingKey]:
    """What the channel's operations are routed by, as far as their bindings say."""
    return [
        key for _, operation in verbs for key in routing_keys(operation.get("bindings"), context)
    ]


def _stems(addresses: Iterable[str]) -> dict[str, str]:
    """What operations without an id are called after, also where two addresses look alike."""
    names = Names()
    return {address: names.take(snake(address)) for address in sorted(addresses)}


def _operation(
    verb: str,
    node: Node,
    channel: ChannelDraft,
    stem: str,
    messages: tuple[MessageDraft, ...],
    context: Context,
) -> OperationDraft:
    fields = merged(node, context.resolver, own_wins=False)
    named = fields.get("operationId")
    action, prefix = next((a, p) for name, a, p in _VERBS if name == verb)
    if context.options.perspective == "client":
        prefix = "send" if prefix == "on" else "on"
    is_named = named is not None and isinstance(named.value, str) and named.value
    id = str(named.value) if named is not None and is_named else f"{prefix}_{stem}"
    return OperationDraft(
        id=id,
        action=context.action(action),
        channel=channel,
        messages=messages,
        fields=fields,
        mandatory=is_mandatory(fields.get("bindings"), context),
        reply=None,
        span=context.resolver.span(named or node, key=named is None),
        publishing=publishing(fields.get("bindings"), channel.amqp.queue, context),
    )


def _messages(
    address: str, verb: str, operation: Node, context: Context
) -> tuple[MessageDraft, ...]:
    """The operation's message, or each of its `oneOf`."""
    message = operation.get("message")
    if message is None:
        return ()
    stem = pascal(operation.text("operationId") or address)
    fallback = f"{stem}Message" if verb == "publish" else f"{stem}Publication"
    target = context.resolver.follow(message)
    choices = target.get("oneOf")
    if choices is None:
        return (_message(message, fallback, context),) if target.value != {} else ()
    found = {
        drafted.ref: drafted
        for index, item in enumerate(choices.elements())
        if context.resolver.follow(item).value != {}
        for drafted in [_message(item, f"{fallback}{index + 1}", context)]
    }
    return tuple(found.values())


def _message(place: Node, fallback: str, context: Context) -> MessageDraft:
    return message_draft(place, context, key=None, fallback=fallback, own_wins=False)


def _server(name: str, node: Node, context: Context) -> ir.Server:
    return server(name, (node.text("url") or "").rpartition("://")[2], node, context)


def _servers(channel: Node) -> tuple[str, ...]:
    named = channel.get("servers")
    items = () if named is None else named.elements()
    return tuple(item.value for item in items if isinstance(item.value, str))
