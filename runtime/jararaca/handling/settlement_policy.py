"""Decisions without I/O: how the outcome of a delivery settles it."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca.handlers.decorators import ExceptionTypes, HandlerSpec
from jararaca.handlers.settlement import Ack, Asked, Nack, Reject, Retry, RetryLater


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


Outcome = Returned | Failed | HandledBefore | ShutDown | Asked


@dataclass(frozen=True, slots=True)
class Done:
    """Publish what is staged, then ack."""


DONE = Done()
"""How nearly every delivery ends: decided first, and made once."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It was handled before: ack."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is left to do: the handler has acked."""


@dataclass(frozen=True, slots=True)
class Again:
    """Back into the queue after `delay` seconds as try number `attempt`."""

    delay: float
    attempt: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Into the dead-letter queue, for `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Ack without having handled it, for `reason`: the policy says so."""

    reason: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Ack: a message on a topic of others, which the binding `key` let through with its `*`.

    It was never meant for the queue, so nothing of ours is lost; it is counted and told.
    """

    key: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Into its queue as it was, at its old place, for another worker: nothing is counted."""


Settlement = Done | Duplicate | Settled | Again | DeadLetter | Discard | Foreign | GiveBack


class NotSettledError(Exception):
    """A handler with auto_ack=False returned without settling its delivery."""


def succeeded(spec: HandlerSpec, outcome: Outcome) -> bool:
    """Whether what the handler did is to last: it is committed and published."""
    if isinstance(outcome, Returned):
        return outcome.settled or spec.auto_ack
    return isinstance(outcome, Ack)


def decide(spec: HandlerSpec, outcome: Outcome, attempt: int, chance: float) -> Settlement:
    """How a delivery at its `attempt`-th try is settled; `chance` in [0, 1) is for the jitter."""
    if type(outcome) is Returned and not outcome.settled and spec.auto_ack:
        return DONE
    match outcome:
        case Returned(settled=True) | Ack():
            return Settled()
        case Returned():
            unsettled = NotSettledError("the handler returned without ack(), and auto_ack is off")
            return _by_policy(spec, attempt, chance, _text(unsettled))
        case HandledBefore():
            return Duplicate()
        case ShutDown():
            return GiveBack()
        case Nack():
            return Again(spec.retry.initial_delay, attempt)
        case Reject(reason):
            return DeadLetter(reason)
        case Retry():
            return _by_policy(spec, attempt, chance, "retry() was called")
        case RetryLater(delay):
            return Again(delay, attempt + 1)
        case Failed(error):
            return _after_failure(spec, error, attempt, chance)


def _after_failure(spec: HandlerSpec, error: Exception, attempt: int, chance: float) -> Settlement:
    if _covers(spec.nack_on_exception, error):
        return Again(spec.retry.initial_delay, attempt)
    verdict = spec.retry.verdict(error)
    if verdict == "discard":
        return Discard(_text(error))
    if verdict == "reject" or not _covers(spec.requeue_on_exception, error):
        return DeadLetter(f"{_text(error)} is not to be retried")
    return _by_policy(spec, attempt, chance, _text(error))


def _by_policy(spec: HandlerSpec, attempt: int, chance: float, why: str) -> Settlement:
    delay = spec.retry.delay(attempt, chance)
    if delay is None:
        return DeadLetter(f"given up after {attempt} attempts: {why}")
    return Again(delay, attempt + 1)


def _covers(types: ExceptionTypes, error: Exception) -> bool:
    return types if isinstance(types, bool) else isinstance(error, types)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
