"""The bindings that the schema of AsyncAPI 3.0.0 knows: by place, protocol and version.

Source: https://github.com/asyncapi/bindings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from jararaca_compiler.lower.published.forms.fitting import NOTHING, Object, each, fitted
from jararaca_compiler.lower.published.forms.parts import PARTS

Place = Literal["server", "channel", "operation", "message"]
_UNVERSIONED = frozenset(
    {
        *("http", "ws", "amqp", "amqp1", "mqtt", "anypointmq", "nats", "jms"),
        *("sns", "sqs", "stomp", "redis", "ibmmq", "solace", "googlepubsub"),
    }
)
"""What each place may name without saying anything of it."""
_VERSION = "bindingVersion"
_Versions = Mapping[str, Object | tuple[Object, ...]]
"""By version what a binding has, or each of its forms."""


def _all(shape: Object, *versions: str) -> _Versions:
    return dict.fromkeys(versions, shape)


_KAFKA = ("0.3.0", "0.4.0", "0.5.0")
_HTTP = ("0.2.0", "0.3.0")
_SOLACE = ("0.2.0", "0.3.0", "0.4.0")
_TOPIC = {"topic": "str", **each("partitions replicas", "positive")}
_METHODS = "one of GET PUT POST PATCH DELETE HEAD OPTIONS CONNECT TRACE"
_LOOKUP = each("schemaIdPayloadEncoding schemaLookupStrategy", "str")
_DESTINATIONS = {"destinations": "list Destination"}
_LENGTH = "within 0 104857600"
_IBM_MESSAGE = {"description": "str", "expiry": "count"}
_SERVER: Mapping[str, _Versions] = {
    "kafka": _all(Object(each("schemaRegistryUrl schemaRegistryVendor", "str")), *_KAFKA),
    "mqtt": {
        "0.2.0": Object(
            {
                "clientId": "str",
                "cleanSession": "bool",
                "lastWill": "Will",
                "keepAlive": "int",
                "sessionExpiryInterval": "Bound",
                "maximumPacketSize": "Size",
            }
        )
    },
    "jms": {
        "0.0.1": Object(
            {**each("jmsConnectionFactory clientID", "str"), "properties": "list JmsProperty"},
            ("jmsConnectionFactory",),
        )
    },
    "ibmmq": {
        "0.1.0": Object(
            {
                **each("groupId ccdtQueueManagerName cipherSpec", "str"),
                "multiEndpointServer": "bool",
                "heartBeatInterval": "within 0 999999",
            }
        )
    },
    "solace": {
        "0.2.0": Object({"msvVpn": "str"}),
        "0.3.0": Object({"msgVpn": "str"}),
        "0.4.0": Object({"msgVpn": "str", "clientName": "word"}),
    },
    "pulsar": {"0.1.0": Object({"tenant": "str"})},
}
_CHANNEL: Mapping[str, _Versions] = {
    "amqp": {
        "0.3.0": Object(
            {"is": "one of queue routingKey", "exchange": "AmqpExchange", "queue": "AmqpQueue"}
        )
    },
    "ws": {"0.1.0": Object({"method": "one of GET POST", **each("query headers", "schema")})},
    "kafka": {
        "0.3.0": Object(_TOPIC),
        "0.4.0": Object({**_TOPIC, "topicConfiguration": "TopicConfiguration"}),
        "0.5.0": Object({**_TOPIC, "topicConfiguration": "OpenTopicConfiguration"}),
    },
    "anypointmq": {
        "0.0.1": Object(
            {"destination": "str", "destinationType": "one of exchange queue fifo-queue"}
        )
    },
    "jms": {"0.0.1": Object({"destination": "str", "destinationType": "one of queue fifo-queue"})},
    "sns": {
        "0.1.0": Object(
            {"name": "str", "ordering": "Ordering", "policy": "Policy", "tags": "object"},
            ("name",),
        )
    },
    "sqs": {"0.2.0": Object(each("queue deadLetterQueue", "SqsQueue"), ("queue",))},
    "ibmmq": {
        "0.1.0": (
            Object(
                {"destinationType": "one of queue", "queue": "IbmQueue", "maxMsgLength": _LENGTH},
                ("destinationType", "queue"),
            ),
            Object(
                {"destinationType": "one of topic", "topic": "IbmTopic", "maxMsgLength": _LENGTH}
            ),
        )
    },
    "googlepubsub": {
        "0.2.0": Object(
            {
                "labels": "object",
                "messageRetentionDuration": "str",
                "messageStoragePolicy": "Storage",
                "schemaSettings": "SchemaSettings",
            },
            ("schemaSettings",),
        )
    },
    "pulsar": {
        "0.1.0": Object(
            {
                "namespace": "str",
                "persistence": "one of persistent non-persistent",
                "compaction": "count",
                "geo-replication": "list str",
                "retention": "Retention",
                "ttl": "int",
                "deduplication": "bool",
            },
            ("namespace", "persistence"),
        )
    },
}
_OPERATION: Mapping[str, _Versions] = {
    "amqp": {
        "0.3.0": Object(
            {
                "expiration": "count",
                "userId": "str",
                **each("cc bcc", "list str"),
                "priority": "int",
                "deliveryMode": "one of 1 2",
                **each("mandatory timestamp ack", "bool"),
            }
        )
    },
    "http": _all(Object({"method": _METHODS, "query": "schema"}), *_HTTP),
    "mqtt": {
        "0.2.0": Object({"qos": "one of 0 1 2", "retain": "bool", "messageExpiryInterval": "Bound"})
    },
    "kafka": _all(Object(each("groupId clientId", "schema")), *_KAFKA),
    "nats": {"0.1.0": Object({"queue": "str"})},
    "sns": {
        "0.1.0": Object(
            {"topic": "Identifier", "consumers": "some Consumer", "deliveryPolicy": "Delivery"},
            ("consumers",),
        )
    },
    "sqs": {"0.2.0": Object({"queues": "list SqsNamed"}, ("queues",))},
    "solace": {
        **_all(Object(_DESTINATIONS, closed=True), "0.2.0", "0.3.0"),
        "0.4.0": Object(
            {
                **_DESTINATIONS,
                "timeToLive": "int",
                "priority": "within 0 255",
                "dmqEligible": "bool",
            },
            closed=True,
        ),
    },
}
_MESSAGE: Mapping[str, _Versions] = {
    "amqp": {"0.3.0": Object(each("contentEncoding messageType", "str"))},
    "http": {
        "0.2.0": Object({"headers": "schema"}),
        "0.3.0": Object({"headers": "schema", "statusCode": "number"}),
    },
    "mqtt": {
        "0.2.0": Object(
            {
                "payloadFormatIndicator": "one of 0 1",
                "correlationData": "schema",
                "contentType": "str",
                "responseTopic": "Topic",
            }
        )
    },
    "kafka": _all(
        Object({"key": "schema", "schemaIdLocation": "one of header payload", **_LOOKUP}), *_KAFKA
    ),
    "anypointmq": {"0.0.1": Object({"headers": "schema"})},
    "jms": {"0.0.1": Object({"headers": "schema"})},
    "ibmmq": {
        "0.1.0": (
            Object({"type": "one of string jms", **_IBM_MESSAGE}, ("type",)),
            Object({"type": "one of binary", "headers": "str", **_IBM_MESSAGE}, ("type",)),
        )
    },
    "googlepubsub": {
        "0.2.0": Object({"attributes": "object", "orderingKey": "str", "schema": "PubsubSchema"})
    },
}
_PLACES: Mapping[Place, Mapping[str, _Versions]] = {
    "server": _SERVER,
    "channel": _CHANNEL,
    "operation": _OPERATION,
    "message": _MESSAGE,
}


def fitted_binding(protocol: str, value: Any, place: Place) -> Any:
    """A binding as AsyncAPI 3.0.0 has it; `NOTHING` where it has none like it."""
    versions = _PLACES[place].get(protocol)
    if not isinstance(value, dict):
        return NOTHING
    if versions is None:
        return {} if protocol in _UNVERSIONED and not value else NOTHING
    version = value.get(_VERSION, max(versions))
    if not isinstance(version, str) or version not in versions:
        return NOTHING
    shapes = versions[version]
    for shape in shapes if isinstance(shapes, tuple) else (shapes,):
        binding = replace(shape, keys={**shape.keys, _VERSION: "str"})
        fits = fitted(value, "Binding", {**PARTS, "Binding": binding})
        if fits is not NOTHING:
            return fits
    return NOTHING
