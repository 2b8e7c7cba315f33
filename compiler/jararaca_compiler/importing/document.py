"""The AsyncAPI 3.0 document that found code amounts to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jararaca_compiler.importing.discovery import DiscoveredCode, DiscoveredMessage, camel

PARAMETER = re.compile(r"\{([^{}]+)\}")


def document_of(found: DiscoveredCode, title: str) -> dict[str, Any]:
    """Channels by topic, messages and schemas as components, operations for who does what."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for each in found.messages:
        name = camel(each.name)
        messages[name] = _message(each, name)
        if not each.topic:
            continue  # An answer, in the channel of its request's answers; or for clients.
        key = _channel_key(each, channels)
        reference = {"$ref": f"#/components/messages/{name}"}
        channels.setdefault(key, _channel(each))["messages"][name] = reference
        mine: list[dict[str, Any]] = []
        for handler in each.handlers:
            mine.append(operations.setdefault(camel(handler), _operation("receive", key)))
        if each.sent or each.publishing or not each.handlers:
            mine.append(_operation("send", key))
            operations[camel(f"send {name}")] = mine[-1]
            if each.publishing:
                mine[-1]["bindings"] = {"amqp": {**each.publishing, "bindingVersion": "0.3.0"}}
        for operation in mine:
            _add_message(operation, key, name)
            if each.replies:
                answers = camel(f"{name} answers")
                channels[answers] = _answers(each)
                operation["reply"] = _reply(answers)
    _add_clients(found, channels, operations)
    components = {"messages": messages}
    if found.schemas:
        components["schemas"] = dict(found.schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": found.version or "0.1.0"},
        "channels": channels,
        "operations": operations,
        "components": components,
    }


def _add_clients(
    found: DiscoveredCode, channels: dict[str, Any], operations: dict[str, Any]
) -> None:
    """The channel of WebSocket clients; where it is served, the code does not say."""
    sockets = [each for each in found.messages if each.kind == "websocket"]
    if not sockets:
        return
    key = "websocket" if "websocket" not in channels else "websocketClients"
    names = [camel(each.name) for each in sockets]
    channels[key] = {
        "address": None,
        "bindings": {"ws": {}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }
    for action, received in (("send", False), ("receive", True)):
        mine = [camel(each.name) for each in sockets if each.received is received]
        if mine:
            operation = operations[camel(f"{action} {key}")] = _operation(action, key)
            for name in mine:
                operation["messages"].append({"$ref": f"#/channels/{key}/messages/{name}"})


def title_of(name: str) -> str:
    """The title of an application whose package is called so."""
    return name.replace("_", " ").capitalize()


def _message(each: DiscoveredMessage, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if each.name != name:
        made["name"] = each.name
    if each.description:
        made["description"] = each.description
    made["x-message-type"] = each.kind
    if each.headers is not None:
        made["headers"] = dict(each.headers)
    made.update(each.notes)
    made["payload"] = dict(each.schema)
    if each.examples:
        made["examples"] = [{"payload": example} for example in each.examples]
    return made


def _channel(each: DiscoveredMessage) -> dict[str, Any]:
    made: dict[str, Any] = {"address": each.topic, "messages": {}}
    if parameters := PARAMETER.findall(each.topic):
        made["parameters"] = {name: dict(each.parameters.get(name, {})) for name in parameters}
    binding = _binding(each)
    if binding:
        made["bindings"] = {"amqp": {**binding, "bindingVersion": "0.3.0"}}
    return made


def _binding(each: DiscoveredMessage) -> Mapping[str, Any]:
    if each.kind == "task" and each.queue and each.queue != each.topic:
        return {"is": "queue", "queue": {"name": each.queue, "durable": True}}
    if each.exchange:
        return {"is": "routingKey", "exchange": {"name": each.exchange, "type": "topic"}}
    return {}


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": []}


def _answers(each: DiscoveredMessage) -> dict[str, Any]:
    """The channel of a request's answers: each goes where the request says."""
    names = [camel(name) for name in each.replies]
    return {"messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names}}


def _reply(channel: str) -> dict[str, Any]:
    return {
        "address": {"location": "$message.header#/replyTo"},
        "channel": {"$ref": f"#/channels/{channel}"},
    }


def _add_message(operation: dict[str, Any], channel: str, message: str) -> None:
    """One more message; the handler of several is one method."""
    operation["messages"].append({"$ref": f"#/channels/{channel}/messages/{message}"})
    if len(operation["messages"]) > 1:
        operation["x-handlers"] = "one"


def _channel_key(each: DiscoveredMessage, channels: Mapping[str, Any]) -> str:
    """The topic as a name; the same for messages that share it."""
    wanted = camel(PARAMETER.sub(r" \1 ", each.topic)) or camel(each.name)
    key, number = wanted, 2
    while key in channels and channels[key]["address"] != each.topic:
        key, number = f"{wanted}{number}", number + 1
    return key
