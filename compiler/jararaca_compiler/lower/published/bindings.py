"""Bindings of every protocol in the words of AsyncAPI 3.0, for the document that is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.inlining import EXTENSION, inlined

Place = Literal["server", "channel", "operation", "message"]
_SCHEMAS = frozenset({"key", "query", "headers", "groupId", "clientId"})
"""What holds a schema where it is a mapping: Kafka's keys and ids, HTTP's and WebSocket's parts."""
_UNVERSIONED = frozenset({"http", "ws", "amqp1", "mqtt", "nats", "stomp", "redis", "mercure"})
_KAFKA = frozenset({"0.3.0", "0.4.0", "0.5.0"})
_HTTP = frozenset({"0.2.0", "0.3.0"})
_SOLACE = frozenset({"0.2.0", "0.3.0", "0.4.0"})
_VERSIONS: Mapping[Place, Mapping[str, frozenset[str]]] = {
    "server": {
        "kafka": _KAFKA,
        "mqtt": frozenset({"0.2.0"}),
        "jms": frozenset({"0.0.1"}),
        "ibmmq": frozenset({"0.1.0"}),
        "solace": _SOLACE,
        "pulsar": frozenset({"0.1.0"}),
    },
    "channel": {
        "ws": frozenset({"0.1.0"}),
        "kafka": _KAFKA,
        "anypointmq": frozenset({"0.0.1"}),
        "jms": frozenset({"0.0.1"}),
        "sns": frozenset({"0.1.0"}),
        "sqs": frozenset({"0.2.0"}),
        "ibmmq": frozenset({"0.1.0"}),
        "googlepubsub": frozenset({"0.2.0"}),
        "pulsar": frozenset({"0.1.0"}),
    },
    "operation": {
        "http": _HTTP,
        "mqtt": frozenset({"0.2.0"}),
        "kafka": _KAFKA,
        "nats": frozenset({"0.1.0"}),
        "sns": frozenset({"0.1.0"}),
        "sqs": frozenset({"0.2.0"}),
        "solace": _SOLACE,
    },
    "message": {
        "http": _HTTP,
        "mqtt": frozenset({"0.2.0"}),
        "kafka": _KAFKA,
        "anypointmq": frozenset({"0.0.1"}),
        "jms": frozenset({"0.0.1"}),
        "ibmmq": frozenset({"0.1.0"}),
        "googlepubsub": frozenset({"0.2.0"}),
    },
}
"""The binding versions that the schema of AsyncAPI 3.0.0 knows; AMQP's are told in 0.3.0."""
_AMQP_VERSION = "0.3.0"


def bindings(node: Node | None, place: Place, context: Context) -> dict[str, Any]:
    """The bindings at `node`; what AsyncAPI 3.0 has no word for is an extension: `x-kafka`."""
    if node is None:
        return {}
    found: dict[str, Any] = {}
    for protocol, item in context.resolver.follow(node).items():
        value = _binding(context.resolver.follow(item), context)
        if protocol == "amqp" and isinstance(value, dict):
            found[protocol] = _amqp(value, place)
        elif protocol == "http" and isinstance(value, dict) and place == "operation":
            found[protocol] = _http(value)
        elif EXTENSION.fullmatch(protocol) or _is_known(protocol, value, place):
            found[protocol] = value
        else:
            found[f"x-{protocol}"] = value
    return found


def _binding(node: Node, context: Context) -> Any:
    if not isinstance(node.value, dict):
        return inlined(node, context)
    return {
        key: (
            _schema(item, context)
            if key in _SCHEMAS and isinstance(item.value, dict)
            else inlined(item, context)
        )
        for key, item in node.items()
        if item.value is not None
    }


def _schema(node: Node, context: Context) -> Any:
    """A schema in a binding; AsyncAPI's own schema takes a bare reference there for two things."""
    schema = context.resolver.schema(node).value
    return {"allOf": [schema]} if isinstance(schema, dict) and "$ref" in schema else schema


def _is_known(protocol: str, value: Any, place: Place) -> bool:
    """Whether the published document can have the binding under its own name."""
    version = value.get("bindingVersion") if isinstance(value, dict) else None
    versions = _VERSIONS[place].get(protocol)
    if versions is None:
        return protocol in _UNVERSIONED and not value
    return version is None or version in versions


def _amqp(value: dict[str, Any], place: Place) -> dict[str, Any]:
    """The AMQP binding in version 0.3.0: lists of routing keys, a queue or an exchange."""
    made = {key: item for key, item in value.items() if item is not None}
    if place == "server":
        return {_extension(key): item for key, item in made.items()}
    for key in ("cc", "bcc"):
        if isinstance(made.get(key), str):
            made[key] = [made[key]]
    if "replyTo" in made:
        made["x-reply-to"] = made.pop("replyTo")
    if place == "channel":
        made.setdefault("is", "routingKey")
        wanted, other = ("queue", "exchange") if made["is"] == "queue" else ("exchange", "queue")
        if other in made:
            made[f"x-{other}"] = made.pop(other)
        made.setdefault(wanted, {})
    return {**made, "bindingVersion": _AMQP_VERSION}


def _http(value: dict[str, Any]) -> dict[str, Any]:
    """The HTTP binding in a version without `type`, which 0.1.0 has."""
    made = {("x-type" if key == "type" else key): item for key, item in value.items()}
    if made.get("bindingVersion") not in _HTTP:
        made.pop("bindingVersion", None)
    return made


def _extension(key: str) -> str:
    return key if EXTENSION.fullmatch(key) else f"x-{key}"
