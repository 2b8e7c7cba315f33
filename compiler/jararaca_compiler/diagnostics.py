"""The table of diagnostic codes, and diagnostics as values; `report` renders them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jararaca_compiler.source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of diagnostic: `wording` is a format string over the diagnostic's values."""

    code: str
    severity: Severity
    wording: str
    help: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something about a document that its author should know, at one place."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str | None = None
    related: tuple[tuple[Span, str], ...] = ()


_READING = (
    Rule("unreadable-file", "error", "{path} cannot be read: {reason}", "Check the path."),
    Rule("invalid-syntax", "error", "{reason}", "Correct the document here."),
    Rule(
        "invalid-encoding",
        "error",
        "the byte {byte} is not UTF-8",
        "Save the file as UTF-8.",
    ),
    Rule(
        "duplicate-key",
        "error",
        "the key `{key}` stands twice in one mapping",
        "Rename one of the two, or delete it: a second key silently replaces the first.",
    ),
    Rule(
        "recursive-alias",
        "error",
        "a YAML alias contains itself",
        "Use a `$ref` for a recursive schema: `$ref: '#/components/schemas/Name'`.",
    ),
    Rule(
        "alias-bomb",
        "error",
        "the YAML aliases expand to {count} values",
        "Use `$ref` instead of anchors; a document may expand to 1,000,000 values.",
    ),
    Rule(
        "too-large",
        "error",
        "more than {limit} keys, values and brackets in one YAML file",
        "Split the document: `$ref` leads to other files.",
    ),
    Rule(
        "nested-too-deep",
        "error",
        "nested deeper than {limit} levels",
        "Move the inner parts to `components` and `$ref` them.",
    ),
)
_REFERENCES = (
    Rule(
        "unresolved-ref",
        "error",
        "`{ref}` leads nowhere: {reason}",
        "Write the path of something that exists, like `#/components/schemas/Name`.",
    ),
    Rule(
        "unescaped-ref",
        "warning",
        "`{ref}` has a key with a slash that is not escaped",
        "Write `~1` for a slash in a key.",
    ),
    Rule(
        "foreign-schema",
        "error",
        "the {language} schema cannot be read: {reason}",
        "Correct the schema here.",
    ),
    Rule(
        "remote-ref",
        "error",
        "`{ref}` is on the network: only local files are read",
        "Save the document beside this one and refer to it, or run with --allow-remote-refs.",
    ),
    Rule(
        "unreachable-ref",
        "error",
        "`{ref}` cannot be fetched: {reason}",
        "Check the address, or save the document beside this one and refer to that.",
    ),
    Rule(
        "changed-ref",
        "error",
        "`{ref}` has changed since it was pinned: {reason}",
        "Look at what has changed; accept it with --allow-remote-refs --update-lock.",
    ),
    Rule(
        "ref-outside-root",
        "error",
        "`{ref}` leads out of the project",
        "Copy the file into the project and refer to the copy.",
    ),
    Rule(
        "circular-ref",
        "error",
        "`{ref}` leads back to itself through references only",
        "Point one of the references at a real definition.",
    ),
)
_STRUCTURE = (
    Rule(
        "not-a-contract",
        "error",
        "{path} is neither an AsyncAPI document nor a JSON Schema with messages",
        "Begin with `asyncapi: 3.0.0`, or give a schema `x-message-topic: some.topic`.",
    ),
    Rule("missing-key", "error", "`{key}` is missing from {where}", "Add it."),
    Rule(
        "unsupported-version",
        "error",
        "AsyncAPI {version} is not supported",
        "Write `asyncapi: 3.0.0`; 2.0.0 to 2.6.0, 3.0.0 and 3.1.0 are supported.",
    ),
    Rule(
        "wrong-type",
        "error",
        "`{key}` is {actual}, not {expected}",
        "Write a value of the expected type here.",
    ),
    Rule(
        "unknown-value",
        "error",
        "`{value}` is not a value of `{key}`",
        "Write one of the values that the specification lists.",
    ),
    Rule(
        "misspelt-key",
        "error",
        "`{key}` is not a key of {where}",
        "Correct the spelling, or begin an extension's name with `x-`.",
    ),
    Rule(
        "unknown-key",
        "warning",
        "`{key}` is not a key of {where} and has no effect",
        "Delete it, or begin an extension's name with `x-`.",
    ),
    Rule(
        "suspect-keyword",
        "warning",
        "`{key}` is not a keyword of JSON Schema and has no effect",
        "Correct the spelling, or begin an extension's name with `x-`.",
    ),
    Rule(
        "invalid-pattern",
        "warning",
        "`{pattern}` is not a regular expression of ECMA-262: it is left out, any text fits",
        "Correct the expression; JSON Schema has those of JavaScript.",
    ),
    Rule(
        "unsupported-schema-format",
        "warning",
        "schemas in `{format}` are not supported: any JSON value is valid",
        "Write the schema as JSON Schema and leave out `schemaFormat`, or as Avro or Protobuf.",
    ),
    Rule(
        "bad-extension",
        "error",
        "`{extension}: {value}` is not understood",
        "Write one of the values that the extension takes.",
    ),
)
_MEANING = (
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
        "unusual-address",
        "warning",
        "`{address}` is taken as it stands, but {reason}",
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
        "the channel `{channel}` has no address: its key is the topic",
        "Add `address: the.topic` to the channel.",
    ),
    Rule(
        "duplicate-operation",
        "error",
        "two operations are called `{operation}`",
        "Give each operation an id of its own: its handler is named after it.",
    ),
    Rule(
        "duplicate-service",
        "error",
        "two documents are called `{service}`",
        "Give one of them an `x-service: other_name` in its first level.",
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
        "two messages with different payloads are called `{name}` on the wire",
        "Give each message a `name` of its own: it is what a receiver tells them apart by.",
    ),
    Rule(
        "message-without-schema",
        "warning",
        "the message `{name}` has no payload schema: any JSON value is valid",
        "Add a `payload` that describes the body.",
    ),
    Rule(
        "message-without-channel",
        "warning",
        "the message `{name}` is on no channel: it has no topic to be published to",
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
        "the operation `{operation}` receives tasks and events through one queue, as events",
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
        "the channel `{channel}` is a queue, and `{name}` goes over WebSockets: it is never in it",
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
        "`{address}` has parameters, and the exchange `{exchange}` of type {type} matches none:"
        " nothing arrives",
        "Make the exchange `type: topic`.",
    ),
    Rule(
        "conflicting-topology",
        "warning",
        "the {thing} `{name}` is described in two ways: the first one holds",
        "Describe it the same way wherever it is named.",
    ),
    Rule(
        "publishing-without-effect",
        "warning",
        "the AMQP binding's `{key}` has no effect on how `{name}` is published",
        "Delete it: a publication has one routing key. Bind the other queue to the topic as well.",
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
        "the reply of `{operation}` names no message: it is handled as one without a reply",
        "Give the reply a `channel` that has messages.",
    ),
    Rule(
        "reply-address-without-effect",
        "warning",
        "the reply of `{operation}` goes to the AMQP property `reply_to`, not to `{address}`",
        "Write `location: $message.header#/replyTo`: so AsyncAPI calls that property.",
    ),
    Rule(
        "content-type-not-json",
        "warning",
        "the message `{name}` is `{content_type}`: only JSON bodies are encoded and decoded",
        "Write `contentType: application/json`.",
    ),
)
_SCHEDULES = (
    Rule(
        "bad-schedule",
        "error",
        "the schedule cannot be kept: {reason}",
        'Write `x-schedule: {cron: "0 3 * * *", timezone: Europe/Lisbon}` or `{every: 30s}`.',
    ),
    Rule(
        "bad-cron",
        "error",
        "`{cron}` is no cron expression: {reason}",
        "Write minute, hour, day of the month, month and day of the week: `0 3 * * *`.",
    ),
    Rule(
        "unknown-time-zone",
        "error",
        "`{timezone}` is no time zone",
        "Write an IANA name, like Europe/Lisbon or UTC.",
    ),
    Rule(
        "schedule-without-payload",
        "error",
        "the schedule has no payload, and its task needs one: {reason}",
        "Add `payload: {...}` to the schedule: it is the body of every publication.",
    ),
)
_OUTPUT = (
    Rule(
        "handlers-not-python",
        "error",
        "the handlers cannot be read: {reason}",
        "Correct the file here: stubs are added to what is there.",
    ),
    Rule(
        "orphaned-handler",
        "warning",
        "`{handler}` handles no operation any more: nothing calls it",
        "Rename it after the operation that it is for, or delete it.",
    ),
    Rule(
        "handler-message-changed",
        "warning",
        "`{handler}` takes `{given}`, and its operation now receives `{expected}`",
        "Name the new class in the decorator and in the annotation.",
    ),
    Rule(
        "new-parameter",
        "warning",
        "the topic of `{handler}` is now `{topic}`: {parameters} is new",
        "Read it with `message.parameters`, if the handler needs it.",
    ),
    Rule(
        "not-generated",
        "error",
        "{path} was not written by `jararaca codegen`",
        "Move it away, or choose another folder with `--output`.",
    ),
)

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in _READING + _REFERENCES + _STRUCTURE + _MEANING + _SCHEDULES + _OUTPUT
}


def diagnose(
    code: str,
    span: Span,
    *,
    help: str | None = None,
    related: tuple[tuple[Span, str], ...] = (),
    **values: object,
) -> Diagnostic:
    """A diagnostic of the table; an unknown code is a bug and raises KeyError."""
    rule = RULES[code]
    return Diagnostic(
        rule.code, rule.severity, rule.wording.format(**values), span, help or rule.help, related
    )


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.message)))
