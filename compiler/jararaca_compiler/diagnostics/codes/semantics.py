"""What can be wrong with what documents mean."""

from __future__ import annotations

from jararaca_compiler.diagnostics.codes.rule import Rule

MEANING = (
    Rule(
        "faststream-direction",
        "warning",
        "FastStream describes what the application consumes as `subscribe`, which means that it is"
        " sent: this document gets publishers instead of handlers",
        "Compile it with `--perspective client`, or write AsyncAPI 3 documents with FastStream.",
    ),
    Rule(
        "parameter-inside-word",
        "warning",
        "the parameter {{{parameter}}} of `{address}` is not a whole word between dots: a queue"
        " binds to `{key}`",
        "Put dots around it, like `shop.{region}.placed`: RabbitMQ matches whole words only.",
    ),
    Rule(
        "invalid-address",
        "error",
        "`{address}` cannot be a routing key: {reason}",
        "Write words between dots, like `shop.order.placed`, with `{parameters}` for what varies.",
    ),
    Rule(
        "name-too-long",
        "error",
        "the name of the {what} `{name}` has {length} bytes, and AMQP takes {most} at most",
        "Give it a shorter name; `.dead-letters` follows that of a queue.",
    ),
    Rule(
        "unusual-address",
        "warning",
        "`{address}` is used unchanged, but {reason}",
        "Write words between dots, like `shop.order.placed`, with `{parameters}` for what varies.",
    ),
    Rule(
        "unknown-parameter",
        "warning",
        "the parameter `{parameter}` is not in the address `{address}`",
        "Put it into the address in braces, or delete it.",
    ),
    Rule(
        "channel-without-address",
        "warning",
        "the channel `{channel}` has no address: its key is used as the topic",
        "Add `address: the.topic` to the channel.",
    ),
    Rule(
        "duplicate-operation",
        "error",
        "two operations are named `{operation}`",
        "Give each operation an id of its own: its handler is named after it.",
    ),
    Rule(
        "duplicate-service",
        "error",
        "two documents define the service `{service}`",
        "Add `x-service: other_name` at the top level of one of them.",
    ),
    Rule(
        "overlapping-bindings",
        "warning",
        "`{key}` and `{other}` bind the queue `{queue}` to the same messages:"
        " `{operation}` gets none of those that both match",
        "Make the addresses disjoint, or receive both through one operation.",
    ),
    Rule(
        "conflicting-message",
        "warning",
        "two messages with different payloads share the wire name `{name}`",
        "Give each message its own `name`: receivers use it to tell messages apart.",
    ),
    Rule(
        "message-without-schema",
        "warning",
        "the message `{name}` has no payload schema: any JSON value is accepted",
        "Add a `payload` that describes the body.",
    ),
    Rule(
        "message-without-channel",
        "warning",
        "the message `{name}` is on no channel, so it has no topic",
        "Add it to the `messages` of a channel, or delete it.",
    ),
    Rule(
        "message-not-in-channel",
        "error",
        "the operation `{operation}` names a message that is not on its channel `{channel}`",
        "Refer to `#/channels/<channel>/messages/<message>`, or add the message to the channel.",
    ),
    Rule(
        "mixed-kinds",
        "warning",
        "the operation `{operation}` receives tasks and events through one queue: all are"
        " handled as events",
        "Split it into two channels, or give its messages the same `x-message-type`.",
    ),
    Rule(
        "websocket-received",
        "warning",
        "`{operation}` receives `{name}`, which goes over WebSockets: it has no queue and no"
        " handler",
        "Take what clients send in `WebSockets(on_message=...)`, on a channel with a `ws` binding.",
    ),
    Rule(
        "websocket-in-queue",
        "warning",
        "the channel `{channel}` is a queue, but `{name}` goes over WebSockets and never"
        " reaches it",
        "Put the message on a channel with a `ws` binding, or leave out its `x-message-type`.",
    ),
    Rule(
        "queued-on-websocket",
        "warning",
        "`{name}` is on `{channel}`, which is a WebSocket, and goes to RabbitMQ as {kind}: no"
        " client gets it",
        "Give the clients a message of their own, without another channel or `x-message-type`.",
    ),
    Rule(
        "partial-subscription",
        "warning",
        "the queue `{queue}` also gets {others}, which `{operation}` does not receive",
        "Receive all messages of the channel, or give these a channel with an address of its own.",
    ),
    Rule(
        "wildcard-on-direct-exchange",
        "warning",
        "`{address}` has parameters, but the {type} exchange `{exchange}` does not match wildcards:"
        " nothing arrives",
        "Make the exchange `type: topic`.",
    ),
    Rule(
        "parameter-without-value",
        "warning",
        "`{address}` has parameters, but the {type} exchange `{exchange}` ignores routing keys:"
        " `message.parameters` stays empty",
        "Make the exchange `type: topic`, or put what varies into the message.",
    ),
    Rule(
        "parameter-beside-queue",
        "warning",
        "`{address}` has parameters, but a message goes straight to the queue `{queue}`, without"
        " their values",
        "Describe the exchange that they are for: `x-exchange: {name: ..., type: topic}` beside"
        " `queue`.",
    ),
    Rule(
        "vhost-without-effect",
        "warning",
        "the virtual host `{vhost}` is taken from the broker URL, not from the document",
        "Delete it, or write the same as the server's `pathname`.",
    ),
    Rule(
        "queue-named-by-parameter",
        "warning",
        "`{address}` is a queue without a name of its own: it only gets what is sent directly to"
        " it",
        "Name the queue in the AMQP binding: `queue: {name: answers}`.",
    ),
    Rule(
        "exchange-left-out",
        "warning",
        "the channel's key names the exchange `{exchange}`, and its AMQP binding does not: the"
        " queue `{queue}` is not bound to it",
        "Describe it: `x-exchange: {name: ..., type: direct}` beside `queue`.",
    ),
    Rule(
        "first-by-key",
        "warning",
        "the message's own class publishes to `{key}`, its first channel by key, not to `{first}`,"
        " where the document sends it first",
        "Name the channel at the message: `x-channel: {first}`.",
    ),
    Rule(
        "password-in-server",
        "warning",
        "the server `{server}` has a user or a password in its address: it is not published",
        "Delete it here: the worker takes it from BROKER_URL.",
    ),
    Rule(
        "name-taken",
        "error",
        "`{name}` stands on the broker for something of the {owner}",
        "Call it otherwise: one name is one queue, or one exchange.",
    ),
    Rule(
        "conflicting-topology",
        "warning",
        "the {thing} `{name}` is described in two ways: the first one is used",
        "Describe it the same way wherever it is named.",
    ),
    Rule(
        "transient-queue",
        "warning",
        "the queue `{queue}` has `durable: false` and is not exclusive: RabbitMQ refuses such a"
        " queue from 4.3 on, and closes the connection",
        "Delete `durable: false`; or add `exclusive: true`, if one process alone consumes the"
        " queue.",
    ),
    Rule(
        "priority-too-high",
        "warning",
        "the priority {priority} counts as {highest}: a quorum queue has no more levels",
        "Write 0 to {highest}; or give the channel's queue the argument `x-max-priority`, which"
        " makes it a classic queue.",
    ),
    Rule(
        "publishing-without-effect",
        "warning",
        "the AMQP binding's `{key}` has no effect on how `{name}` is published",
        "Delete it: a message is published with one routing key. Bind the other queue to the"
        " topic as well.",
    ),
    Rule(
        "binding-without-effect",
        "warning",
        "the AMQP binding's `{key}: {value}` has no effect: {reason}",
        "Delete it.",
    ),
    Rule(
        "reply-without-message",
        "warning",
        "the reply of `{operation}` names no message: the operation is handled as if it had"
        " no reply",
        "Give the reply a `channel` that has messages.",
    ),
    Rule(
        "reply-address-without-effect",
        "warning",
        "the reply of `{operation}` goes to the AMQP property `reply_to`, not to `{address}`",
        "Write `location: $message.header#/replyTo`, AsyncAPI's name for that property.",
    ),
    Rule(
        "content-type-not-json",
        "warning",
        "the message `{name}` has the content type `{content_type}`, but its body is encoded and"
        " decoded as JSON",
        "Write `contentType: application/json`. A body is binary where the content type and the"
        " schema are both Avro or both Protobuf.",
    ),
    Rule(
        "protobuf-unmapped",
        "error",
        "`{what}` cannot be written in Protobuf's wire format here",
        "Write the schema without it, or write `contentType: application/json`.",
    ),
    Rule(
        "avro-union-ambiguous",
        "warning",
        "two branches of the union `{union}` look the same in JSON: the first one that fits is"
        " written",
        "Keep one of them, or wrap each in a record with a field of its own name.",
    ),
)
SCHEDULES = (
    Rule(
        "bad-schedule",
        "error",
        "the schedule is invalid: {reason}",
        'Write `x-schedule: {cron: "0 3 * * *", timezone: Europe/Lisbon}` or `{every: 30s}`.',
    ),
    Rule(
        "bad-stream",
        "error",
        "the channel cannot be kept as a stream: {reason}",
        "Write `x-stream: {max-age: 30d, max-bytes: 50GB}` on an event's channel.",
    ),
    Rule(
        "bad-cron",
        "error",
        "`{cron}` is not a cron expression: {reason}",
        "Write minute, hour, day of the month, month and day of the week: `0 3 * * *`.",
    ),
    Rule(
        "unknown-time-zone",
        "error",
        "`{timezone}` is not a time zone",
        "Write an IANA name, like Europe/Lisbon or UTC.",
    ),
    Rule(
        "schedule-without-payload",
        "error",
        "the schedule needs a payload for its task: {reason}",
        "Add `payload: {...}` to the schedule: it is the body of every publication.",
    ),
)
PARTITIONS = (
    Rule(
        "bad-partitions",
        "error",
        "the partitions are invalid: {reason}",
        "Write `x-partitions: {count: 8, by: $message.payload#/orderId}` on the channel.",
    ),
    Rule(
        "partitions-without-effect",
        "warning",
        "`x-partitions` of a message has no effect: no channel of it is divided",
        "Write `x-partitions: {count: 8}` on the channel, which says into how many.",
    ),
)
SHARED = (
    Rule(
        "shared-message-differs",
        "error",
        "`{name}` is one class for all services, but its {what} is {new} here and {old} elsewhere",
        "Refer to one message from both documents, or take it out of [tool.jararaca.shared].",
    ),
    Rule(
        "shared-message-defined-again",
        "error",
        "`{name}` is a shared message of `{package}`, but is defined again here",
        "Refer to the shared one with `$ref`, or take it out of [tool.jararaca.shared].",
    ),
    Rule(
        "answer-not-shared",
        "error",
        "`{name}` is a shared message of `{package}`, but its reply `{answer}` is not",
        "List the document of the reply as well: the class of a request names its replies.",
    ),
    Rule(
        "shared-package-taken",
        "error",
        "a service and a package of shared messages are both called `{package}`",
        "Rename the package in [tool.jararaca.shared].",
    ),
    Rule(
        "nothing-shared",
        "error",
        "`{package}` lists the messages of {documents}, but no service uses any of them",
        "Name documents as they are named from the project's folder, like"
        ' `team_events = ["schemas/events.asyncapi.yaml"]`, and refer to their messages.',
    ),
)
