"""The parts of bindings: what an exchange, a queue or a policy has in the schema of AsyncAPI 3.0.0.

Source: https://github.com/asyncapi/bindings.
"""

from __future__ import annotations

from jararaca_compiler.lower.published.forms.fitting import Forms, Object, each

_POLICY = {
    "Ordering": Object(
        {"type": "one of standard FIFO", "contentBasedDeduplication": "bool"}, ("type",)
    ),
    "Policy": Object({"statements": "list Statement"}, ("statements",)),
    "Statement": Object(
        {"effect": "one of Allow Deny", **each("principal action", "Names")},
        ("effect", "principal", "action"),
    ),
    "Identifier": Object(each("url email phone arn name", "str")),
    "Redrive": Object(
        {"deadLetterQueue": "Identifier", "maxReceiveCount": "int"}, ("deadLetterQueue",)
    ),
}
_SQS_QUEUE = {
    "name": "str",
    "fifoQueue": "bool",
    "deduplicationScope": "one of queue messageGroup",
    "fifoThroughputLimit": "one of perQueue perMessageGroupId",
    "deliveryDelay": "within 0 900",
    "visibilityTimeout": "within 0 43200",
    "receiveMessageWaitTime": "int",
    "messageRetentionPeriod": "within 60 1209600",
    "redrivePolicy": "Redrive",
    "policy": "Policy",
    "tags": "object",
}
_TOPIC = {
    "cleanup.policy": "list one of compact delete",
    **each("retention.ms retention.bytes", "count-1"),
    **each("delete.retention.ms max.message.bytes", "count"),
}
PARTS: Forms = {
    **_POLICY,
    "AmqpExchange": Object(
        {
            **each("name vhost", "str"),
            "type": "one of topic direct fanout default headers",
            **each("durable autoDelete", "bool"),
        },
        open=True,
    ),
    "AmqpQueue": Object(
        {**each("name vhost", "str"), **each("durable exclusive autoDelete", "bool")}, open=True
    ),
    "Storage": Object({"allowedPersistenceRegions": "list str"}, closed=True),
    "SchemaSettings": Object(
        each("encoding name firstRevisionId lastRevisionId", "str"), ("encoding", "name"), open=True
    ),
    "PubsubSchema": Object({"name": "str"}, ("name",), open=True),
    "IbmQueue": Object(
        {"objectName": "str", **each("isPartitioned exclusive", "bool")}, ("objectName",), open=True
    ),
    "IbmTopic": Object(
        {**each("string objectName", "str"), **each("durablePermitted lastMsgRetained", "bool")},
        open=True,
    ),
    "JmsProperty": Object({"name": "str", "value": "scalar"}, ("name", "value"), open=True),
    "TopicConfiguration": Object(_TOPIC, closed=True),
    "OpenTopicConfiguration": Object(
        {
            **_TOPIC,
            **each("confluent.key.schema.validation confluent.value.schema.validation", "bool"),
            "confluent.key.subject.name.strategy": "str",
            "confluent.value.subject.name.strategy": "str",
        },
        open=True,
    ),
    "Will": Object(
        {**each("topic message", "str"), "qos": "one of 0 1 2", "retain": "bool"}, open=True
    ),
    "Retention": Object(each("time size", "count"), closed=True),
    "Consumer": Object(
        {
            "protocol": "one of http https email email-json sms sqs application lambda firehose",
            "endpoint": "Identifier",
            "filterPolicy": "map Filter",
            "filterPolicyScope": "one of MessageAttributes MessageBody",
            "rawMessageDelivery": "bool",
            "redrivePolicy": "Redrive",
            "deliveryPolicy": "Delivery",
            "displayName": "str",
        },
        ("protocol", "endpoint", "rawMessageDelivery"),
        open=True,
    ),
    "Delivery": Object(
        {
            **each("minDelayTarget maxDelayTarget numRetries numNoDelayRetries", "int"),
            **each("numMinDelayRetries numMaxDelayRetries maxReceivesPerSecond", "int"),
            "backoffFunction": "one of arithmetic exponential geometric linear",
        },
        open=True,
    ),
    "SqsQueue": Object(_SQS_QUEUE, ("name", "fifoQueue"), open=True),
    "SqsNamed": Object(_SQS_QUEUE, ("name",), open=True),
    "SolaceQueue": Object(
        {
            **each("name maxTtl maxMsgSpoolUsage", "str"),
            "topicSubscriptions": "list str",
            "accessType": "one of exclusive nonexclusive",
        },
        open=True,
    ),
    "ToQueue": Object(
        {
            "destinationType": "one of queue",
            "deliveryMode": "one of direct persistent",
            "queue": "SolaceQueue",
        },
        ("destinationType",),
        open=True,
    ),
    "ToTopic": Object(
        {
            "destinationType": "one of topic",
            "deliveryMode": "one of direct persistent",
            "topicSubscriptions": "list str",
        },
        ("destinationType",),
        open=True,
    ),
    "Qos": Object(
        {
            **each("deadline leaseDuration lifespan", "int"),
            "durability": "one of transient_local volatile",
            "history": "one of keep_last keep_all unknown",
            "liveliness": "one of automatic manual",
            "reliability": "one of best_effort realiable",
        },
        open=True,
    ),
    "Names": "str | list str",
    "Filter": "str | list str | object",
    "Destination": "ToQueue | ToTopic",
    "Bound": "within 0 4294967295 | schema",
    "Size": "within 1 4294967295 | schema",
    "Topic": "word | schema",
}
