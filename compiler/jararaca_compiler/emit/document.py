"""A service -> its published document: AsyncAPI 3.0, self-contained, as YAML and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.bundle import Bundle
from jararaca_compiler.emit.header import header
from jararaca_compiler.emit.yamltext import yaml_text
from jararaca_compiler.resolve import Found
from jararaca_compiler.source import escape

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def emit_document(
    service: ir.Service, lookup: Callable[[str], Found]
) -> tuple[ir.GeneratedFile, ...]:
    """`asyncapi.yaml` and `asyncapi.json`, whatever format the source has."""
    document = bundled(service, lookup)
    return (
        ir.GeneratedFile("asyncapi.yaml", header(service) + yaml_text(document)),
        ir.GeneratedFile(
            "asyncapi.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        ),
    )


def bundled(service: ir.Service, lookup: Callable[[str], Found]) -> dict[str, Any]:
    """The document as a JSON value."""
    bundle = Bundle(lookup)
    payloads = [p for m in service.messages for p in (m.payload, m.headers) if p is not None]
    bundle.reach(payload.schema for payload in payloads)
    keys = _keys(message.name for message in service.messages)
    channels = _keys(channel.key for channel in service.channels)
    schemas = bundle.components()
    components = {
        "messages": {keys[m.name]: _message(m, bundle) for m in service.messages},
        "schemas": schemas,
    }
    return _filled(
        asyncapi="3.0.0",
        info=_filled(
            title=service.title,
            version=service.version or "0",
            description=service.description,
        ),
        defaultContentType="application/json",
        servers={_fit(server.name): _server(server) for server in service.servers},
        channels={channels[c.key]: _channel(c, keys, service) for c in service.channels},
        operations={_fit(o.id): _operation(o, channels, keys) for o in service.operations},
        components={name: value for name, value in components.items() if value},
    )


def _filled(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {key: value for key, value in values.items() if value not in (None, {}, (), [])}


def _fit(key: str) -> str:
    return _UNFIT.sub("_", key).strip("_") or "_"


def _keys(names: Iterable[str]) -> dict[str, str]:
    """A key that AsyncAPI allows for each name, all distinct."""
    keys: dict[str, str] = {}
    for name in names:
        key, number = _fit(name), 2
        while key in keys.values():
            key, number = f"{_fit(name)}_{number}", number + 1
        keys.setdefault(name, key)
    return keys


def _server(server: ir.Server) -> dict[str, Any]:
    host, _, path = server.host.partition("/")
    return _filled(
        host=host,
        protocol=server.protocol,
        pathname=f"/{path}" if path else None,
        description=server.description,
    )


def _message(message: ir.Message, bundle: Bundle) -> dict[str, Any]:
    described = _filled(
        name=message.wire_name or message.name,
        title=message.title,
        summary=message.summary,
        description=message.description,
        contentType=message.content_type,
        tags=[{"name": tag} for tag in message.tags],
        headers=None if message.headers is None else bundle.schema(message.headers.schema),
        examples=[
            {k: v for k, v in (("name", e.name), ("headers", e.headers)) if v is not None}
            | {"payload": e.payload}
            for e in message.examples
        ],
    )
    described["payload"] = bundle.schema(message.payload.schema)
    described["x-message-type"] = message.kind
    if message.deprecated:
        described["x-deprecated"] = True
    return described


def _channel(channel: ir.Channel, keys: dict[str, str], service: ir.Service) -> dict[str, Any]:
    return _filled(
        address=channel.address or channel.key,
        title=channel.title,
        summary=channel.summary,
        description=channel.description,
        parameters={p.name: _parameter(p) for p in channel.parameters},
        messages={
            keys[name]: {"$ref": f"#/components/messages/{keys[name]}"} for name in channel.messages
        },
        bindings=_bindings(channel, service),
    )


def _parameter(parameter: ir.Parameter) -> dict[str, Any]:
    return _filled(
        description=parameter.description,
        enum=list(parameter.enum),
        default=parameter.default,
        examples=list(parameter.examples),
    )


def _bindings(channel: ir.Channel, service: ir.Service) -> dict[str, Any]:
    """The AMQP binding: the queue with a name, and an exchange that is not the service's own."""
    exchange = next((e for e in service.topology.exchanges if e.name == channel.exchange), None)
    amqp: dict[str, Any] = {}
    if channel.queue is not None:
        amqp = {"is": "queue", "queue": {"name": channel.queue}}
    elif exchange is not None:
        amqp = {"is": "routingKey"}
    if exchange is not None:
        amqp["exchange"] = {"name": exchange.name, "type": exchange.type}
    return {"amqp": amqp | {"bindingVersion": "0.3.0"}} if amqp else {}


def _operation(
    operation: ir.Operation, channels: dict[str, str], keys: dict[str, str]
) -> dict[str, Any]:
    return _filled(
        action=operation.action,
        channel={"$ref": f"#/channels/{escape(channels[operation.channel])}"},
        title=operation.title,
        summary=operation.summary,
        description=operation.description,
        messages=_on(operation.channel, operation.messages, channels, keys),
        reply=None if operation.reply is None else _reply(operation.reply, channels, keys),
    )


def _reply(
    reply: ir.Reply, channels: dict[str, str], keys: dict[str, str]
) -> dict[str, Any] | None:
    channel = reply.channel
    return (
        _filled(
            address=None if reply.address is None else {"location": reply.address},
            channel=None if channel is None else {"$ref": f"#/channels/{channels[channel]}"},
            messages=None if channel is None else _on(channel, reply.messages, channels, keys),
        )
        or None
    )


def _on(
    channel: str, messages: Iterable[str], channels: dict[str, str], keys: dict[str, str]
) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/{channels[channel]}/messages/{keys[m]}"} for m in messages]
