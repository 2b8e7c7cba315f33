"""A draft -> `ir.Service`: queues, handlers, topology and the digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import diagnose
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.lower.addresses.address import binding_key, parameters
from jararaca_compiler.lower.addresses.generated_addresses import report_exchange
from jararaca_compiler.lower.channels.stream_filters import filter_of
from jararaca_compiler.lower.channels.streams import streams_of
from jararaca_compiler.lower.draft import (
    ChannelDraft,
    Context,
    MessageDraft,
    OperationDraft,
    ReplyDraft,
    ServiceDraft,
)
from jararaca_compiler.lower.handlers import handlers_of
from jararaca_compiler.lower.message_uses import kind_of
from jararaca_compiler.lower.messages import lower_messages
from jararaca_compiler.lower.partitioning.extension import (
    count_of,
    report_partitions,
    report_priority,
    report_undivided,
)
from jararaca_compiler.lower.published import metadata
from jararaca_compiler.lower.topology import DEFAULT_EXCHANGE, Consumption, own_queues, topology
from jararaca_compiler.lower.websockets import report_queues, websocket_channels
from jararaca_compiler.naming import Names, pascal, snake
from jararaca_compiler.references.reachable import reachable

Messages = Mapping[str, ir.Message]


def assemble(draft: ServiceDraft, context: Context) -> ir.Service:
    """The service that a draft describes."""
    sockets = websocket_channels(draft, context)
    messages = lower_messages(draft, sockets, context)
    report_queues(draft, messages, sockets, context)
    _report_partitions(draft, sockets, context)
    methods = Names()
    operations: list[ir.Operation] = []
    consumptions: list[Consumption] = []
    own = own_queues(draft.name, (operation.id for operation in draft.operations))
    for operation in draft.operations:
        queued = _queued(operation, messages, sockets, context)
        consumption = _consumption(own[operation.id], operation, queued, context)
        if consumption is not None:
            consumptions.append(consumption)
        operations.append(_operation(operation, consumption, queued, messages, methods, context))
    streams = streams_of(draft, messages, context)
    _refuse_conflicts(draft, [*consumptions, *streams.values()], context)
    _report_vhosts(draft, context)
    exchanges = [c.amqp.exchange for c in draft.channels if c.amqp.exchange is not None]
    return ir.Service(
        name=draft.name,
        controller=f"{pascal(draft.name)}Handlers",
        title=draft.title,
        version=draft.version,
        description=draft.description,
        source=", ".join(document.path for document in draft.documents),
        asyncapi=draft.asyncapi,
        messages=tuple(messages.values()),
        channels=tuple(
            _channel(c, messages, c.key in sockets, streams.get(c.key), context)
            for c in draft.channels
        ),
        operations=tuple(operations),
        servers=tuple(draft.servers),
        topology=topology(
            context.options.exchange,
            exchanges,
            consumptions,
            service=draft.name,
            shares_dead_letters=context.options.shares_dead_letters,
            streams=tuple(streams.values()),
        ),
        digest=_digest(draft.documents, context),
        tags=draft.tags,
        shared_schemas=draft.shared_schemas,
        metadata=draft.metadata,
    )


def _refuse_conflicts(
    draft: ServiceDraft, consumptions: Iterable[Consumption], context: Context
) -> None:
    """One name on the broker stands for one thing."""
    exchanges: dict[str, ir.Exchange] = {}
    for channel in draft.channels:
        exchange = channel.amqp.exchange
        if exchange is not None and exchanges.setdefault(exchange.name, exchange) != exchange:
            _conflict("exchange", exchange.name, channel.span, context)
    queues: dict[str, tuple[ir.Queue, int | None]] = {}
    for consumption in consumptions:
        queue = consumption.queue
        known, count = queues.setdefault(queue.name, (queue, consumption.partitions))
        if count != consumption.partitions:
            reason = f"its queue `{queue.name}` has another `count`, or none, by another channel"
            found = diagnose("bad-partitions", consumption.span, reason=reason)
            context.diagnostics.append(found)
        elif known != queue:
            _conflict("queue", queue.name, consumption.span, context)


def _report_partitions(draft: ServiceDraft, sockets: frozenset[str], context: Context) -> None:
    replies = {o.reply.channel for o in draft.operations if o.reply is not None}
    for channel in draft.channels:
        report_partitions(channel, channel.key in sockets, channel.key in replies, context)
    for operation in draft.operations:
        report_priority(operation.channel, operation.publishing, context)
    report_undivided(draft.channels, context)


def _report_vhosts(draft: ServiceDraft, context: Context) -> None:
    """A connection has one virtual host; that of a server's address is no other."""
    known = {"/", *(f"/{server.host.partition('/')[2]}" for server in draft.servers)}
    for channel in draft.channels:
        for vhost in sorted({f"/{each.lstrip('/')}" for each in channel.amqp.vhosts} - known):
            known.add(vhost)
            context.diagnostics.append(diagnose("vhost-without-effect", channel.span, vhost=vhost))


def _conflict(thing: str, name: str, span: Span, context: Context) -> None:
    context.diagnostics.append(diagnose("conflicting-topology", span, thing=thing, name=name))


def _channel(
    channel: ChannelDraft,
    messages: Messages,
    is_websocket: bool,
    stream: Consumption | None,
    context: Context,
) -> ir.Channel:
    amqp = channel.amqp
    return ir.Channel(
        key=channel.key,
        address=channel.address if channel.has_address else None,
        parameters=parameters(channel.address, channel.parameters, context.resolver),
        exchange=None if amqp.exchange is None else amqp.exchange.name,
        queue=(amqp.queue.name or None) if amqp.queue is not None else None,
        messages=tuple(messages[m.ref].name for m in channel.messages),
        title=channel.node.text("title"),
        summary=channel.node.text("summary"),
        description=channel.node.text("description"),
        span=channel.span,
        tags=metadata.tag_names(channel.node.get("tags"), context),
        servers=channel.servers,
        metadata=metadata.of_channel(channel.node, channel.parameters, context),
        is_websocket=is_websocket,
        is_queue=amqp.is_queue,
        partitions=count_of(channel, context.resolver),
        stream=None if stream is None else stream.queue.name,
        filter_by=None if stream is None else filter_of(channel, context),
    )


def _queued(
    operation: OperationDraft, messages: Messages, sockets: frozenset[str], context: Context
) -> tuple[MessageDraft, ...]:
    """The messages of an operation that come through a queue; those of WebSockets do not."""
    return tuple(
        each
        for each in operation.messages
        if messages[each.ref].kind != "websocket"
        and kind_of(each, operation.channel, sockets, context) != "websocket"
    )


def _consumption(
    own_queue: str, operation: OperationDraft, queued: tuple[MessageDraft, ...], context: Context
) -> Consumption | None:
    """The queue of a receiving operation that gets something through one.

    The binding's queue name; else for tasks the topic, whoever runs them, and for events a queue
    of the operation's own.
    """
    if operation.action == "send" or not queued:
        return None
    channel = operation.channel
    report_exchange(channel, context)
    key = binding_key(channel.address)
    exchange = channel.amqp.exchange
    name_of_exchange = None if exchange is None else exchange.name
    named = channel.amqp.queue
    tasks = all(kind_of(m, channel, frozenset(), context) == "task" for m in queued)
    is_named = named is not None and bool(named.name)
    if name_of_exchange == DEFAULT_EXCHANGE and "*" not in key:
        name = channel.address
    elif not is_named and (name_of_exchange == DEFAULT_EXCHANGE or _is_anybodys(channel)):
        # Its name is known to who asks only: bound to the exchange it would get everything.
        context.diagnostics.append(
            diagnose("queue-named-by-parameter", channel.span, address=channel.address)
        )
        name, name_of_exchange = own_queue, DEFAULT_EXCHANGE
    elif not tasks:
        name = own_queue
    elif "*" in key:
        name = snake(channel.key)
    else:
        name = channel.address
    queue = ir.Queue(
        (named.name if named is not None else "") or name,
        named is None or named.durable,
        named is not None and named.exclusive,
        named is not None and named.auto_delete,
        () if named is None else named.arguments,
    )
    if not queue.durable and not queue.exclusive:
        context.report("transient-queue", channel.amqp.durable or channel.node, queue=queue.name)
    count = count_of(channel, context.resolver)
    return Consumption(queue, name_of_exchange, (key,), channel.span, count)


def _is_anybodys(channel: ChannelDraft) -> bool:
    """Whether a queue is named by nothing but parameters: `{queue}`."""
    words = binding_key(channel.address).split(".")
    return channel.amqp.is_queue and all(word == "*" for word in words)


def _operation(
    operation: OperationDraft,
    consumption: Consumption | None,
    queued: tuple[MessageDraft, ...],
    messages: Messages,
    methods: Names,
    context: Context,
) -> ir.Operation:
    fields = operation.fields
    lowered = [messages[m.ref] for m in operation.messages]
    handled = [messages[m.ref] for m in queued]
    keys = () if consumption is None else consumption.binding_keys
    handlers = handlers_of(operation, handled if consumption else (), keys, methods, context)
    return ir.Operation(
        id=operation.id,
        action=operation.action,
        channel=operation.channel.key,
        messages=tuple(m.name for m in lowered),
        queue=None if consumption is None else consumption.queue.name,
        handlers=handlers,
        reply=None if operation.reply is None else _reply(operation.reply, messages),
        title=_text(fields.get("title")),
        summary=_text(fields.get("summary")),
        description=_text(fields.get("description")),
        span=operation.span,
        tags=metadata.tag_names(fields.get("tags"), context),
        security=metadata.security(fields.get("security"), context),
        metadata=metadata.of_operation(fields, context),
    )


def _reply(reply: ReplyDraft, messages: Messages) -> ir.Reply:
    names = tuple(messages[m.ref].name for m in reply.messages)
    return ir.Reply(reply.channel, reply.address, names, reply.metadata)


def _digest(documents: Iterable[Document], context: Context) -> str:
    """SHA-256 of all sources' canonical JSON; unaffected by comments, layout and key order."""
    reached = {
        d.path: d.root for root in documents for d in reachable(root, context.resolver.documents)
    }
    return digest_of(reached)


def digest_of(reached: Mapping[str, object]) -> str:
    """The digest of a service that reaches documents of these values, by path."""
    text = json.dumps(sorted(reached.items()), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(node: Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None
