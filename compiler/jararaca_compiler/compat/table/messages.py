"""Changes of messages, their topics and their clock."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import CONSUMERS_FIRST, KEEP_BOTH, LATER, Rule

MESSAGES: tuple[Rule, ...] = (
    Rule("message-added", "the message is new", ""),
    Rule(
        "message-added-to-channel",
        "the message is new on the existing topic `{topic}`",
        "Give it a topic of its own, or bring consumers that know it first.",
    ),
    Rule(
        "message-removed",
        "the message is gone",
        "Mark it deprecated, and delete it when nobody sends it and its queues are empty.",
    ),
    Rule("message-renamed", "the message `{old}` is called `{new}` on the wire", KEEP_BOTH),
    Rule("class-renamed", "the class `{old}` is called `{new}`", "Keep the message's key."),
    Rule(
        "topic-changed",
        "the topic was `{old}` and is `{new}`",
        "Publish to both for a while: keep the old channel beside the new until nobody uses it.",
    ),
    Rule(
        "parameter-renamed",
        "the topic's parameter `{old}` is called `{new}`",
        "Keep its name: it is an argument of `publish()`.",
    ),
    Rule("parameter-value-added", "`{name}` may be {value} now", CONSUMERS_FIRST),
    Rule("parameter-value-removed", "`{name}` may no longer be {value}", LATER),
    Rule("parameter-enum-added", "`{name}` may only be {values} now", LATER),
    Rule(
        "parameter-enum-removed",
        "`{name}` may be anything now, not only {values}",
        CONSUMERS_FIRST,
    ),
    Rule(
        "parameter-default-changed",
        "the default of `{name}` was {old} and is {new}",
        "Give it explicitly wherever it is published, before its default changes.",
    ),
    Rule("schedule-added", "the clock publishes it now: {new}", ""),
    Rule(
        "schedule-removed",
        "the clock no longer publishes it: {old}",
        "Tell those who wait for it, or let another process publish it.",
    ),
    Rule(
        "schedule-changed",
        "`{key}` of its schedule was {old} and is {new}",
        "Tell those who consume it, and change it when they are ready.",
    ),
    Rule(
        "kind-changed",
        "it was {old} and is {new}",
        "Make it a second message on a topic of its own: every consumer of an event gets each,"
        " only one of a task does.",
    ),
    Rule(
        "exchange-changed",
        "it was published to the exchange {old} and is to {new}",
        "Bind the new exchange to the old one (exchange-to-exchange) until everybody has moved.",
    ),
    Rule(
        "content-type-changed",
        "the content type was {old} and is {new}",
        "Make it a second message on a topic of its own.",
    ),
    Rule(
        "encoding-changed",
        "the binary schema was changed so that a reader with the other one misreads the bytes",
        "Make it a second message on a topic of its own. (In Protobuf: keep numbers and types, and"
        " give new fields new numbers.)",
    ),
    Rule(
        "mandatory-added",
        "publishing it raises now where no queue takes it",
        "Deploy its consumers first, so that the queue exists.",
    ),
    Rule("mandatory-removed", "publishing it no longer raises where no queue takes it", ""),
    Rule(
        "publishing-changed",
        "`{key}` of what is published was {old} and is {new}",
        "Tell those who consume it, and change it when they are ready.",
    ),
    Rule(
        "correlation-id-changed",
        "the correlation id was {old} and is {new}",
        "Send it in both places until everybody reads the new one.",
    ),
    Rule("message-deprecated", "the message is deprecated", ""),
)
