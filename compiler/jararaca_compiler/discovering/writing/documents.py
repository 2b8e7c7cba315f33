"""From what was gathered of an exchange to an AsyncAPI 3.0 document with its evidence."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.discovering.shapes.schema import schema_of, shared_schema_of
from jararaca_compiler.discovering.stream import Stream
from jararaca_compiler.discovering.topics import Pattern
from jararaca_compiler.discovering.writing.names import Names, title
from jararaca_compiler.discovering.writing.queues import queues_of
from jararaca_compiler.lint.document_rules import is_command
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.heard import Counts

Document = dict[str, Any]
EVIDENCE = "x-evidence"
JSON = "application/json"
OCTETS = "application/octet-stream"
FEW = 100
"""Fewer messages than that are told in the summary: nothing is required yet."""


def document_of(
    exchange: Exchange, patterns: list[Pattern], broker: BrokerDescription, counts: Counts
) -> Document:
    """The document of one exchange; `counts` are those of the whole listening."""
    streams = [stream for pattern in patterns for stream in pattern.streams.values()]
    names = Names(patterns)
    tasks = {
        names.key(stream)
        for pattern in patterns
        for stream in pattern.streams.values()
        if _is_task(stream, pattern, broker, exchange)
    }
    schemas: Document = {}
    messages = {
        key: _message(key, stream, schemas, is_task=key in tasks)
        for key, stream in names.messages.items()
    }
    channels = {names.channel(p): _channel(p, names, exchange) for p in patterns}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title(exchange.name or "default exchange"),
            "version": "0.1.0",
            "description": "Found by `jararaca discover`: what was heard, not what is promised.",
            EVIDENCE: _evidence_of_all(streams, counts),
        },
        "defaultContentType": JSON,
        "channels": channels,
        "operations": {
            names.operation(p, is_task): _operation(p, names, broker, exchange, is_task)
            for p in patterns
            for is_task in (False, True)
            if any(_is_task(s, p, broker, exchange) == is_task for s in p.streams.values())
        },
        "components": {"messages": messages, **({"schemas": schemas} if schemas else {})},
    }


def _evidence_of_all(streams: list[Stream], counts: Counts) -> Document:
    found: Document = {
        "messages": sum(stream.count for stream in streams),
        "since": min(stream.since for stream in streams),
        "until": max(stream.until for stream in streams),
    }
    return {**found, "dropped": "unknown" if counts.dropped is None else counts.dropped}


def _channel(pattern: Pattern, names: Names, exchange: Exchange) -> Document:
    found: Document = {"address": pattern.address}
    parameters = {
        name: {"enum": sorted(values)} if (values := pattern.values.get(place)) else {}
        for place, name in pattern.parameters.items()
    }
    if parameters:
        found["parameters"] = parameters
    keys = names.keys(pattern)
    found["messages"] = {key: {"$ref": f"#/components/messages/{key}"} for key in keys}
    found["bindings"] = {"amqp": _binding(exchange)}
    return found


def _binding(exchange: Exchange) -> Document:
    told: Document = {"type": "default"}
    if exchange.name:
        told = {
            "name": exchange.name,
            "type": exchange.routes_as,
            "durable": exchange.durable,
            "autoDelete": exchange.auto_delete,
        }
    return {"is": "routingKey", "exchange": told, "bindingVersion": "0.3.0"}


def _operation(
    pattern: Pattern, names: Names, broker: BrokerDescription, exchange: Exchange, is_task: bool
) -> Document:
    channel = names.channel(pattern)
    streams = {
        names.key(stream): stream
        for stream in pattern.streams.values()
        if _is_task(stream, pattern, broker, exchange) == is_task
    }
    queues = queues_of(pattern, broker, exchange)
    consumers = sorted({c.connection for c in broker.consumers if c.queue in queues})
    evidence: Document = {"queues": sorted(queues)} if queues else {}
    if consumers:
        evidence["consumers"] = consumers
    told = "Who does it is there already." if is_task else "Who publishes it is there already."
    return {
        "action": "send" if is_task else "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": told,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{key}"} for key in sorted(streams)],
        **({EVIDENCE: evidence} if evidence else {}),
    }


def _message(key: str, stream: Stream, schemas: Document, *, is_task: bool) -> Document:
    """The message; shapes of its body that contain themselves go to `schemas`."""
    is_json = set(stream.contents) == {"JSON"} and not stream.packed
    found: Document = {"name": stream.name or key, "title": title(key)}
    if stream.count < FEW:
        found["summary"] = (
            f"Heard {count(stream.count, 'time')}: too seldom to say what is required."
        )
    if is_task:
        found["x-message-type"] = "task"
    if is_json:
        found["payload"] = shared_schema_of(stream.body, key, schemas)
    else:
        found["contentType"] = OCTETS
        found["description"] = f"The body is {_kinds(stream)}: no schema can be seen in it."
    headers = schema_of(stream.headers)
    if headers.get("properties"):
        found["headers"] = headers
    found[EVIDENCE] = _evidence(stream)
    return found


def _kinds(stream: Stream) -> str:
    kinds = " or ".join(sorted(stream.contents))
    return f"{kinds}, packed" if stream.packed else kinds


def _evidence(stream: Stream) -> Document:
    found: Document = {"messages": stream.count, "since": stream.since, "until": stream.until}
    if stream.by:
        found["named-by"] = stream.by
    if stream.envelope:
        found["envelope"] = stream.envelope
    if stream.within:
        found["message-at"] = stream.within
    if stream.publishers:
        found["publishers"] = sorted(stream.publishers)
    if stream.replies_wanted:
        found["replies-wanted"] = stream.replies_wanted
    if stream.types:
        found["content-types"] = sorted(stream.types)
    return found


def _is_task(
    stream: Stream, pattern: Pattern, broker: BrokerDescription, exchange: Exchange
) -> bool:
    """Whether one worker does it: a framework's task, or one queue by that name, or a command's."""
    if stream.is_task or exchange.name == "":
        return True
    queues = queues_of(pattern, broker, exchange)
    if exchange.routes_as == "direct":
        return len(queues) == 1
    if exchange.routes_as != "topic" or len(queues) != 1:
        return False
    return queues == {pattern.address} or is_command(stream.name or pattern.address)
