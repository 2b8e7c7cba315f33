"""A row of the routing table made ready to run, once at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jararaca.handlers.decorators import HandlerSpec
from jararaca.messages.received import MessageOf
from jararaca.routing.table import Route


@dataclass(frozen=True)
class BoundHandler:
    """A handler with its route, its options, and the controller that it is called on."""

    route: Route
    spec: HandlerSpec
    call: Callable[[MessageOf[Any]], Awaitable[Any]]

    @property
    def method(self) -> tuple[type[Any], Callable[..., Any]]:
        """What tells it from other handlers; the same in each row of a handler of a union."""
        return self.route.controller, self.route.handler

    @cached_property
    def name(self) -> str:
        """The handler as people see it: `ShopHandlers.fulfil_order`."""
        return f"{self.route.controller.__qualname__}.{self.spec.name}"
