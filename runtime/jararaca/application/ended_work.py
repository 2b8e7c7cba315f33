"""What ended a piece of work: a failure of its own, or its task ended from outside."""

from __future__ import annotations

import asyncio

from jararaca.contract.exception_types import described, is_a, leaves
from jararaca.errors import HandlerCrashedError


def ended_from_outside(error: BaseException) -> bool:
    """Whether `error` ends the task that runs: somebody cancelled it, or its coroutine is closed.

    Every other SystemExit, KeyboardInterrupt, GeneratorExit or CancelledError was raised by the
    work itself, and is its failure.
    """
    task = _running_task()
    if is_a(error, GeneratorExit):
        return task is None
    if not is_a(error, asyncio.CancelledError):
        return False
    return task is None or task.cancelling() > 0


def as_failure(name: str, error: BaseException) -> Exception:
    """The error itself; what is no Exception becomes the cause of one, which retries understand.

    An exception whose own class keeps it from being looked at becomes another, without it.
    """
    if not _can_be_looked_at(error):
        return HandlerCrashedError(
            f"{name} raised {type.__getattribute__(type(error), '__name__')}"
        )
    if isinstance(error, Exception):
        return error
    if isinstance(error, asyncio.CancelledError):
        failure = HandlerCrashedError(f"{name} was cancelled from within")
    else:
        failure = HandlerCrashedError(f"{name} raised {described(error)}")
    failure.__cause__ = error
    return failure


def _can_be_looked_at(error: BaseException) -> bool:
    """Whether what policies and logs ask for can be had: it is code of the exception's class."""
    try:
        for each in leaves(error):
            _ = isinstance(each, Exception), type(each).__mro__
            _ = each.__cause__, each.__context__, each.__traceback__
    except Exception:
        return False
    return True


def _running_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
