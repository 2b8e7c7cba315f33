"""How a handler ended: what the settlement policy decides by."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.handlers.settlement import Ack, SettlementRequest


@dataclass(frozen=True, slots=True)
class Returned:
    """The handler returned."""

    settled: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised, timed out, or could not publish what it had staged."""

    error: Exception


@dataclass(frozen=True, slots=True)
class HandledBefore:
    """The transaction's own record knows the message: nothing was done."""


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The handler let go of its work because the application stops."""


HandlerResult = Returned | Failed | HandledBefore | ShutDown | SettlementRequest


class NotSettledError(Exception):
    """A handler with auto_ack=False returned without settling its delivery."""


def succeeded(spec: HandlerSpec, result: HandlerResult) -> bool:
    """Whether what the handler did is to last: it is committed and published."""
    if isinstance(result, Returned):
        return result.settled or spec.auto_ack
    return isinstance(result, Ack)
