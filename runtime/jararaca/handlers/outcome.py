"""What became of a delivery: passed to listeners, for tables, metrics and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jararaca.messages.message import Message
from jararaca.transport import Delivery

Outcome = Literal[
    "handled", "duplicate", "retried", "dead-lettered", "discarded", "foreign", "given back"
]


@dataclass(slots=True)
class Handled:
    """What became of one delivery: for tables, metrics and tests.

    `violations` are what of it is not as its schema says: the message, the place, the reason.
    `delivery` is what was delivered, `error` what the try failed with, and `delay` the seconds
    until the next one, where there is one.

    Not frozen: one is made for each delivery, and to make a frozen one takes three times as long.
    """

    handler: str | None
    queue: str
    outcome: Outcome
    attempt: int
    reason: str | None
    message: Message | None
    violations: tuple[tuple[str, str, str], ...] = ()
    delivery: Delivery | None = None
    error: Exception | None = None
    delay: float | None = None


Listener = Callable[[Handled], None]
