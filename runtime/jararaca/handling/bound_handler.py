"""A row of the routing table made ready to run, once at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.handling import timeout
from jararaca.handling.timeout import Call
from jararaca.routing.table import Route


@dataclass(frozen=True, slots=True)
class BoundHandler:
    """A handler with its route, its options, and the controller that it is called on.

    `name` is the handler as people see it: `ShopHandlers.fulfil_order`. `call` keeps the handler's
    timeout; it takes a message, or the list of a handler with `batch`. `replies` says whether what
    it returns is an answer, `warns` whether it is handed messages that violate their schema.
    """

    route: Route
    spec: HandlerSpec
    call: Call
    name: str = field(init=False)
    replies: bool = field(init=False)
    warns: bool = field(init=False)

    def __post_init__(self) -> None:
        name = f"{self.route.controller.__qualname__}.{self.spec.name}"
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "replies", bool(self.route.message.MESSAGE_REPLIES))
        said = self.spec.on_invalid or self.route.message.MESSAGE_ON_INVALID
        object.__setattr__(self, "warns", said == "warn")
        if self.spec.timeout is not None:
            object.__setattr__(self, "call", timeout.within(self.spec.timeout, name, self.call))

    @property
    def method(self) -> tuple[type[Any], Callable[..., Any]]:
        """What tells it from other handlers; the same in each row of a handler of a union."""
        return self.route.controller, self.route.handler
