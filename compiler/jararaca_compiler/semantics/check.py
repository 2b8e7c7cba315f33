"""What a service must keep to make sense on a broker: one function a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations, product

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose, ordered
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.address import PARAMETER, binding_key
from jararaca_compiler.reading.load import Documents

Rule = Callable[[ir.Service, Documents], Iterator[Diagnostic]]
_LONGEST_NAME = 255
_UNMATCHED = ("direct",)
CAUSES = frozenset({"misspelt-key", "unresolved-ref"})
CONSEQUENCES = frozenset(
    {"message-without-channel", "message-without-schema", "channel-without-address"}
)
"""What one of the causes elsewhere in a document may bring about: told once there is none."""


def check(service: ir.Service, documents: Documents) -> tuple[Diagnostic, ...]:
    """Every rule's findings, sorted by place."""
    return ordered(d for rule in _RULES for d in rule(service, documents))


def parameters_are_words(service: ir.Service, documents: Documents) -> Iterator[Diagnostic]:
    """A binding key has `*` for a whole word only."""
    for channel in _on_the_broker(service):
        address = channel.address or channel.key
        for word in address.split("."):
            for name in PARAMETER.findall(word):
                if word != f"{{{name}}}":
                    yield diagnose(
                        "parameter-inside-word",
                        _within(channel.span, f"{{{name}}}", documents),
                        help=_instead(address),
                        parameter=name,
                        address=address,
                        key=binding_key(address),
                    )


def _instead(address: str) -> str:
    """What to write for a parameter inside a word, and what else arrives until then."""
    return (
        f"Write `{_with_dots(address)}`: RabbitMQ matches whole words only, so that whatever is"
        f" published to `{binding_key(address)}` reaches the queue as well."
    )


def addresses_are_routing_keys(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """AMQP 0-9-1, section 3.1.3.3: words between dots, 255 bytes at most."""
    for channel in _on_the_broker(service):
        address = channel.address or channel.key
        if len(address.encode()) > _LONGEST_NAME:
            reason = f"it is longer than {_LONGEST_NAME} bytes"
            yield diagnose("invalid-address", channel.span, address=address, reason=reason)
        for reason in _oddities(address):
            yield diagnose("unusual-address", channel.span, address=address, reason=reason)


def _oddities(address: str) -> Iterator[str]:
    names = PARAMETER.findall(address)
    literal = PARAMETER.sub("", address)
    if {"*", "#"} & set(address.split(".")):
        yield "`*` and `#` are wildcards of a queue; name the word instead: `{region}`"
    if len(set(names)) != len(names):
        yield "it names one parameter twice"
    if "{" in literal or "}" in literal:
        yield "a brace is left open"


def channels_have_addresses(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A channel that an operation uses needs a topic."""
    used = {operation.channel for operation in service.operations}
    for channel in _on_the_broker(service):
        if channel.address is None and channel.key in used:
            yield diagnose("channel-without-address", channel.span, channel=channel.key)


def operations_are_distinct(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Handlers are named after operations."""
    first: dict[str, ir.Operation] = {}
    for operation in service.operations:
        if operation.id in first:
            related = ((first[operation.id].span, "first here"),)
            yield diagnose(
                "duplicate-operation", operation.span, related=related, operation=operation.id
            )
        first.setdefault(operation.id, operation)


def bindings_are_disjoint(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Of two operations on one queue, only one may be there for a message and a routing key."""
    queues: dict[str, list[ir.Operation]] = {}
    for operation in service.operations:
        if operation.queue is not None and operation.handlers:
            queues.setdefault(operation.queue, []).append(operation)
    for queue, operations in queues.items():
        for one, other in combinations(operations, 2):
            for key, second in product(
                one.handlers[0].binding_keys, other.handlers[0].binding_keys
            ):
                same = one.id != other.id and set(one.messages) & set(other.messages)
                if same and overlap(key, second):
                    related = ((one.span, "bound here"),)
                    yield diagnose(
                        "overlapping-bindings",
                        other.span,
                        related=related,
                        key=second,
                        other=key,
                        queue=queue,
                        operation=other.id,
                    )


def queues_get_what_is_received(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A queue is bound to the channel's address: it gets every message of the channel."""
    channels = {channel.key: channel for channel in service.channels}
    received: dict[str | None, set[str]] = {}
    for operation in service.operations:
        received.setdefault(operation.queue, set()).update(operation.messages)
    sockets = _over_websockets(service)
    for operation in service.operations:
        others = set(channels[operation.channel].messages) - received[operation.queue] - sockets
        if operation.queue is not None and others:
            names = ", ".join(f"`{name}`" for name in sorted(others))
            yield diagnose(
                "partial-subscription",
                operation.span,
                queue=operation.queue,
                others=names,
                operation=operation.id,
            )


def wire_names_are_distinct(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A receiver tells messages apart by their wire name."""
    first: dict[tuple[str, bool], ir.Message] = {}
    for message in service.messages:
        name = message.wire_name
        known = first.setdefault((name, message.kind == "websocket"), message)
        if known is not message and known.payload.schema != message.payload.schema:
            related = ((known.span, "first here"),)
            yield diagnose("conflicting-message", message.span, related=related, name=name)


def messages_have_schemas(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A body without a schema is not validated; one that cannot be read is complained of there."""
    for message in service.messages:
        is_written = message.payload.pointer.endswith("/payload") or "payload" in message.metadata
        if message.payload.schema is True and not is_written:
            yield diagnose("message-without-schema", message.span, name=message.name)


def messages_have_channels(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A message on no channel has no topic; an answer goes to whom asked."""
    answers = {name for o in service.operations if o.reply is not None for name in o.reply.messages}
    for message in service.messages:
        if not message.topic and message.name not in answers and message.kind != "websocket":
            yield diagnose("message-without-channel", message.span, name=message.name)


def bodies_are_json(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """The runtime reads and writes JSON."""
    for message in service.messages:
        kind = message.content_type.partition(";")[0].strip().lower()
        if not kind.endswith(("/json", "+json")):
            yield diagnose(
                "content-type-not-json",
                message.span,
                name=message.name,
                content_type=message.content_type,
            )


def publishing_has_effect(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A publication has one routing key; all else of an AMQP binding goes out with it."""
    for message in service.messages:
        asked = message.publishing
        values = {"cc": bool(asked.cc), "bcc": bool(asked.bcc)}
        for key in (key for key, is_set in values.items() if is_set):
            yield diagnose("publishing-without-effect", message.span, key=key, name=message.name)


def operations_have_one_kind(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A task's queue is shared, an event's is the operation's own: one queue cannot be both."""
    kinds = {message.name: message.kind for message in service.messages}
    for operation in service.operations:
        handled = {kinds[name] for name in operation.messages} - {"websocket"}
        if operation.queue and len(handled) > 1:
            yield diagnose("mixed-kinds", operation.span, operation=operation.id)


def websockets_have_no_handlers(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """What comes through a WebSocket comes through no queue: no handler is called for it."""
    sockets = _over_websockets(service)
    channels = {channel.key: channel for channel in service.channels}
    for operation in service.operations:
        if operation.action == "receive" and not channels[operation.channel].is_websocket:
            for name in (name for name in operation.messages if name in sockets):
                yield diagnose(
                    "websocket-received", operation.span, operation=operation.id, name=name
                )


def _over_websockets(service: ir.Service) -> set[str]:
    return {message.name for message in service.messages if message.kind == "websocket"}


def _on_the_broker(service: ir.Service) -> Iterator[ir.Channel]:
    """The channels whose addresses are topics."""
    topics = {message.topic for message in service.messages if message.kind != "websocket"}
    for channel in service.channels:
        if not channel.is_websocket or (channel.address or channel.key) in topics:
            yield channel


def exchanges_match_parameters(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Only a topic exchange knows wildcards."""
    types = {exchange.name: exchange.type for exchange in service.topology.exchanges}
    for channel in service.channels:
        type = types.get(channel.exchange or "", "topic")
        if channel.parameters and type in _UNMATCHED:
            yield diagnose(
                "wildcard-on-direct-exchange",
                channel.span,
                address=channel.address or channel.key,
                exchange=channel.exchange,
                type=type,
            )


def replies_have_messages(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Without a message an answer has no class; it goes where AMQP says, in `reply_to`."""
    for operation in service.operations:
        reply = operation.reply
        if reply is None:
            continue
        if not reply.messages:
            yield diagnose("reply-without-message", operation.span, operation=operation.id)
        if reply.address is not None and not _REPLY_TO.fullmatch(reply.address):
            yield diagnose(
                "reply-address-without-effect",
                operation.span,
                operation=operation.id,
                address=reply.address,
            )


_REPLY_TO = re.compile(r"\$message\.header#/(?:.*/)?reply[-_]?to", re.IGNORECASE)

_RULES: tuple[Rule, ...] = (
    parameters_are_words,
    addresses_are_routing_keys,
    channels_have_addresses,
    operations_are_distinct,
    bindings_are_disjoint,
    queues_get_what_is_received,
    wire_names_are_distinct,
    messages_have_schemas,
    messages_have_channels,
    bodies_are_json,
    publishing_has_effect,
    replies_have_messages,
    operations_have_one_kind,
    websockets_have_no_handlers,
    exchanges_match_parameters,
)


def overlap(key: str, other: str) -> bool:
    """Whether some routing key matches both binding keys (`*` stands for one word)."""
    words, others = key.split("."), other.split(".")
    return len(words) == len(others) and all(
        a == b or "*" in (a, b) for a, b in zip(words, others, strict=True)
    )


def _within(span: Span, text: str, documents: Documents) -> Span:
    """Where `text` stands in the line that a span begins on; the span itself if it does not."""
    document = documents.get(span.path)
    lines = document.text.split("\n") if document is not None else []
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    column = line.find(text, span.column - 1) + 1
    if not column:
        return span
    return Span(span.path, span.line, column, span.line, column + len(text))


def _with_dots(address: str) -> str:
    text = PARAMETER.sub(lambda match: f".{match[0]}.", address)
    words = [word.strip("/-_:") for word in text.replace("/", ".").split(".")]
    return ".".join(word for word in words if word)
