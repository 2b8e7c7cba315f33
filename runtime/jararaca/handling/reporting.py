"""Reporting: what a listener gets about a delivery, and what is logged."""

from __future__ import annotations

import logging

from jararaca.contract.exception_types import described
from jararaca.errors import DecodeError
from jararaca.handlers.outcome import Handled, Listener, Outcome
from jararaca.handling import redelivery
from jararaca.handling.decision import (
    DeadLetter,
    Decision,
    Discard,
    Done,
    Duplicate,
    Foreign,
    Move,
    Redeliver,
    Requeue,
    SetAside,
    Settled,
    Settlement,
)
from jararaca.observability.first_kinds import FirstKinds
from jararaca.printable import logger_named, printable

logger = logger_named("jararaca.worker")

OUTCOMES: dict[type[Settlement], Outcome] = {
    Done: "handled",
    Duplicate: "duplicate",
    Settled: "handled",
    Redeliver: "retried",
    DeadLetter: "dead-lettered",
    Discard: "discarded",
    Foreign: "foreign",
    Requeue: "given back",
    SetAside: "given back",
    Move: "given back",
}
SILENT = (Done, Foreign, Move)
EXPLAINED = (DeadLetter, Discard)
MOST_TOLD = 100
"""How many kinds of violations a queue's log tells of: publishers choose the names of some."""


class Reporter:
    """Writes a line into the log, and tells the listener, about each decision.

    Of a partition the listener is told as of its `queue`, and nothing of what only goes to another.
    """

    def __init__(self, listener: Listener | None, queue: str | None = None) -> None:
        self._listener = listener
        self._queue = queue
        self._told = FirstKinds[tuple[str, str, str]](MOST_TOLD)

    def report(self, decision: Decision) -> None:
        """Report one."""
        if type(decision.settlement) not in SILENT or logger.isEnabledFor(logging.DEBUG):
            log(decision)
        if decision.violations and type(decision.settlement) is not DeadLetter:
            self._warn(decision)
        if self._listener is not None and type(decision.settlement) is not Move:
            told = handled(decision)
            if self._queue is not None:
                told.queue = self._queue
            self._listener(told)

    def _warn(self, decision: Decision) -> None:
        """What a handler was given although it violates its schema: each kind is told once."""
        for violation in decision.violations:
            message, field, reason = violation
            met = self._told.meet(violation)
            if met == "new":
                logger.warning(
                    "%s: %s violates its schema at %s (%s), and is handled as on_invalid asks "
                    "(logged once)",
                    decision.handler_name,
                    printable(message),
                    printable(field),
                    printable(reason),
                    extra=_about(decision),
                )
            elif met == "last":
                logger.warning(
                    "%s: messages violate their schemas in more than %d ways: no more are logged",
                    decision.handler_name,
                    MOST_TOLD,
                )


def handled(decision: Decision) -> Handled:
    """What a listener gets."""
    settlement, handler = decision.settlement, decision.handler
    return Handled(
        handler.name if handler else None,
        decision.delivery.queue,
        OUTCOMES[type(settlement)],
        decision.attempt or redelivery.attempt_of(decision.delivery),
        settlement.reason if isinstance(settlement, EXPLAINED) else None,
        decision.payload,
        decision.violations,
        delivery=decision.delivery,
        error=decision.error,
        delay=settlement.delay if isinstance(settlement, Redeliver) else None,
    )


def log(decision: Decision) -> None:
    """One line for whatever did not simply succeed; for the rest, at the level of debugging."""
    delivery = decision.delivery
    who = decision.handler_name or delivery.queue
    what = f"{delivery.routing_key} {delivery.properties.message_id or ''}".rstrip()
    error, about = decision.error, _about(decision)
    match decision.settlement:
        case Redeliver(delay, attempt):
            why = f": {described(error)}" if error else ""
            logger.warning(
                "%s: %s will be retried in %.1f s (attempt %d)%s",
                who,
                what,
                delay,
                attempt,
                why,
                extra=about,
            )
        case DeadLetter(reason):
            shown = None if isinstance(error, DecodeError) else error
            logger.error("%s: %s dead-lettered: %s", who, what, reason, exc_info=shown, extra=about)
        case Discard(reason):
            logger.warning("%s: %s discarded: %s", who, what, reason, extra=about)
        case SetAside(delay, _, why):
            logger.info("%s: %s is set aside for %.1f s: %s", who, what, delay, why, extra=about)
        case Requeue():
            logger.info(
                "%s: %s goes back to its queue: the worker is shutting down", who, what, extra=about
            )
        case Foreign(key):
            logger.debug("%s: %s is not for this service (binding %s)", who, what, key, extra=about)
        case _:
            logger.debug("%s: %s handled", who, what, extra=about)


def _about(decision: Decision) -> dict[str, object]:
    """The same for log lines that are records: the unit of work is over here."""
    delivery = decision.delivery
    return {
        "handler": decision.handler_name,
        "message_id": printable(delivery.properties.message_id or "") or None,
        "topic": printable(delivery.routing_key),
        "attempt": decision.attempt or redelivery.attempt_of(delivery),
    }
