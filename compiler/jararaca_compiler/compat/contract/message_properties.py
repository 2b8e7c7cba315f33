"""What is asked of every publication of a message: its AMQP properties and its correlation id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom

_BREAKS: dict[str, tuple[tuple[Whom, ...], str]] = {
    "expiration": (("consumers", "stored"), "A message may expire before a consumer gets it."),
    "priority": (("consumers",), "Consumers get the messages in a different order."),
    "delivery_mode": (("stored",), "Only persistent messages (mode 2) outlive the broker."),
    "user_id": (("producers",), "RabbitMQ refuses what another user of the broker publishes."),
    "reply_to": (("producers", "consumers"), "Replies go to a different queue."),
    "cc": (("consumers",), "Queues bound to these routing keys get copies, or no longer get them."),
    "bcc": (
        ("consumers",),
        "Queues bound to these routing keys get copies, or no longer get them.",
    ),
}
_NAMES = {"delivery_mode": "deliveryMode", "user_id": "userId", "reply_to": "replyTo"}


def compare_properties(
    old: ir.Message, new: ir.Message, made: Callable[..., Change]
) -> Iterator[Change]:
    """What changed; `made(code, breaks, **values)` makes the changes of the message."""
    for field in fields(ir.Publishing):
        was, now = (getattr(message.publishing, field.name) for message in (old, new))
        if was != now:
            breaks, why = _BREAKS[field.name]
            if field.name == "delivery_mode" and now in (None, 2):
                breaks = ()
            if field.name in ("expiration", "user_id") and now is None:
                breaks = ()
            yield made(
                "publishing-changed",
                breaks,
                why=why if breaks else "",
                key=_NAMES.get(field.name, field.name),
                old=_shown(was),
                new=_shown(now),
            )
    if old.correlation_id != new.correlation_id:
        yield made(
            "correlation-id-changed",
            ("producers", "consumers"),
            why="The requester looks for the correlation id elsewhere, and cannot match the reply.",
            old=_shown(old.correlation_id),
            new=_shown(new.correlation_id),
        )


def _shown(value: object) -> str:
    if value in (None, ()):
        return "not set"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"
