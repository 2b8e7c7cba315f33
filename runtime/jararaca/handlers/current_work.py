"""The unit of work that runs in this context: what a handler, or an integration, asks for it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal, Protocol

WorkKind = Literal["delivery", "batch", "request", "scheduled", "call"]


class WorkContext(Protocol):
    """The unit of work that runs: a delivery, a batch of them, a request, a scheduled run, or a
    call of yours."""

    @property
    def kind(self) -> WorkKind:
        """What it is."""


current_work: ContextVar[WorkContext | None] = ContextVar("jararaca_work", default=None)
