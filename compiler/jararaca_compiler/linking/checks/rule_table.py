"""The rules of linking: code, level where nothing is configured, wording, why it matters, fix."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca_compiler.diagnostics.levels import Level


@dataclass(frozen=True, slots=True)
class LinkRule:
    """One rule; `wording`, `elsewhere` and `fix` are format strings over a finding's values.

    `elsewhere` says what the related place in the other document is.
    """

    code: str
    level: Level
    wording: str
    why: str
    fix: str
    elsewhere: str = "the other side"


_MESSAGES = (
    LinkRule(
        "message-refused",
        "error",
        "`{receiver}` refuses a message that `{sender}` may send, `{message}` with the {part} "
        "{witness}: {reason}",
        "Such a message is dead-lettered.",
        "Accept it in `{receiver}`, or narrow the schema of `{sender}`.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "message-not-proven",
        "warning",
        "nothing proves that `{receiver}` accepts every `{message}` that `{sender}` may send: "
        "the {part} is too complex",
        "It may be dead-lettered.",
        "Write the {part} the same way on both sides, or with fewer conditions and patterns.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "undeclared-fields-refused",
        "off",
        "`{receiver}` refuses a `{message}` with fields that `{sender}` does not declare: "
        "{witness}",
        "`{sender}` leaves the object open, `{receiver}` closes it.",
        "Close the object in `{sender}` as well, or open it in `{receiver}`.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "content-type-differs",
        "error",
        "`{sender}` sends `{message}` as {sent}, `{receiver}` reads it as {received}",
        "Its bytes cannot be read.",
        "Use one content type and one schema for both.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "message-unknown",
        "error",
        "`{message}` of `{sender}` comes to the queue `{queue}` of `{receiver}`, which takes "
        "{known}",
        "It is dead-lettered there as an unknown message.",
        "Receive it in `{receiver}`, use one name in both, or give it a topic of its own.",
        "`{receiver}` takes the topic here",
    ),
    LinkRule(
        "parameter-refused",
        "error",
        "`{sender}` may send `{message}` with {parameter} `{value}`, which `{receiver}` refuses",
        "Its topic comes through the binding, and the message is dead-lettered.",
        "List the value in the `enum` of `{receiver}`, or bound the parameter in `{sender}`.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "parameter-not-proven",
        "warning",
        "`{receiver}` takes `{message}` only with the {parameter} that stands at {location}, and "
        "`{sender}` does not say that it sends this one",
        "A message whose topic says otherwise is dead-lettered.",
        "Write the same `location` at the parameter of `{sender}`.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "kind-differs",
        "error",
        "`{message}` is {sent} for `{sender}` and {received} for `{receiver}`",
        "A task is done once, by one worker; an event is for everyone who listens.",
        "Give it the same `x-message-type` on both sides.",
        "`{receiver}` takes it here",
    ),
)
_REPLIES = (
    LinkRule(
        "reply-missing",
        "error",
        "`{sender}` waits for an answer to `{message}`, and `{receiver}` gives none",
        "The request ends in a timeout.",
        "Declare `reply` in the operation of `{receiver}`, or remove it from that of `{sender}`.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "reply-unknown",
        "error",
        "`{receiver}` may answer `{message}` with `{reply}`, which `{sender}` does not know",
        "The answer cannot be read.",
        "Add it to the reply of `{sender}`.",
        "the answer stands here",
    ),
    LinkRule(
        "reply-refused",
        "error",
        "`{sender}` refuses an answer to `{message}` that `{receiver}` may give, `{reply}` with "
        "the {part} {witness}: {reason}",
        "The request fails although it was handled.",
        "Accept it in `{sender}`, or narrow the answer of `{receiver}`.",
        "the answer stands here",
    ),
    LinkRule(
        "reply-not-proven",
        "warning",
        "nothing proves that `{sender}` accepts every `{reply}` that `{receiver}` may answer",
        "The request may fail although it was handled.",
        "Write the reply the same way on both sides.",
        "the answer stands here",
    ),
    LinkRule(
        "correlation-differs",
        "warning",
        "`{reader}` looks for the correlation id of `{message}` at {expected}, and `{writer}` "
        "writes it to {written}",
        "AMQP's own `correlation_id` is set all the same; who reads only what the document says "
        "does not find the request that an answer belongs to.",
        "Write the same `correlationId` in both documents.",
        "the other side of the message",
    ),
)
_AUDIENCE = (
    LinkRule(
        "task-without-worker",
        "warning",
        "nobody takes the task `{message}` that `{sender}` sends to `{topic}`",
        "It waits for ever, or is returned to its sender.",
        "Add the document of the service that does it to `sources` or `neighbours`.",
    ),
    LinkRule(
        "task-taken-twice",
        "error",
        "the task `{message}` of `{sender}` is taken by {receivers}",
        "A task is done once. Each of these services would do it.",
        "Let one service take it, or make it an event.",
        "also taken here",
    ),
    LinkRule(
        "event-unheard",
        "off",
        "nobody listens to the event `{message}` that `{sender}` sends to `{topic}`",
        "It may be meant for services that are not among the sources and neighbours.",
        "Delete it if nobody needs it.",
    ),
    LinkRule(
        "never-sent",
        "off",
        "nobody sends the `{message}` that `{receiver}` takes from `{topic}`",
        "Its sender may not be among the sources and neighbours.",
        "Add the sender's document to `neighbours`, or delete the operation.",
    ),
)
_BROKER = (
    LinkRule(
        "declared-differently",
        "error",
        "the {thing} `{name}` is declared in two ways: `{one}` has {difference}, `{other}` has "
        "{second}",
        "RabbitMQ refuses the second declaration, and that service does not start.",
        "Declare it the same way, or rename one of them.",
        "`{other}` declares it here",
    ),
    LinkRule(
        "queue-shared",
        "error",
        "{services} consume from one queue, `{name}`",
        "Each message goes to only one of them.",
        "Give each a queue of its own.",
        "`{other}` consumes here",
    ),
    LinkRule(
        "virtual-host-differs",
        "warning",
        "`{sender}` sends `{message}` on the virtual host {sent}, `{receiver}` listens on "
        "{received}",
        "No message crosses virtual hosts.",
        "Name the same virtual host in the servers of both.",
        "`{receiver}` takes it here",
    ),
)

_PUBLISHING = (
    LinkRule(
        "publishing-without-effect",
        "warning",
        "`{sender}` sends `{message}` with {what}, which the queue `{queue}` of `{receiver}` "
        "does not heed: {reason}",
        "RabbitMQ says nothing about it.",
        "Declare the queue so that it does, or leave it out where the message is sent.",
        "`{receiver}` takes it here",
    ),
)

_DIVISIONS = (
    LinkRule(
        "partitions-differ",
        "warning",
        "`{sender}` sends `{message}` {sent}, and the queue of `{receiver}` is {received}",
        "One worker sorts what has no partition, or another count's: it takes two ways through the "
        "broker, and others' messages of its key may overtake it.",
        "Write the same `x-partitions` on the channel in both documents.",
        "`{receiver}` takes it here",
    ),
    LinkRule(
        "filter-differs",
        "error",
        "`{sender}` marks `{message}` by `{sent}`, and readers of `{receiver}` choose by "
        "`{received}`",
        "RabbitMQ leaves out what they ask for, and nobody notices.",
        "Write the same `filter-by` of `x-stream` in both documents.",
        "`{receiver}` takes it here",
    ),
)

_SYSTEM = (
    LinkRule(
        "exception-unused",
        "info",
        "the exception `{exception}` accepts nothing: {reason}",
        "It would hide a break that comes later, or does not accept the one that was meant.",
        "{what_to_do}",
    ),
    LinkRule(
        "neighbour-left-out",
        "warning",
        "the neighbour {source} is left out: {reason}",
        "What its services send and receive is not checked.",
        "Correct `neighbours` in [tool.jararaca], or ask its team.",
    ),
)

LINK_RULES: dict[str, LinkRule] = {
    rule.code: rule
    for rule in (*_MESSAGES, *_REPLIES, *_AUDIENCE, *_BROKER, *_PUBLISHING, *_DIVISIONS, *_SYSTEM)
}
