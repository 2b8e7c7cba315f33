"""What ended a piece of work: a failure of its own, or its task ended from outside."""

from __future__ import annotations

import asyncio

from jararaca.contract.exception_types import described
from jararaca.errors import HandlerCrashedError


def ended_from_outside(error: BaseException) -> bool:
    """Whether `error` ends the task that runs: somebody cancelled it, or its coroutine is closed.

    Every other SystemExit, KeyboardInterrupt, GeneratorExit or CancelledError was raised by the
    work itself, and is its failure.
    """
    task = _running_task()
    if isinstance(error, GeneratorExit):
        return task is None
    if not isinstance(error, asyncio.CancelledError):
        return False
    return task is None or task.cancelling() > 0


def as_failure(name: str, error: BaseException) -> Exception:
    """The error itself; what is no Exception becomes the cause of one, which retries understand."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, asyncio.CancelledError):
        failure = HandlerCrashedError(f"{name} was cancelled from within")
    else:
        failure = HandlerCrashedError(f"{name} raised {described(error)}")
    failure.__cause__ = error
    return failure


def _running_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
