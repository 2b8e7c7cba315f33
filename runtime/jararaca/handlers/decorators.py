"""The decorators of a handler: each stores a spec on what it decorates, and does nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, Unpack, overload

from typing_extensions import TypeVar

from jararaca.contract.retry_policy import DEFAULT_RETRY_POLICY, RetryPolicy
from jararaca.handlers.handler_spec import (
    DEFAULT_PAUSE_LIMIT,
    DEFAULT_WITHIN,
    HandlerSpec,
    OrderKey,
    refuse_impossible,
)
from jararaca.handlers.options import (
    BatchOptions,
    ExceptionHandler,
    ExceptionTypes,
    HandlerOptions,
)
from jararaca.handlers.stream_start import From
from jararaca.messages.message import Message, OnInvalid
from jararaca.messages.received import MessageClass, MessageOf

T = TypeVar("T")
C = TypeVar("C")
M = TypeVar("M", bound=Message)
ReplyT = TypeVar("ReplyT")
M1 = TypeVar("M1", bound=Message)
M2 = TypeVar("M2", bound=Message)
M3 = TypeVar("M3", bound=Message)
M4 = TypeVar("M4", bound=Message)
F = TypeVar("F", bound=Callable[..., Any])
TakenT = TypeVar("TakenT", default=MessageOf[M])
"""What the method takes: a message, or the list that a batch is."""
ArgumentT = TypeVar("ArgumentT")
HandlerMethod = Callable[[C, ArgumentT], Coroutine[Any, Any, ReplyT]]
ThreadMethod = Callable[[C, ArgumentT], ReplyT]
"""A handler that is no coroutine: it runs in a thread."""

SPEC = "__jararaca_handler__"


class MessageHandler(Generic[M, ReplyT, TakenT]):
    """Makes a method the handler of a message; it returns the answer where that is a request.

    Of several messages, `@MessageHandler(Placed, Cancelled)`, the method takes the union,
    `MessageOf[Placed | Cancelled]`, and `match message.payload()` tells them apart. Type checkers
    hold up to four against the method; the application's start holds any number against the routes.

    A coroutine (`async def`) runs in the event loop, any other method (`def`) in a thread, where
    `run_in_loop()` does what is to be awaited.

    timeout: seconds a delivery may take; then the handler is cancelled and its policy followed. A
        thread cannot be cancelled: that it takes longer is told, and what it comes to counts.
    auto_ack: True acks when the handler returns; False leaves the settling to the handler.
    nack_on_exception: exceptions (True: all) that are tried again by the policy, also where
        `requeue_on_exception` leaves them out. Each try counts.
    requeue_on_exception: exceptions (default: all) that are tried again by the policy; any other
        goes to the dead letters at once.
    exception_handler: awaited with the message and the exception before all that; it may settle.
    name, group: what `jararaca worker --handlers` and `--groups` choose by; `name` is the method's.
    idempotent: a message id that was handled is acked, not handled again (kept in the transaction
        of a database with an outbox, else in the worker's backend for a day; a message without an
        id is always handled).
    concurrency: how many messages one worker handles at a time (default: the worker's prefetch; 40
        where each takes a thread).
    ordered: one message at a time in all workers, in the queue's order: RabbitMQ keeps one consumer
        active, and a failure is tried again in its place while the others wait. The queue is
        declared with `x-single-active-consumer`, and all its handlers are ordered, or none.
    ordered_by: what must be handled in order: `ordered_by=lambda order: order.order_id` handles the
        messages of one order one at a time, in the queue's order, and those of different orders
        side by side. A failure is tried again in its place while the others of its key wait; they
        count as unsettled (`--prefetch`), and RabbitMQ waits half an hour for each. As with
        `ordered` the queue has one active consumer: one worker does the work, others stand by. All
        handlers of a queue share their keys. The order is the queue's as long as the worker keeps
        its connection: when one is lost, what was unsettled comes again.
    priority: of this consumer (`x-priority`): RabbitMQ gives a queue's messages to consumers of a
        lower one only while those of a higher have their prefetch full. The priority of messages
        is `MESSAGE_PRIORITY`, from the document: quorum queues tell above 4 from the rest from
        RabbitMQ 4.0 on, and have 32 levels, the highest first, from 4.3 on; classic queues need
        `x-max-priority`. Handlers of one queue have the same.
    pause_on: exceptions that mean that something the handler depends on is out. They do not count
        as attempts: the handler pauses, tries again until the dependency is back, and goes on. If
        other messages of it pass meanwhile, the failure is the message's own, and counts.
    pause_limit: seconds after which such a failure counts although no other message has passed, if
        none but this one fails (as with `ordered`, where the others wait); None: it never does.
    on_invalid: what becomes of a message that violates its schema. "dead-letter" (the default, or
        what the document says by `x-on-invalid`): it never reaches the handler. "warn": where each
        of its values is of its type, the handler gets it with values that violate `maxLength`,
        `pattern`, `minimum` and their like, and without the undeclared properties of closed
        objects; `message.violations` says what. It is counted, and each kind logged once. A missing
        property, a text where a number should be, or a value beside an enum has no place in the
        class: such a message is a dead letter as ever.
    retry: how often and how soon a failure is tried again.
    batch: the method takes a list, `list[MessageOf[Placed]]` (of several messages a
        `Sequence[MessageOf[Placed | Cancelled]]`), of up to so many of a queue: one unit of work.
        Where it raises, nothing has lasted, and each half is tried anew, so that only messages that
        fail alone have failed; `fail(message, error)` says it of one while the others are acked.
        The prefetch is at least the batch; `concurrency` and `timeout` are of batches.
    within: seconds for which the first message of a batch waits for the others.
    stream: the handler reads its channel's stream (`x-stream`) instead of having a queue of its
        own filled: in order, one message or batch at a time in all workers, from where `From` says.
        A failure is tried again in its place, and then is a dead letter, and reading goes on. The
        offset is stored in the transaction of the database, and then what the handler does there
        happens once; else in Redis or RabbitMQ, and after a crash some messages come again. Of a
        batch in which one message has failed, `fail()` or not, nothing lasts, and each half is
        tried anew, in order.
    bootstrap: the first time that the handler's queue is declared, one worker fills it with what
        the channel's stream (`x-stream`) has from where `From` says up to then, beside live
        messages. It is resumed after a crash; then, and at the seam, some messages come twice, with
        their ids: `idempotent` skips these.
    Raises ValueError for a timeout of 0, a concurrency or batch below 1, and for options that
    cannot be combined, and TypeError for what is no class, like `Placed | Cancelled`.
    """

    @overload
    def __init__(
        self: MessageHandler[M, ReplyT, list[MessageOf[M]]],
        message: MessageClass[M, ReplyT],
        /,
        **options: Unpack[BatchOptions[M]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M1 | M2, ReplyT, Sequence[MessageOf[M1 | M2]]],
        first: MessageClass[M1, ReplyT],
        second: MessageClass[M2, ReplyT],
        /,
        **options: Unpack[BatchOptions[M1 | M2]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[Any, ReplyT, Sequence[MessageOf[Any]]],
        first: MessageClass[Any, ReplyT],
        second: MessageClass[Any, ReplyT],
        third: MessageClass[Any, ReplyT],
        /,
        *more: MessageClass[Any, ReplyT],
        **options: Unpack[BatchOptions[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M, ReplyT, MessageOf[M]],
        message: MessageClass[M, ReplyT],
        /,
        **options: Unpack[HandlerOptions[M]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M, ReplyT, MessageOf[M]],
        *,
        message_type: MessageClass[M, ReplyT],
        **options: Unpack[HandlerOptions[M]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M1 | M2, ReplyT, MessageOf[M1 | M2]],
        first: MessageClass[M1, ReplyT],
        second: MessageClass[M2, ReplyT],
        /,
        **options: Unpack[HandlerOptions[M1 | M2]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M1 | M2 | M3, ReplyT, MessageOf[M1 | M2 | M3]],
        first: MessageClass[M1, ReplyT],
        second: MessageClass[M2, ReplyT],
        third: MessageClass[M3, ReplyT],
        /,
        **options: Unpack[HandlerOptions[M1 | M2 | M3]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[M1 | M2 | M3 | M4, ReplyT, MessageOf[M1 | M2 | M3 | M4]],
        first: MessageClass[M1, ReplyT],
        second: MessageClass[M2, ReplyT],
        third: MessageClass[M3, ReplyT],
        fourth: MessageClass[M4, ReplyT],
        /,
        **options: Unpack[HandlerOptions[M1 | M2 | M3 | M4]],
    ) -> None: ...
    @overload
    def __init__(
        self: MessageHandler[Any, ReplyT, MessageOf[Any]],
        first: MessageClass[Any, ReplyT],
        second: MessageClass[Any, ReplyT],
        third: MessageClass[Any, ReplyT],
        fourth: MessageClass[Any, ReplyT],
        /,
        *more: MessageClass[Any, ReplyT],
        **options: Unpack[HandlerOptions[Any]],
    ) -> None: ...

    def __init__(
        self,
        *messages: Any,
        message_type: Any = None,
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
        ordered_by: OrderKey | None = None,
        priority: int = 0,
        pause_on: tuple[type[Exception], ...] = (),
        pause_limit: float | None = DEFAULT_PAUSE_LIMIT,
        on_invalid: OnInvalid | None = None,
        batch: int | None = None,
        within: float = DEFAULT_WITHIN,
        stream: From | None = None,
        bootstrap: From | None = None,
    ) -> None:
        if message_type is not None:
            messages = (*messages, message_type)
        _refuse_others(messages)
        self._spec = HandlerSpec(
            messages,
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
            ordered_by,
            priority,
            pause_on=pause_on,
            pause_limit=pause_limit,
            on_invalid=on_invalid,
            batch=batch,
            within=within,
            stream=stream,
            bootstrap=bootstrap,
        )
        refuse_impossible(self._spec)

    @overload
    def __call__(
        self, method: HandlerMethod[C, TakenT, ReplyT]
    ) -> HandlerMethod[C, TakenT, ReplyT]: ...

    @overload
    def __call__(
        self, method: ThreadMethod[C, TakenT, ReplyT]
    ) -> ThreadMethod[C, TakenT, ReplyT]: ...

    def __call__(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Store the spec on the method and give the method back."""
        self.register(method, self)
        return method

    @property
    def spec(self) -> HandlerSpec:
        """All that was said, as one value."""
        return self._spec

    @property
    def message_types(self) -> tuple[type[Message], ...]:
        """The classes of the messages that the method takes."""
        return self._spec.messages

    @property
    def message_type(self) -> type[Message]:
        """The class of the messages that the method takes; the first of several."""
        return self._spec.messages[0]

    @property
    def timeout(self) -> float | None:
        """Seconds that a delivery may take; None: as long as it likes."""
        return self._spec.timeout

    @property
    def exception_handler(self) -> ExceptionHandler | None:
        """What is awaited with the message and the exception, before the policy is followed."""
        return self._spec.exception_handler

    @property
    def requeue_on_exception(self) -> ExceptionTypes:
        """The exceptions that are tried again by the policy; True: all."""
        return self._spec.requeue_on_exception

    @property
    def auto_ack(self) -> bool:
        """Whether a delivery is acked when the method returns."""
        return self._spec.auto_ack

    @staticmethod
    def register(method: Callable[..., Any], handler: MessageHandler[Any, Any, Any]) -> None:
        """Store a handler's spec on the method, as the decorator does; a method has one."""
        own_name = getattr(method, "__name__", None)
        if own_name is None:
            raise TypeError(
                f"@MessageHandler is for methods, got {method!r}: write a method that calls it"
            )
        if hasattr(method, SPEC):
            raise TypeError(
                f"{method.__qualname__} has two @MessageHandler: several messages are named in "
                "one, @MessageHandler(Placed, Cancelled)"
            )
        name = handler.spec.name or own_name
        setattr(method, SPEC, replace(handler.spec, name=name))

    @staticmethod
    def get_message_incoming(method: Callable[..., Any]) -> MessageHandler[Any, Any] | None:
        """The handler that was stored on a method; None if it is not a handler."""
        spec = getattr(method, SPEC, None)
        if not isinstance(spec, HandlerSpec):
            return None
        handler: MessageHandler[Any, Any] = MessageHandler.__new__(MessageHandler)
        handler._spec = spec
        return handler


def stub(method: F) -> F:
    """Marks a handler that nobody has written yet: its messages wait in the queue.

    It stands above `@MessageHandler`; delete it once the method does its work.
    """
    setattr(method, SPEC, replace(spec_of(method), stub=True))
    return method


def spec_of(method: Callable[..., Any]) -> HandlerSpec:
    """The spec that `MessageHandler` stored. Raises TypeError if there is none."""
    spec = getattr(method, SPEC, None)
    if not isinstance(spec, HandlerSpec):
        raise TypeError(f"{method.__qualname__} has no @MessageHandler decorator")
    return spec


def handlers_of(controller: type[Any]) -> Iterator[Callable[..., Any]]:
    """The methods of a class that handle messages, inherited ones too."""
    for _, method in inspect.getmembers_static(controller):
        if isinstance(getattr(method, SPEC, None), HandlerSpec):
            yield method


def _refuse_others(messages: tuple[Any, ...]) -> None:
    """Raises TypeError where something else is given than message classes, each once."""
    if not messages:
        raise TypeError("name the message that the method handles: @MessageHandler(OrderPlaced)")
    for each in messages:
        if not (isinstance(each, type) and issubclass(each, Message)):
            raise TypeError(
                f"{each!r} is no message class. Several messages are named one by one: "
                "@MessageHandler(Placed, Cancelled)"
            )
    if len(set(messages)) < len(messages):
        raise TypeError("@MessageHandler(...) names a message twice")
