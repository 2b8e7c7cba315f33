"""How old messages are when handlers begin with them, and the oldest that a handler has in hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic, time
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, Histogram

from jararaca.messages.received import MessageOf

AGES = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400)
RECENTLY = 30.0
"""Seconds for which a message still tells how old its queue's are, once it is handled."""


class Ages:
    """Measures from the `timestamp` that publishers give, in whole seconds; without it nothing.

    A queue is handled from its oldest message on, so that what a handler has in hand, or had just
    now, tells how old what waits is at least.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._first = Histogram(
            "jararaca_message_age_seconds",
            "How old messages are when a handler begins with them for the first time.",
            ("handler",),
            registry=registry,
            buckets=AGES,
        )
        self._again = Histogram(
            "jararaca_retry_age_seconds",
            "How old messages are when a handler tries them again.",
            ("handler",),
            registry=registry,
            buckets=AGES,
        )
        self._oldest = Gauge(
            "jararaca_oldest_message_seconds",
            f"The age of the oldest message that a handler has in hand, or began within "
            f"{RECENTLY:g} s.",
            ("handler", "queue"),
            registry=registry,
        )
        self._in_hand: dict[tuple[str, str], dict[int, float]] = {}
        self._begun: dict[tuple[str, str], tuple[float, float]] = {}

    def know(self, handler: str, queue: str) -> None:
        """A handler that has no message yet."""
        self._in_hand.setdefault((handler, queue), {})
        self._first.labels(handler)
        self._again.labels(handler)

    @contextmanager
    def in_hand(self, handler: str, messages: Sequence[MessageOf[Any]]) -> Iterator[None]:
        """While a handler has a message, or a batch of them."""
        for message in messages:
            self._begin(handler, message)
        try:
            yield
        finally:
            for message in messages:
                self._in_hand.get((handler, message.delivery.queue), {}).pop(id(message), None)

    def _begin(self, handler: str, message: MessageOf[Any]) -> None:
        moment = message.delivery.properties.timestamp
        if not isinstance(moment, datetime):
            return
        published, names = moment.timestamp(), (handler, message.delivery.queue)
        age = max(0.0, time() - published)
        (self._again if message.attempt > 1 else self._first).labels(handler).observe(age)
        at, oldest = self._begun.get(names, (0.0, 0.0))
        if age >= oldest or monotonic() - at > RECENTLY:
            self._begun[names] = monotonic(), age
        self._in_hand.setdefault(names, {})[id(message)] = published

    def look(self) -> None:
        """Set the gauges as it stands now."""
        for names, held in self._in_hand.items():
            at, begun = self._begun.get(names, (0.0, 0.0))
            recent = begun if monotonic() - at <= RECENTLY else 0.0
            oldest = time() - min(held.values()) if held else 0.0
            self._oldest.labels(*names).set(max(recent, oldest))
