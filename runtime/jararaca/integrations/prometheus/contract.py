"""What of received messages is not as their schemas say, counted by place and reason."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from jararaca.handlers.outcome import Handled
from jararaca.messages.violation import undeclared
from jararaca.observability.first_kinds import FirstKinds
from jararaca.printable import printable

MOST_SERIES = 500
"""Series of a counter: who publishes chooses the names of undeclared properties."""
FURTHER = "(other)"
"""The place of whatever came after them."""


class Contract:
    """Counts each received message once, in each queue that it came to, whatever became of it."""

    def __init__(self, registry: CollectorRegistry, *, undeclared_fields: bool) -> None:
        self._violations = Counter(
            "jararaca_contract_violations",
            "What of received messages violates their schemas, handled or dead-lettered.",
            ("message", "field", "reason"),
            registry=registry,
        )
        self._undeclared = (
            Counter(
                "jararaca_undeclared_fields",
                "Properties of received messages that no schema declares.",
                ("message", "field"),
                registry=registry,
            )
            if undeclared_fields
            else None
        )
        self._known = FirstKinds[tuple[str, ...]](MOST_SERIES)

    def told(self, handled: Handled) -> None:
        """Count what is wrong with one delivery, at its first try."""
        if handled.attempt > 1 or handled.outcome == "given back":
            return
        for message, field, reason in handled.violations:
            place = self._place(message, field, reason)
            self._violations.labels(message, place, reason).inc()
        if self._undeclared is not None and handled.message is not None:
            name = handled.message.MESSAGE_NAME
            for field in dict.fromkeys(undeclared(handled.message)):
                self._undeclared.labels(name, self._place(name, field)).inc()

    def _place(self, message: str, field: str, *reason: str) -> str:
        """The label of a place, while there is room for another."""
        is_known = self._known.meet((message, field, *reason)) in ("new", "known")
        return printable(field) if is_known else FURTHER
