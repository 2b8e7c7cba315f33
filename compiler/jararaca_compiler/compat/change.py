"""The table of changes: each code's wording and what to do instead; changes as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jararaca_compiler.documents.source import Span

Whom = Literal["producers", "consumers", "stored", "code"]
WHOM: tuple[Whom, ...] = ("producers", "consumers", "stored", "code")
CALLED: dict[Whom, str] = {
    "producers": "producers",
    "consumers": "consumers",
    "stored": "stored messages",
    "code": "generated code",
}
WHY: dict[Whom, str] = {
    "producers": "Old producers go on as before, and what they send is refused or goes astray.",
    "consumers": "Old consumers refuse or miss what new producers send.",
    "stored": "What waits in queues, outboxes and dead letters is not handled any more.",
    "code": "Code that uses the generated names or types has to be changed.",
}
UNDECLARED = "It breaks only senders of fields that their contract does not name."


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change: `wording` is a format string over its values, `help` what to do instead."""

    code: str
    wording: str
    help: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `breaks` lists whom it breaks as far as can be told, `risks` whom only in
    rare cases, which `why` tells; with neither it is safe. `subject` is what an exception names,
    and `group` the message or thing that it is listed under.
    """

    code: str
    group: str
    subject: str
    message: str
    breaks: tuple[Whom, ...]
    risks: tuple[Whom, ...]
    why: str
    help: str
    span: Span

    @property
    def is_safe(self) -> bool:
        """Whether it breaks nobody, whatever is sent."""
        return not self.breaks and not self.risks


_KEEP_BOTH = "Publish both for a while: keep the old one beside the new until nobody uses it."
_LATER = "Loosen first, and tighten when no producer sends the old values and the queues are empty."
_CONSUMERS_FIRST = "Bring consumers that accept both first, then let producers send the new values."
_QUEUE = (
    "RabbitMQ refuses to declare a queue that exists with other properties: stop its workers once"
    " it is empty, run `rabbitmqctl delete_queue {name}`, and start the new ones; or give the"
    " queue a new name and drain the old one."
)
_FIELDS = (
    Rule(
        "required-field-added",
        "the required field `{name}` is new",
        "Add it as optional; make it required once every producer sends it.",
    ),
    Rule("field-added", "the optional field `{name}` is new", ""),
    Rule(
        "field-removed",
        "the field `{name}` is gone",
        "Mark it `deprecated: true` first, and delete it when nobody reads it.",
    ),
    Rule(
        "field-required",
        "the field `{name}` is required now",
        "Leave it optional until every producer sends it and the queues are empty.",
    ),
    Rule(
        "field-optional",
        "the field `{name}` is no longer required",
        "Keep sending it until every consumer copes without it.",
    ),
    Rule(
        "type-changed",
        "the type was {old} and is {new}",
        "Add a field of the new type beside this one, or a second version of the message.",
    ),
    Rule("null-added", "null is allowed now", _CONSUMERS_FIRST),
    Rule("null-removed", "null is no longer allowed", _LATER),
    Rule("enum-value-added", "the value {value} is new", _CONSUMERS_FIRST),
    Rule("enum-value-removed", "the value {value} is gone", _LATER),
    Rule("enum-added", "only {values} are allowed now", _LATER),
    Rule("enum-removed", "any value is allowed now, not only {values}", _CONSUMERS_FIRST),
    Rule("bound-tightened", "`{key}` was {old} and is {new}", _LATER),
    Rule("bound-loosened", "`{key}` was {old} and is {new}", _CONSUMERS_FIRST),
    Rule(
        "pattern-changed",
        "`pattern` was {old} and is {new}",
        "Write a pattern that matches all old texts, or add a field beside this one.",
    ),
    Rule(
        "format-changed",
        "`{key}` was {old} and is {new}",
        "Add a field of the new format beside this one.",
    ),
    Rule(
        "object-closed",
        "fields that are not declared are refused now",
        "Leave `additionalProperties` open: then a field can be added without breaking anybody.",
    ),
    Rule(
        "object-opened",
        "fields that are not declared are allowed now",
        "Bring the consumers first: the old ones refuse fields that they do not know.",
    ),
    Rule(
        "variant-added",
        "the variant {name} is new",
        "Bring consumers that know it first, or make it a message of its own.",
    ),
    Rule("variant-removed", "the variant {name} is gone", _LATER),
    Rule(
        "discriminator-changed",
        "the discriminator was {old} and is {new}",
        "Keep the field that tells the variants apart, and its values.",
    ),
    Rule(
        "default-changed",
        "the default was {old} and is {new}",
        "Send the field explicitly everywhere before its default changes.",
    ),
    Rule("schema-renamed", "the schema `{old}` is called `{new}`", ""),
    Rule(
        "constraint-changed",
        "`{key}` is not what it was",
        "Compare the two by hand, or add a second version of the message.",
    ),
    Rule(
        "schema-changed",
        "the schemas cannot be proved to allow the same values",
        "Compare the two by hand, or write them alike.",
    ),
)
_MESSAGES = (
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
    Rule("message-renamed", "the message `{old}` is called `{new}` on the wire", _KEEP_BOTH),
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
    Rule("parameter-value-added", "`{name}` may be {value} now", _CONSUMERS_FIRST),
    Rule("parameter-value-removed", "`{name}` may no longer be {value}", _LATER),
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
_OPERATIONS = (
    Rule("service-added", "the service is new", ""),
    Rule("service-removed", "the service is gone", "Stop its workers and drain its queues first."),
    Rule(
        "service-renamed",
        "the service `{old}` is called `{new}`",
        "Keep the name: `x-service: {old}` in the first level of the document.",
    ),
    Rule("operation-added", "the operation is new: it {action} on `{topic}`", ""),
    Rule(
        "operation-removed",
        "the operation is gone: nothing is {action} on `{topic}` any more",
        "Deprecate it first; when nobody uses it, delete it and its queue.",
    ),
    Rule("handler-renamed", "the handler's method `{old}` is called `{new}`", "Keep its id."),
    Rule("reply-changed", "its reply was {old} and is {new}", _KEEP_BOTH),
    Rule("queue-added", "the queue is new: it gets messages from its declaration on", ""),
    Rule(
        "queue-removed",
        "the queue is no longer consumed",
        "It stays on the broker, bound and filling up: let the old workers drain it, then run"
        " `rabbitmqctl delete_queue {name}`.",
    ),
    Rule("queue-changed", "{differences}", _QUEUE),
    Rule(
        "exchange-redeclared",
        "its {key} was {old} and is {new}",
        "RabbitMQ refuses to declare an exchange that exists with other properties: give it a new"
        " name, or delete the old one while everybody is stopped.",
    ),
    Rule("binding-added", "it is bound to `{key}` of `{exchange}` too", ""),
    Rule(
        "binding-removed",
        "it is no longer bound to `{key}` of `{exchange}`",
        "RabbitMQ keeps the old binding: remove it with `rabbitmqadmin delete binding` or in the"
        " management page, else what comes by it is dead-lettered as unknown.",
    ),
)
RULES: dict[str, Rule] = {rule.code: rule for rule in _FIELDS + _MESSAGES + _OPERATIONS}


def change(
    code: str,
    group: str,
    subject: str,
    span: Span,
    *,
    breaks: Iterable[Whom] = (),
    risks: Iterable[Whom] = (),
    why: str | None = None,
    **values: object,
) -> Change:
    """A change of the table; an unknown code is a bug and raises KeyError."""
    rule = RULES[code]
    sure, rare = set(breaks), set(risks)
    broken = tuple(whom for whom in WHOM if whom in sure)
    reasons = [WHY[whom] for whom in broken] or ([UNDECLARED] if rare else [])
    return Change(
        code=code,
        group=group,
        subject=subject,
        message=rule.wording.format(**values),
        breaks=broken,
        risks=tuple(whom for whom in WHOM if whom in rare - sure),
        why=" ".join(reasons) if why is None else why,
        help=rule.help.format(**values) if sure or rare else "",
        span=span,
    )
