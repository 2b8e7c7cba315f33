"""A service -> its published document: AsyncAPI 3.0, self-contained."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler import ir
from jararaca_compiler.documents.source import escape
from jararaca_compiler.emit.document.bundle import Bundle
from jararaca_compiler.emit.document.message_extras import message_extras
from jararaca_compiler.emit.document.schema_names import named_inside, named_root
from jararaca_compiler.emit.json_layout import json_text
from jararaca_compiler.emit.models import class_names
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.lower.front_ends.asyncapi3 import CHANNEL_KEY, OPERATION_ID
from jararaca_compiler.naming import component_key
from jararaca_compiler.references.resolver import Found

SCHEMA_FORMATS = {
    "avro": "application/vnd.apache.avro+json;version=1.9.0",
    "protobuf": "application/vnd.google.protobuf;version=3",
}
"""The `schemaFormat` of binary messages, whose schemas are published as they were written."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What each message, channel and server is called in the published document."""

    messages: dict[str, str]
    channels: dict[str, str]
    servers: dict[str, str]


def emit_document(
    service: ir.Service,
    lookup: Callable[[str], Found],
    classes: Mapping[str, str] | None = None,
) -> ir.GeneratedFile:
    """`asyncapi.json`, whatever format the source has; `classes` are as `bundled` has them."""
    return _as_json(bundled(service, lookup, classes))


def emit_published(
    service: ir.Service, lookup: Callable[[str], Found]
) -> tuple[ir.GeneratedFile, ...]:
    """The document twice: `asyncapi.yaml` and `asyncapi.json`."""
    document = bundled(service, lookup)
    return (ir.GeneratedFile("asyncapi.yaml", yaml_text(document)), _as_json(document))


def _as_json(document: dict[str, Any]) -> ir.GeneratedFile:
    """Each component begins on a line of its own: one can be exchanged for another."""
    return ir.GeneratedFile("asyncapi.json", json_text(document, apart=3))


def bundled(
    service: ir.Service,
    lookup: Callable[[str], Found],
    classes: Mapping[str, str] | None = None,
    *,
    modern: bool = False,
) -> dict[str, Any]:
    """The document as a JSON value; `classes` are the names of the schemas' classes, if known.

    `modern` is for schemas in 2020-12, not in AsyncAPI's draft 7.
    """
    discriminators = Discriminators(lookup, service.shared_schemas)
    names = class_names(service, lookup) if classes is None else classes
    bundle = Bundle(lookup, names, discriminators, modern)
    bundle.reach(_schemas(service))
    keys = Keys(
        messages=_keys(message.name for message in service.messages),
        channels=_keys(channel.key for channel in service.channels),
        servers=_keys(server.name for server in service.servers),
    )
    extras = message_extras(service, keys.messages)
    operations = _keys(operation.id for operation in service.operations)
    channels = {channel.key: channel for channel in service.channels}
    metadata = dict(service.metadata)
    schemas = bundle.components()
    answers = {o.reply.channel for o in service.operations if o.reply is not None}
    used = {channel.key for channel in service.channels} - answers
    used |= {operation.channel for operation in service.operations}
    components = {
        "messages": {
            keys.messages[m.name]: _with_names(_message(m, extras[m.name], bundle), m, schemas)
            for m in service.messages
        },
        "schemas": {key: named_inside(_object(value), key) for key, value in schemas.items()},
        **metadata.pop("components", {}),
    }
    info = _filled(title=service.title, version=service.version, description=service.description)
    made = _filled(
        asyncapi="3.0.0",
        info=info | metadata.pop("info", {}),
        defaultContentType=metadata.pop("defaultContentType", "application/json"),
        servers={keys.servers[s.name]: _server(s, bundle) for s in service.servers},
        channels={
            keys.channels[c.key]: _channel(c, c.key in used, keys, bundle) for c in service.channels
        },
        operations={
            operations[o.id]: _operation(o, operations[o.id], channels[o.channel], keys, bundle)
            for o in service.operations
        },
        components={name: value for name, value in components.items() if value},
    )
    return made | metadata


def _schemas(service: ir.Service) -> Iterator[Any]:
    """Every schema that the document has, whatever it stands in."""
    for message in service.messages:
        yield message.payload.schema
        if message.headers is not None:
            yield message.headers.schema
    yield from ({"$ref": ref} for ref in service.shared_schemas)
    things: Iterable[ir.Server | ir.Channel | ir.Operation | ir.Message] = (
        *service.servers,
        *service.channels,
        *service.operations,
        *service.messages,
    )
    yield from (thing.metadata.get("bindings") for thing in things)


def _filled(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {key: value for key, value in values.items() if value not in (None, {}, (), [])}


def _keys(names: Iterable[str]) -> dict[str, str]:
    """A key that AsyncAPI allows for each name, all distinct."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        key, number = component_key(name), 2
        while key in taken:
            key, number = f"{component_key(name)}_{number}", number + 1
        keys[name] = key
        taken.add(key)
    return keys


def _server(server: ir.Server, bundle: Bundle) -> dict[str, Any]:
    host, _, path = server.host.partition("/")
    made = _filled(
        protocol=server.protocol,
        pathname=f"/{path}" if path else None,
        description=server.description,
    )
    return {"host": host, **made, **_metadata(server.metadata, bundle)}


def _object(schema: Any) -> Any:
    """A payload, headers or a component as an object: AsyncAPI 3.0 has no boolean one there."""
    return {"not": {}} if schema is False else {} if schema is True else schema


def _metadata(metadata: ir.Metadata, bundle: Bundle) -> dict[str, Any]:
    """What the source says besides; only bindings have schemas in them."""
    return {
        key: bundle.schema(value) if key == "bindings" else value for key, value in metadata.items()
    }


def _message(message: ir.Message, extra: Mapping[str, Any], bundle: Bundle) -> dict[str, Any]:
    described = _filled(
        name=message.wire_name or message.name,
        title=message.title,
        summary=message.summary,
        description=message.description,
        contentType=message.content_type,
    )
    if message.headers is not None:
        described["headers"] = _object(bundle.schema(message.headers.schema))
    described |= _filled(
        examples=[
            _filled(name=e.name, headers=e.headers if isinstance(e.headers, dict) else None)
            | {"payload": e.payload}
            for e in message.examples
        ],
    )
    if message.encoding is not None and (message.encoding.text or not message.encoding.root):
        described["payload"] = _as_written(message.encoding)
    elif message.payload.schema is not True:
        described["payload"] = _object(bundle.schema(message.payload.schema))
    described |= extra
    return described | _metadata(message.metadata, bundle)


def _with_names(
    made: dict[str, Any], message: ir.Message, components: Mapping[str, Any]
) -> dict[str, Any]:
    """The message with names for its inline schemas; those of other languages have their own."""
    if isinstance(made.get("payload"), dict) and "schemaFormat" not in made["payload"]:
        made["payload"] = named_root(made["payload"], message.class_name, components.keys())
    if "headers" in made:
        made["headers"] = named_root(
            made["headers"], f"{message.class_name} headers", components.keys()
        )
    return made


OTHERS = "x-parameters"
"""What a channel says of parameters that are not in its address, which AsyncAPI does not allow."""


def _as_written(encoding: ir.Encoding) -> dict[str, Any]:
    """A binary message's schema in its own language."""
    schema = encoding.text or json.loads(encoding.schema)
    return {"schemaFormat": SCHEMA_FORMATS[encoding.language], "schema": schema}


def _channel(channel: ir.Channel, used: bool, keys: Keys, bundle: Bundle) -> dict[str, Any]:
    """A channel; one that only answers go by has no address: each request says its own."""
    metadata = _metadata(channel.metadata, bundle)
    said = dict(metadata.pop("parameters", {}))
    parameters = {p.name: _parameter(p) | said.pop(p.name, {}) for p in channel.parameters}
    made = _filled(
        address=channel.key if channel.address is None and used else channel.address,
        title=channel.title,
        summary=channel.summary,
        description=channel.description,
        servers=[{"$ref": f"#/servers/{keys.servers[name]}"} for name in _known(channel, keys)],
        parameters=parameters,
        messages={
            key: {"$ref": f"#/components/messages/{key}"}
            for key in (keys.messages[name] for name in channel.messages)
        },
    )
    if keys.channels[channel.key] != channel.key:
        made[CHANNEL_KEY] = channel.key
    return made | metadata | _filled(**{OTHERS: metadata.pop(OTHERS, {}) | said})


def _known(channel: ir.Channel, keys: Keys) -> list[str]:
    return [name for name in dict.fromkeys(channel.servers) if name in keys.servers]


def _parameter(parameter: ir.Parameter) -> dict[str, Any]:
    return _filled(
        description=parameter.description,
        enum=list(parameter.enum),
        default=parameter.default,
        examples=list(parameter.examples),
    )


def _operation(
    operation: ir.Operation, key: str, channel: ir.Channel, keys: Keys, bundle: Bundle
) -> dict[str, Any]:
    reply = operation.reply
    made = _filled(
        action=operation.action,
        channel={"$ref": f"#/channels/{escape(keys.channels[operation.channel])}"},
        title=operation.title,
        summary=operation.summary,
        description=operation.description,
        messages=_on(operation.channel, operation.messages, keys),
    )
    if reply is not None:
        made["reply"] = _reply(reply, keys)  # Also one that says nothing: any message answers.
    if channel.messages and not operation.messages:
        made["messages"] = []  # Left out, they would be all of the channel's.
    if key != operation.id:
        made[OPERATION_ID] = operation.id
    return made | _metadata(operation.metadata, bundle)


def _reply(reply: ir.Reply, keys: Keys) -> dict[str, Any]:
    channel = reply.channel
    address = None if reply.address is None else {"location": reply.address}
    made = _filled(
        address=address,
        channel=None if channel is None else {"$ref": f"#/channels/{keys.channels[channel]}"},
        messages=_on(channel, reply.messages, keys),
    )
    if channel is not None and not reply.messages:
        made["messages"] = []
    return made | dict(reply.metadata)


def _on(channel: str | None, messages: Iterable[str], keys: Keys) -> list[dict[str, str]]:
    """References to messages of a channel; without one, to the document's."""
    place = "components" if channel is None else f"channels/{keys.channels[channel]}"
    return [{"$ref": f"#/{place}/messages/{keys.messages[m]}"} for m in messages]
