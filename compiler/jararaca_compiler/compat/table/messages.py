"""Changes of messages, their topics and their clock."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import CONSUMERS_FIRST, KEEP_BOTH, LATER, Rule

MESSAGES: tuple[Rule, ...] = (
    Rule("message-added", "the message is new", ""),
    Rule(
        "message-added-to-channel",
        "the message is new on the existing topic `{topic}`",
        "Give it a topic of its own, or deploy consumers that know it first.",
    ),
    Rule(
        "message-removed",
        "the message was removed",
        "Mark it deprecated, and remove it when nobody sends it and its queues are empty.",
    ),
    Rule("message-renamed", "the message `{old}` was renamed to `{new}` on the wire", KEEP_BOTH),
    Rule("class-renamed", "the class `{old}` was renamed to `{new}`", "Keep the message's key."),
    Rule(
        "topic-changed",
        "the topic was `{old}` and is `{new}`",
        "Publish to both for a while: keep the old channel until nobody uses it.",
    ),
    Rule(
        "own-channel-changed",
        "its class published to `{old}` and publishes to `{new}`: both are channels of the message",
        "Name the channel at the message, `x-channel: {channel}`, or else the first by key has it.",
    ),
    Rule(
        "parameter-renamed",
        "the topic's parameter `{old}` was renamed to `{new}`",
        "Keep its name: it is an argument of `publish()`.",
    ),
    Rule("parameter-value-added", "`{name}` may now be {value}", CONSUMERS_FIRST),
    Rule("parameter-value-removed", "`{name}` may no longer be {value}", LATER),
    Rule("parameter-enum-added", "`{name}` may now only be {values}", LATER),
    Rule(
        "parameter-enum-removed",
        "`{name}` may now be anything, not only {values}",
        CONSUMERS_FIRST,
    ),
    Rule(
        "parameter-default-changed",
        "the default of `{name}` was {old} and is {new}",
        "Pass it explicitly wherever it is published, before its default changes.",
    ),
    Rule("schedule-added", "it is now published by a schedule: {new}", ""),
    Rule(
        "schedule-removed",
        "it is no longer published by a schedule: {old}",
        "Tell its consumers, or let another process publish it.",
    ),
    Rule(
        "schedule-changed",
        "`{key}` of its schedule was {old} and is {new}",
        "Tell its consumers, and change it when they are ready.",
    ),
    Rule(
        "partitions-changed",
        "its queues were {old} and are {new}",
        "Let the old workers drain the queues while nobody publishes, stop them, and run `jararaca"
        " topology apply`: it changes the partitions once all are empty, and refuses otherwise.",
    ),
    Rule(
        "stream-filter-changed",
        "its stream was filtered by {old} and is by {new}",
        "Whoever reads with `From.only(...)` misses what was published with the old value: change"
        " the values there, or read without `only` until the stream has forgotten those events.",
    ),
    Rule(
        "kind-changed",
        "it was {old} and is {new}",
        "Make it a second message on a topic of its own. Every consumer gets an event; only one"
        " gets"
        " a task.",
    ),
    Rule(
        "exchange-changed",
        "it was published to the exchange {old}, and is now published to {new}",
        "Bind the new exchange to the old one (exchange-to-exchange) until every service has"
        " moved.",
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
        "publishing it now raises an error if no queue takes it",
        "Deploy its consumers first, so that the queue exists.",
    ),
    Rule("mandatory-removed", "publishing it no longer raises an error if no queue takes it", ""),
    Rule(
        "publishing-changed",
        "`{key}` of what is published was {old} and is {new}",
        "Tell its consumers, and change it when they are ready.",
    ),
    Rule(
        "correlation-id-changed",
        "the correlation id was {old} and is {new}",
        "Send it in both places until every consumer reads the new one.",
    ),
    Rule("message-deprecated", "the message is deprecated", ""),
)
