"""The AsyncAPI objects as a table: which keys each has, and what stands there.

A shape is `str`, `bool`, `number`, `count` (0, 1, ...), `positive`, `bound` (a number or a flag),
`any`, `schema`, the name of an object, `map X` (by name) or `list X`.
Sources: https://www.asyncapi.com/docs/reference/specification/v2.6.0 and /v3.0.0, and the AMQP
bindings, version 0.3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One object of the specification; `called` is how a person would name it."""

    called: str
    keys: Mapping[str, str]
    required: tuple[str, ...] = ()


def _each(names: str, shape: str) -> dict[str, str]:
    """One shape for many keys, written side by side."""
    return dict.fromkeys(names.split(), shape)


_DESCRIBED = {"title": "str", "summary": "str", "description": "str"}
_TAGGED = {"tags": "list any", "externalDocs": "any"}
_BINDINGS = (
    "http ws kafka anypubsub amqp amqp1 mqtt mqtt5 nats jms sns sqs stomp redis mercure ibmmq"
    " googlepubsub solace pulsar ros2"
)
_COMMON = {
    "Info": Shape(
        "info",
        {
            "title": "str",
            "version": "str",
            "description": "str",
            "termsOfService": "str",
            "contact": "any",
            "license": "any",
            **_TAGGED,
        },
        ("title", "version"),
    ),
    "ChannelBindings": Shape(
        "the channel's bindings",
        {**_each(_BINDINGS, "any"), "amqp": "AmqpChannel"},
    ),
    "OperationBindings": Shape(
        "the operation's bindings",
        {**_each(_BINDINGS, "any"), "amqp": "AmqpOperation"},
    ),
    "AmqpChannel": Shape(
        "the AMQP channel binding",
        {"is": "str", "exchange": "AmqpExchange", "queue": "AmqpQueue", "bindingVersion": "any"},
    ),
    "AmqpExchange": Shape(
        "the exchange",
        {
            "name": "str",
            "type": "str",
            "durable": "bool",
            "autoDelete": "bool",
            "vhost": "str",
            "arguments": "any",
        },
    ),
    "AmqpQueue": Shape(
        "the queue",
        {
            "name": "str",
            "durable": "bool",
            "exclusive": "bool",
            "autoDelete": "bool",
            "vhost": "str",
            "arguments": "any",
        },
    ),
    "AmqpOperation": Shape(
        "the AMQP operation binding",
        {
            "expiration": "any",
            "userId": "str",
            "cc": "any",
            "bcc": "any",
            "priority": "any",
            "deliveryMode": "any",
            "mandatory": "bool",
            "replyTo": "str",
            "timestamp": "bool",
            "ack": "bool",
            "bindingVersion": "any",
        },
    ),
}
_MESSAGE = {
    "name": "str",
    **_DESCRIBED,
    **_TAGGED,
    "headers": "schema",
    "payload": "schema",
    "correlationId": "any",
    "contentType": "str",
    "bindings": "any",
    "examples": "list any",
}

ASYNCAPI_3: dict[str, Shape] = _COMMON | {
    "Document": Shape(
        "the document",
        {
            "asyncapi": "str",
            "id": "str",
            "info": "Info",
            "servers": "map Server",
            "defaultContentType": "str",
            "channels": "map Channel",
            "operations": "map Operation",
            "components": "Components",
        },
        ("info",),
    ),
    "Server": Shape(
        "the server",
        {
            "host": "str",
            "protocol": "str",
            "protocolVersion": "any",
            "pathname": "str",
            "variables": "any",
            "security": "any",
            "bindings": "any",
            **_DESCRIBED,
            **_TAGGED,
        },
        ("host", "protocol"),
    ),
    "Channel": Shape(
        "the channel",
        {
            "address": "str",
            "messages": "map Message",
            "servers": "any",
            "parameters": "map Parameter",
            "bindings": "ChannelBindings",
            **_DESCRIBED,
            **_TAGGED,
        },
    ),
    "Parameter": Shape(
        "the parameter",
        {
            "enum": "list any",
            "default": "any",
            "description": "str",
            "examples": "list any",
            "location": "str",
        },
    ),
    "Operation": Shape(
        "the operation",
        {
            "action": "str",
            "channel": "any",
            "messages": "list any",
            "reply": "Reply",
            "security": "any",
            "bindings": "OperationBindings",
            "traits": "list any",
            **_DESCRIBED,
            **_TAGGED,
        },
        ("action", "channel"),
    ),
    "Reply": Shape("the reply", {"address": "any", "channel": "any", "messages": "list any"}),
    "Message": Shape("the message", {**_MESSAGE, "traits": "list any"}),
    "Components": Shape(
        "components",
        {
            "schemas": "map schema",
            "servers": "any",
            "channels": "map Channel",
            "operations": "map Operation",
            "messages": "map Message",
            "securitySchemes": "any",
            "serverVariables": "any",
            "parameters": "map Parameter",
            "correlationIds": "any",
            "replies": "map Reply",
            "replyAddresses": "any",
            "externalDocs": "any",
            "tags": "any",
            "operationTraits": "any",
            "messageTraits": "any",
            "serverBindings": "any",
            "channelBindings": "map ChannelBindings",
            "operationBindings": "map OperationBindings",
            "messageBindings": "any",
        },
    ),
}

_OPERATION_2 = {
    "operationId": "str",
    "summary": "str",
    "description": "str",
    "security": "any",
    **_TAGGED,
    "bindings": "OperationBindings",
    "traits": "list any",
    "message": "Messages",
}
_MESSAGE_2 = {**_MESSAGE, "schemaFormat": "str", "messageId": "str", "traits": "list any"}

ASYNCAPI_2: dict[str, Shape] = _COMMON | {
    "Document": Shape(
        "the document",
        {
            "asyncapi": "str",
            "id": "str",
            "info": "Info",
            "servers": "map Server",
            "defaultContentType": "str",
            "channels": "map Channel",
            "components": "Components",
            **_TAGGED,
        },
        ("info",),
    ),
    "Server": Shape(
        "the server",
        {
            "url": "str",
            "protocol": "str",
            "protocolVersion": "any",
            "description": "str",
            "variables": "any",
            "security": "any",
            "tags": "list any",
            "bindings": "any",
        },
        ("url", "protocol"),
    ),
    "Channel": Shape(
        "the channel",
        {
            "description": "str",
            "servers": "any",
            "subscribe": "Operation",
            "publish": "Operation",
            "parameters": "map Parameter",
            "bindings": "ChannelBindings",
        },
    ),
    "Parameter": Shape(
        "the parameter", {"description": "str", "schema": "schema", "location": "str"}
    ),
    "Operation": Shape("the operation", _OPERATION_2),
    "Messages": Shape("the message", {**_MESSAGE_2, "oneOf": "list Message"}),
    "Message": Shape("the message", _MESSAGE_2),
    "Components": Shape(
        "components",
        {
            "schemas": "map schema",
            "servers": "any",
            "serverVariables": "any",
            "channels": "map Channel",
            "messages": "map Messages",
            "securitySchemes": "any",
            "parameters": "map Parameter",
            "correlationIds": "any",
            "operationTraits": "any",
            "messageTraits": "any",
            "serverBindings": "any",
            "channelBindings": "map ChannelBindings",
            "operationBindings": "map OperationBindings",
            "messageBindings": "any",
        },
    ),
}

SCHEMA_KEYWORDS: dict[str, str] = {
    **_each("properties patternProperties $defs definitions", "map schema"),
    "dependentSchemas": "map schema",
    **_each("allOf anyOf oneOf prefixItems", "list schema"),
    **_each("not if then else additionalProperties propertyNames", "schema"),
    **_each("contains unevaluatedItems unevaluatedProperties", "schema"),
    **_each("contentSchema additionalItems", "schema"),
    **_each("title description format pattern $id $schema $comment", "str"),
    **_each("contentEncoding contentMediaType $anchor", "str"),
    "enum": "list any",
    "required": "list str",
    **_each("deprecated readOnly writeOnly uniqueItems", "bool"),
    **_each("minimum maximum", "number"),
    **_each("exclusiveMinimum exclusiveMaximum", "bound"),
    "multipleOf": "positive",
    **_each("minContains maxContains minLength maxLength minItems maxItems", "count"),
    **_each("minProperties maxProperties", "count"),
    **_each("const default examples example items type", "any"),
    "dependentRequired": "map list str",
    "nullable": "bool",
    **_each("dependencies discriminator", "any"),
    **_each("externalDocs xml $ref $dynamicRef $recursiveRef", "any"),
    **_each("$dynamicAnchor $recursiveAnchor $vocabulary optional", "any"),
}
SCHEMA_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
