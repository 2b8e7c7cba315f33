"""Rows of the routing table made ready to run, and what is told about each delivery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from jararaca.handlers.decorators import HandlerSpec
from jararaca.messages.message import Message, MessageOf
from jararaca.routing.table import Route

Told = Literal[
    "handled", "duplicate", "retried", "dead-lettered", "discarded", "foreign", "given back"
]


@dataclass(frozen=True)
class BoundRoute:
    """A route with the controller's instance and the handler's spec, resolved once at start."""

    route: Route
    spec: HandlerSpec
    call: Callable[[MessageOf[Any]], Awaitable[Any]]

    @cached_property
    def name(self) -> str:
        """The handler as people see it: `ShopHandlers.fulfil_order`."""
        return f"{self.route.controller.__qualname__}.{self.spec.name}"


@dataclass(slots=True)
class Handled:
    """What became of one delivery: for tables, metrics and tests.

    Not frozen: one is made for each delivery, and to make a frozen one takes three times as long.
    """

    handler: str | None
    queue: str
    outcome: Told
    attempt: int
    reason: str | None
    message: Message | None


Listener = Callable[[Handled], None]
