"""Rows of the routing table made ready to run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jararaca.handlers.decorators import HandlerSpec
from jararaca.messages.received import MessageOf
from jararaca.routing.table import Route


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
