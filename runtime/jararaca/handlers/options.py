"""The options of a handler, for type checkers: `MessageHandler` explains them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, Required, TypedDict, TypeVar

from jararaca.contract.retry_policy import RetryPolicy
from jararaca.handlers.stream_start import From
from jararaca.messages.message import Message, OnInvalid
from jararaca.messages.received import MessageOf

M = TypeVar("M", bound=Message)
ExceptionTypes = bool | tuple[type[Exception], ...]
ExceptionHandler = Callable[[MessageOf[Any], Exception], Awaitable[None]]


class HandlerOptions(TypedDict, Generic[M], total=False):
    """What `MessageHandler` takes by name."""

    name: str | None
    group: str | None
    timeout: float | None
    auto_ack: bool
    nack_on_exception: ExceptionTypes
    requeue_on_exception: ExceptionTypes
    exception_handler: ExceptionHandler | None
    retry: RetryPolicy
    idempotent: bool
    concurrency: int | None
    ordered: bool
    ordered_by: Callable[[M], Hashable] | None
    priority: int
    pause_on: tuple[type[Exception], ...]
    pause_limit: float | None
    on_invalid: OnInvalid | None
    stream: From | None
    bootstrap: From | None


class BatchOptions(HandlerOptions[M], total=False):
    """The same for a handler that takes batches."""

    batch: Required[int]
    within: float
