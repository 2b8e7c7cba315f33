"""Rules about channels: their addresses are routing keys that RabbitMQ can match."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.addresses.address import PARAMETER, binding_key
from jararaca_compiler.reading.load import Documents

LONGEST_NAME = 255
_UNMATCHED = ("direct",)


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
                        help=_suggestion(address),
                        parameter=name,
                        address=address,
                        key=binding_key(address),
                    )


def _suggestion(address: str) -> str:
    """What to write for a parameter inside a word, and what else arrives until then."""
    return (
        f"Write `{_with_dots(address)}`: RabbitMQ matches whole words only, so that whatever is"
        f" published to `{binding_key(address)}` reaches the queue as well."
    )


def _with_dots(address: str) -> str:
    text = PARAMETER.sub(lambda match: f".{match[0]}.", address)
    words = [word.strip("/-_:") for word in text.replace("/", ".").split(".")]
    return ".".join(word for word in words if word)


def addresses_are_routing_keys(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """AMQP 0-9-1, section 3.1.3.3: words between dots, 255 bytes at most."""
    for channel in _on_the_broker(service):
        address = channel.address or channel.key
        if len(address.encode()) > LONGEST_NAME:
            reason = f"it is longer than {LONGEST_NAME} bytes"
            yield diagnose("invalid-address", channel.span, address=address, reason=reason)
        for reason in _unusual_parts(address):
            yield diagnose("unusual-address", channel.span, address=address, reason=reason)


def _unusual_parts(address: str) -> Iterator[str]:
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


def exchanges_match_parameters(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Only a topic exchange knows wildcards."""
    types = {exchange.name: exchange.type for exchange in service.topology.exchanges}
    sent = {each.channel for each in service.operations if each.action == "send"}
    for channel in service.channels:
        type = types.get(channel.exchange or "", "topic")
        if channel.parameters and channel.is_queue and channel.queue and channel.key in sent:
            yield diagnose(
                "parameter-beside-queue",
                channel.span,
                address=channel.address or channel.key,
                queue=channel.queue,
            )
        if channel.parameters and type in ir.KEYLESS:
            yield diagnose(
                "parameter-without-value",
                channel.span,
                address=channel.address or channel.key,
                exchange=channel.exchange,
                type=type,
            )
        if channel.parameters and type in _UNMATCHED:
            yield diagnose(
                "wildcard-on-direct-exchange",
                channel.span,
                address=channel.address or channel.key,
                exchange=channel.exchange,
                type=type,
            )


def _on_the_broker(service: ir.Service) -> Iterator[ir.Channel]:
    """The channels whose addresses are topics."""
    topics = {message.topic for message in service.messages if message.kind != "websocket"}
    for channel in service.channels:
        if not channel.is_websocket or (channel.address or channel.key) in topics:
            yield channel


def _within(span: Span, text: str, documents: Documents) -> Span:
    """Where `text` stands in the line that a span begins on; the span itself if it does not."""
    document = documents.get(span.path)
    lines = document.text.split("\n") if document is not None else []
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    column = line.find(text, span.column - 1) + 1
    if not column:
        return span
    return Span(span.path, span.line, column, span.line, column + len(text))
