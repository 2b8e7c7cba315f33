"""Bindings of every protocol in the words of AsyncAPI 3.0, for the document that is published."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.forms.fitting import EXTENSION, NOTHING, extension
from jararaca_compiler.lower.published.forms.protocols import Place, fitted_binding
from jararaca_compiler.lower.published.inlining import inlined

_HTTP = ("0.2.0", "0.3.0")
_SCHEMAS = frozenset({"key", "query", "headers", "groupId", "clientId"}) | {
    *("correlationData", "responseTopic", "messageExpiryInterval"),
    *("sessionExpiryInterval", "maximumPacketSize"),
}
"""What holds a schema where it is a mapping: Kafka's keys and ids, parts of HTTP's, MQTT's."""
_AMQP_VERSION = "0.3.0"


def bindings(node: Node | None, place: Place, context: Context) -> dict[str, Any]:
    """The bindings at `node`; what AsyncAPI 3.0 has no word for is an extension: `x-kafka`."""
    if node is None:
        return {}
    found: dict[str, Any] = {}
    for protocol, item in context.resolver.follow(node).items():
        value = _binding(context.resolver.follow(item), context)
        if protocol == "amqp" and isinstance(value, dict) and place != "server":
            value = _amqp(value, place)
        elif protocol == "http" and isinstance(value, dict) and place == "operation":
            value = _http(value)
        fits = NOTHING if EXTENSION.fullmatch(protocol) else fitted_binding(protocol, value, place)
        if fits is not NOTHING:
            found[protocol] = fits
        else:
            found.setdefault(extension(protocol), inlined(item, context))
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


def _amqp(value: dict[str, Any], place: Place) -> dict[str, Any]:
    """The AMQP binding in version 0.3.0: lists of routing keys, a queue or an exchange."""
    made = {key: item for key, item in value.items() if item is not None}
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
