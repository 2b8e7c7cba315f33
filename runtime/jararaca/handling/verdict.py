"""What was decided about a delivery, and what is told of it: to a listener, and to the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from jararaca.errors import DecodeError
from jararaca.handlers.outcome import Handled, Outcome
from jararaca.handling import redelivery
from jararaca.handling.bound_route import BoundRoute
from jararaca.handling.settlement_policy import (
    Again,
    DeadLetter,
    Discard,
    Done,
    Duplicate,
    Foreign,
    GiveBack,
    Settled,
    Settlement,
)
from jararaca.messages.message import Message
from jararaca.transport import Delivery

logger = logging.getLogger("jararaca.worker")

OUTCOMES: dict[type[Settlement], Outcome] = {
    Done: "handled",
    Duplicate: "duplicate",
    Settled: "handled",
    Again: "retried",
    DeadLetter: "dead-lettered",
    Discard: "discarded",
    Foreign: "foreign",
    GiveBack: "given back",
}


SILENT = (Done, Foreign)
EXPLAINED = (DeadLetter, Discard)


@dataclass(slots=True)
class Verdict:
    """How a delivery is settled, and all that is told about it; not frozen, for speed."""

    settlement: Settlement
    row: BoundRoute | None = None
    payload: Message | None = None
    error: Exception | None = None

    @property
    def handler(self) -> str | None:
        """The handler's name, where one was found."""
        return self.row.name if self.row else None


def told(delivery: Delivery, verdict: Verdict) -> Handled:
    """What a listener is told."""
    settlement = verdict.settlement
    return Handled(
        verdict.handler,
        delivery.queue,
        OUTCOMES[type(settlement)],
        redelivery.attempt_of(delivery),
        settlement.reason if isinstance(settlement, EXPLAINED) else None,
        verdict.payload,
    )


def log(delivery: Delivery, verdict: Verdict) -> None:
    """One line for whatever did not simply succeed; for the rest, at the level of debugging."""
    if isinstance(verdict.settlement, SILENT) and not logger.isEnabledFor(logging.DEBUG):
        return
    who = verdict.handler or delivery.queue
    what = f"{delivery.routing_key} {delivery.properties.message_id or ''}".rstrip()
    error, about = verdict.error, _about(delivery, verdict)
    match verdict.settlement:
        case Again(delay, attempt):
            why = f": {type(error).__name__}: {error}" if error else ""
            logger.warning(
                "%s: %s again in %.1f s (try %d)%s", who, what, delay, attempt, why, extra=about
            )
        case DeadLetter(reason):
            shown = None if isinstance(error, DecodeError) else error
            logger.error("%s: %s dead-lettered: %s", who, what, reason, exc_info=shown, extra=about)
        case Discard(reason):
            logger.warning("%s: %s discarded: %s", who, what, reason, extra=about)
        case GiveBack():
            logger.info(
                "%s: %s goes back to its queue: the worker is shutting down", who, what, extra=about
            )
        case Foreign(key):
            logger.debug("%s: %s is of others, through the binding %s", who, what, key, extra=about)
        case _:
            logger.debug("%s: %s handled", who, what, extra=about)


def _about(delivery: Delivery, verdict: Verdict) -> dict[str, object]:
    """The same for log lines that are records: the unit of work is over here."""
    return {
        "handler": verdict.handler,
        "message_id": delivery.properties.message_id,
        "topic": delivery.routing_key,
        "attempt": redelivery.attempt_of(delivery),
    }
