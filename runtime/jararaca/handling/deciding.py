"""Deciding: the settlement policy, without I/O: how a handler's result settles its delivery."""

from __future__ import annotations

from jararaca.contract.exception_types import covers, described
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.handlers.options import ExceptionTypes
from jararaca.handlers.settlement import Ack, Nack, Reject, Retry, RetryLater
from jararaca.handling.decision import (
    DONE,
    DeadLetter,
    Discard,
    Duplicate,
    Redeliver,
    Requeue,
    Settled,
    Settlement,
)
from jararaca.handling.handler_result import (
    Failed,
    HandledBefore,
    HandlerResult,
    NotSettledError,
    Returned,
    ShutDown,
)


def decide(spec: HandlerSpec, result: HandlerResult, attempt: int, chance: float) -> Settlement:
    """How a delivery at its `attempt`-th try is settled; `chance` in [0, 1) is for the jitter."""
    match result:
        case Returned(settled=True) | Ack():
            return Settled()
        case Returned() if spec.auto_ack:
            return DONE
        case Returned():
            unsettled = NotSettledError("the handler returned without ack(), and auto_ack is off")
            return _by_policy(spec, attempt, chance, described(unsettled))
        case HandledBefore():
            return Duplicate()
        case ShutDown():
            return Requeue()
        case Nack():
            return Redeliver(spec.retry.initial_delay, attempt)
        case Reject(reason):
            return DeadLetter(reason)
        case Retry():
            return _by_policy(spec, attempt, chance, "retry() was called")
        case RetryLater(delay):
            return Redeliver(delay, attempt + 1)
        case Failed(error):
            return _after_failure(spec, error, attempt, chance)


def _after_failure(spec: HandlerSpec, error: Exception, attempt: int, chance: float) -> Settlement:
    verdict = spec.retry.verdict(error)
    if verdict == "discard":
        return Discard(described(error))
    again = _covers(spec.requeue_on_exception, error) or _covers(spec.nack_on_exception, error)
    if verdict == "reject" or not again:
        return DeadLetter(f"{described(error)} is not to be retried")
    return _by_policy(spec, attempt, chance, described(error))


def _by_policy(spec: HandlerSpec, attempt: int, chance: float, why: str) -> Settlement:
    delay = spec.retry.delay(attempt, chance)
    if delay is None:
        attempts = "1 attempt" if attempt == 1 else f"{attempt} attempts"
        return DeadLetter(f"given up after {attempts}: {why}")
    return Redeliver(delay, attempt + 1)


def _covers(types: ExceptionTypes, error: Exception) -> bool:
    return types if isinstance(types, bool) else covers(types, error)
