"""The AsyncAPI objects as a table: which keys each has, and what stands there.

A shape is `str`, `location` (a runtime expression), `bool`, `number`, `count` (0, 1, ...),
`positive`, `bound` (a number or a flag),
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
    "http ws kafka anypointmq amqp amqp1 mqtt mqtt5 nats jms sns sqs stomp redis mercure ibmmq"
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
    "ServerBindings": Shape("the server's bindings", _each(_BINDINGS, "any")),
    "MessageBindings": Shape(
        "the message's bindings",
        {**_each(_BINDINGS, "any"), "amqp": "AmqpMessage"},
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
    "AmqpMessage": Shape(
        "the AMQP message binding",
        {"contentEncoding": "str", "messageType": "str", "bindingVersion": "any"},
    ),
    "CorrelationId": Shape("the correlation id", {"description": "str", "location": "location"}),
}
_MESSAGE_TRAIT = {
    "name": "str",
    **_DESCRIBED,
    **_TAGGED,
    "headers": "schema",
    "correlationId": "CorrelationId",
    "contentType": "str",
    "bindings": "MessageBindings",
    "examples": "list any",
}
_MESSAGE = {**_MESSAGE_TRAIT, "payload": "schema"}
_OPERATION_TRAIT = {
    "security": "any",
    "bindings": "OperationBindings",
    **_DESCRIBED,
    **_TAGGED,
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
            "bindings": "ServerBindings",
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
            "location": "location",
        },
    ),
    "Operation": Shape(
        "the operation",
        {
            "action": "str",
            "channel": "any",
            "messages": "list any",
            "reply": "Reply",
            "traits": "list OperationTrait",
            **_OPERATION_TRAIT,
        },
        ("action", "channel"),
    ),
    "OperationTrait": Shape("the operation trait", _OPERATION_TRAIT),
    "Reply": Shape(
        "the reply", {"address": "ReplyAddress", "channel": "any", "messages": "list any"}
    ),
    "ReplyAddress": Shape("the reply's address", {"description": "str", "location": "location"}),
    "Message": Shape("the message", {**_MESSAGE, "traits": "list MessageTrait"}),
    "MessageTrait": Shape("the message trait", _MESSAGE_TRAIT),
    "Components": Shape(
        "components",
        {
            "schemas": "map schema",
            "servers": "map Server",
            "channels": "map Channel",
            "operations": "map Operation",
            "messages": "map Message",
            "securitySchemes": "any",
            "serverVariables": "any",
            "parameters": "map Parameter",
            "correlationIds": "map CorrelationId",
            "replies": "map Reply",
            "replyAddresses": "map ReplyAddress",
            "externalDocs": "any",
            "tags": "any",
            "operationTraits": "map OperationTrait",
            "messageTraits": "map MessageTrait",
            "serverBindings": "map ServerBindings",
            "channelBindings": "map ChannelBindings",
            "operationBindings": "map OperationBindings",
            "messageBindings": "map MessageBindings",
        },
    ),
}

_OPERATION_TRAIT_2 = {
    "operationId": "str",
    "summary": "str",
    "description": "str",
    "security": "any",
    **_TAGGED,
    "bindings": "OperationBindings",
}
_OPERATION_2 = {**_OPERATION_TRAIT_2, "traits": "list OperationTrait", "message": "Messages"}
_MESSAGE_TRAIT_2 = {**_MESSAGE_TRAIT, "schemaFormat": "str", "messageId": "str"}
_MESSAGE_2 = {**_MESSAGE_TRAIT_2, "payload": "schema", "traits": "list MessageTrait"}

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
            "bindings": "ServerBindings",
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
        "the parameter", {"description": "str", "schema": "schema", "location": "location"}
    ),
    "Operation": Shape("the operation", _OPERATION_2),
    "OperationTrait": Shape("the operation trait", _OPERATION_TRAIT_2),
    "MessageTrait": Shape("the message trait", _MESSAGE_TRAIT_2),
    "Messages": Shape("the message", {**_MESSAGE_2, "oneOf": "list Message"}),
    "Message": Shape("the message", _MESSAGE_2),
    "Components": Shape(
        "components",
        {
            "schemas": "map schema",
            "servers": "map Server",
            "serverVariables": "any",
            "channels": "map Channel",
            "messages": "map Messages",
            "securitySchemes": "any",
            "parameters": "map Parameter",
            "correlationIds": "map CorrelationId",
            "operationTraits": "map OperationTrait",
            "messageTraits": "map MessageTrait",
            "serverBindings": "map ServerBindings",
            "channelBindings": "map ChannelBindings",
            "operationBindings": "map OperationBindings",
            "messageBindings": "map MessageBindings",
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
