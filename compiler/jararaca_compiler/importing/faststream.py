"""A FastStream application, by the AsyncAPI 3.0 document that FastStream makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from jararaca_compiler.importing.discovery import (
    REFERENCE,
    DiscoveredCode,
    DiscoveredMessage,
    ImportCodeError,
    Kind,
    camel,
    plain,
    topic_of,
)

DEFAULT_EXCHANGE = "_"
"""What FastStream writes into a channel's key for AMQP's default exchange."""


def is_faststream(value: object) -> bool:
    """Whether it is a FastStream application, or a broker of one."""
    return type(value).__module__.partition(".")[0] == "faststream"


def read_faststream(app: Any) -> DiscoveredCode:
    """Its messages. Raises ImportCodeError for a broker without an application."""
    try:
        document = json.loads(app.schema.to_specification().to_json())
    except AttributeError as error:
        raise ImportCodeError(
            "FastStream describes applications: name the FastStream(broker), like myapp.main:app"
        ) from error
    schemas = {
        _schema_name(name): _renamed(plain(schema))
        for name, schema in document["components"].get("schemas", {}).items()
    }
    found: dict[tuple[str, str], DiscoveredMessage] = {}
    notes: list[str] = []
    for each in _messages(document, notes):
        known = found.setdefault((each.name, each.topic), each)
        if known is not each:
            found[each.name, each.topic] = _joined(known, each)
    return DiscoveredCode(
        tuple(found.values()),
        _used(found.values(), schemas),
        tuple(notes),
        version=document["info"].get("version", ""),
    )


def _messages(document: Mapping[str, Any], notes: list[str]) -> Iterator[DiscoveredMessage]:
    messages = document["components"].get("messages", {})
    sends = {
        operation["channel"]["$ref"].rpartition("/")[2]
        for operation in document.get("operations", {}).values()
        if operation["action"] == "send"
    }
    for key, channel in document["channels"].items():
        # FastStream 0.7 gives none where the exchange heeds no routing key.
        address = str(channel.get("address") or key.partition(":")[0])
        topic, lost = topic_of(address)
        if lost:
            notes.append(f"{address}: a topic has no `#`; say which messages come there")
        binding = channel.get("bindings", {}).get("amqp", {})
        _, exchange, handler = (*key.split(":"), "", "")[:3]
        kind: Kind = "task" if exchange == DEFAULT_EXCHANGE else "event"
        for reference in channel["messages"].values():
            message = messages[reference["$ref"].rpartition("/")[2]]
            schema = _renamed(plain(message["payload"]))
            sent = key in sends
            queue = None if sent else binding.get("queue", {}).get("name")
            if queue and kind == "event":
                notes.append(f"{queue}: an event's queue is named by its service and operation")
            yield DiscoveredMessage(
                name=_message_name(schema, handler, key),
                topic=topic,
                kind=kind,
                schema=schema,
                description=message.get("description", ""),
                queue=queue,
                exchange=None if exchange == DEFAULT_EXCHANGE or not exchange else exchange,
                handlers=() if sent else (camel(handler),),
                sent=sent,
            )


def _joined(known: DiscoveredMessage, other: DiscoveredMessage) -> DiscoveredMessage:
    """One message that is sent here and handled there."""
    return DiscoveredMessage(
        known.name,
        known.topic,
        known.kind,
        known.schema,
        known.description or other.description,
        known.queue or other.queue,
        known.exchange or other.exchange,
        (*known.handlers, *other.handlers),
        known.sent or other.sent,
    )


def _message_name(schema: Mapping[str, Any], handler: str, key: str) -> str:
    """The payload's class, where it has one; else the handler's name."""
    reference = schema.get("$ref", "")
    if reference.startswith(REFERENCE):
        return camel(unquote(reference.rpartition("/")[2]))
    return camel(handler or key)


def _renamed(schema: Any) -> Any:
    """The schema with references to names that need no escaping."""
    if isinstance(schema, list):
        return [_renamed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _renamed(value) for key, value in schema.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith(REFERENCE):
        found["$ref"] = REFERENCE + _schema_name(unquote(reference.removeprefix(REFERENCE)))
    return found


def _schema_name(name: str) -> str:
    text = camel(name.replace(":Message:Payload", ""))
    return text[:1].upper() + text[1:]


def _used(messages: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Only the schemas that messages reach."""
    waiting: list[Any] = [message.schema for message in messages]
    kept: dict[str, Any] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix(REFERENCE)
            if name in schemas and name not in kept:
                kept[name] = schemas[name]
                waiting.append(schemas[name])
            waiting += value.values()
    return dict(sorted(kept.items()))
