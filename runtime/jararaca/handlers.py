"""The decorators of a handler: each stores a spec on what it decorates, and does nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from jararaca.message import Message, MessageClass, MessageOf
from jararaca.policy import DEFAULT_RETRY_POLICY, RetryPolicy

T = TypeVar("T")
C = TypeVar("C")
M = TypeVar("M", bound=Message)
ReplyT = TypeVar("ReplyT")
F = TypeVar("F", bound=Callable[..., Any])
HandlerMethod = Callable[[C, MessageOf[M]], Coroutine[Any, Any, ReplyT]]
ExceptionTypes = bool | tuple[type[Exception], ...]
ExceptionHandler = Callable[[MessageOf[Any], Exception], Awaitable[None]]

SPEC = "__jararaca_handler__"
CONTROLLER = "__jararaca_controller__"


@dataclass(frozen=True, slots=True)
class HandlerSpec:
    """How this service treats a message; `MessageHandler` explains the fields."""

    message: type[Message]
    name: str
    group: str | None = None
    timeout: float | None = None
    auto_ack: bool = True
    nack_on_exception: ExceptionTypes = False
    requeue_on_exception: ExceptionTypes = True
    exception_handler: ExceptionHandler | None = None
    retry: RetryPolicy = DEFAULT_RETRY_POLICY
    idempotent: bool = False
    concurrency: int | None = None
    ordered: bool = False
    stub: bool = False


class MessageHandler(Generic[M, ReplyT]):
    """Makes a method the handler of `message`; it returns the answer where that is a request.

    timeout: seconds a delivery may take; then the handler is cancelled and its policy followed.
    auto_ack: True acks when the handler returns; False leaves the settling to the handler.
    nack_on_exception: exceptions (True: all) that hand the message back for another try after the
        policy's first delay, without counting as a failure.
    requeue_on_exception: exceptions (default: all) that are tried again by the policy; any other
        goes to the dead letters at once.
    exception_handler: awaited with the message and the exception before all that; it may settle.
    name, group: what `jararaca worker --handlers` and `--groups` choose by; `name` is the method's.
    idempotent: a message id that was handled is acked, not handled again (kept in the worker's
        backend for a day; a message without an id is always handled).
    concurrency: how many messages one worker handles at a time (default: the worker's prefetch).
    ordered: one message at a time in all workers, in the queue's order: RabbitMQ keeps one consumer
        active, and a failure is tried again in its place while the others wait. The queue is
        declared with `x-single-active-consumer`, and all its handlers are ordered, or none.
    retry: how often and how soon a failure is tried again.
    Raises ValueError for a concurrency below 1, or one beside `ordered`.
    """

    def __init__(
        self,
        message: MessageClass[M, ReplyT],
        *,
        name: str | None = None,
        group: str | None = None,
        timeout: float | None = None,
        auto_ack: bool = True,
        nack_on_exception: ExceptionTypes = False,
        requeue_on_exception: ExceptionTypes = True,
        exception_handler: ExceptionHandler | None = None,
        retry: RetryPolicy = DEFAULT_RETRY_POLICY,
        idempotent: bool = False,
        concurrency: int | None = None,
        ordered: bool = False,
    ) -> None:
        if concurrency is not None and (concurrency < 1 or ordered):
            raise ValueError("concurrency is 1 or more, and ordered=True has none beside it")
        self._spec = HandlerSpec(
            cast(type[Message], message),
            name or "",
            group,
            timeout,
            auto_ack,
            nack_on_exception,
            requeue_on_exception,
            exception_handler,
            retry,
            idempotent,
            concurrency,
            ordered,
        )

    def __call__(self, method: HandlerMethod[C, M, ReplyT]) -> HandlerMethod[C, M, ReplyT]:
        """Store the spec on the method and give the method back."""
        name = self._spec.name or method.__name__
        setattr(method, SPEC, replace(self._spec, name=name))
        return method


def MessageBusController() -> Callable[[type[T]], type[T]]:
    """Marks a class whose methods handle messages."""

    def mark(controller: type[T]) -> type[T]:
        setattr(controller, CONTROLLER, True)
        return controller

    return mark


def stub(method: F) -> F:
    """Marks a handler that nobody has written yet: its messages wait in the queue.

    It stands above `@MessageHandler`; delete it once the method does its work.
    """
    setattr(method, SPEC, replace(spec_of(method), stub=True))
    return method


def spec_of(method: Callable[..., Any]) -> HandlerSpec:
    """The spec that `MessageHandler` stored. Raises TypeError where there is none."""
    spec = getattr(method, SPEC, None)
    if not isinstance(spec, HandlerSpec):
        raise TypeError(f"{method.__qualname__} has no @MessageHandler decorator")
    return spec
