"""What became of a delivery: passed to listeners, for tables, metrics and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jararaca.messages.message import Message

Outcome = Literal[
    "handled", "duplicate", "retried", "dead-lettered", "discarded", "foreign", "given back"
]


@dataclass(slots=True)
class Handled:
    """What became of one delivery: for tables, metrics and tests.

    `violations` are what of it is not as its schema says: the message, the place, the reason.
    Not frozen: one is made for each delivery, and to make a frozen one takes three times as long.
    """

    handler: str | None
    queue: str
    outcome: Outcome
    attempt: int
    reason: str | None
    message: Message | None
    violations: tuple[tuple[str, str, str], ...] = ()


Listener = Callable[[Handled], None]
