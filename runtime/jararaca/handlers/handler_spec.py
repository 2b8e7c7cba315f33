"""The options of a handler as one value: what `@MessageHandler` was given."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, get_args

from jararaca.contract.retry_policy import DEFAULT_RETRY_POLICY, RetryPolicy
from jararaca.handlers.options import ExceptionHandler, ExceptionTypes
from jararaca.handlers.stream_start import From
from jararaca.messages.message import Message, OnInvalid

OrderKey = Callable[[Any], Hashable]

DEFAULT_PAUSE_LIMIT = 900.0
DEFAULT_WITHIN = 0.5
MAX_BATCH = 65_535
"""AMQP's largest prefetch: what is unsettled of a queue at a time."""


@dataclass(frozen=True, slots=True)
class HandlerSpec:
    """How this service treats a message; `MessageHandler` explains the fields."""

    messages: tuple[type[Message], ...]
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
    ordered_by: OrderKey | None = None
    priority: int = 0
    stub: bool = False
    pause_on: tuple[type[Exception], ...] = ()
    pause_limit: float | None = DEFAULT_PAUSE_LIMIT
    on_invalid: OnInvalid | None = None
    batch: int | None = None
    within: float = DEFAULT_WITHIN
    stream: From | None = None
    bootstrap: From | None = None

    @property
    def in_order(self) -> bool:
        """Whether a message may wait for the one before it: for all, or for those of its key."""
        return self.ordered or self.ordered_by is not None


def refuse_impossible(spec: HandlerSpec) -> None:
    """Raises ValueError for options out of their range, and for those that exclude one another."""
    timeout, concurrency = spec.timeout, spec.concurrency
    if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
        raise ValueError(f"timeout must be a number of seconds above 0, got {timeout!r}")
    if concurrency is not None and (concurrency < 1 or spec.ordered):
        raise ValueError("concurrency must be 1 or more, and cannot be combined with ordered=True")
    if spec.on_invalid not in (None, *get_args(OnInvalid)):
        raise ValueError(f'on_invalid is "dead-letter" or "warn", got {spec.on_invalid!r}')
    if spec.ordered and spec.ordered_by is not None:
        raise ValueError(
            "use either ordered=True (all messages) or ordered_by (messages with the same key)"
        )
    _refuse_beside_stream(spec)
    _refuse_beside_bootstrap(spec)
    _refuse_beside_batch(spec)


def _refuse_beside_stream(spec: HandlerSpec) -> None:
    """Raises ValueError for what makes no sense of a stream, which is read in order by one."""
    if spec.stream is None:
        return
    if not isinstance(spec.stream, From):
        raise ValueError(
            f"stream says where to begin: From.first(), From.last(n), From.time(...) or "
            f"From.stored(name), got {spec.stream!r}"
        )
    others = {
        "auto_ack=False": not spec.auto_ack,
        "concurrency": spec.concurrency is not None,
        "ordered": spec.ordered,
        "ordered_by": spec.ordered_by is not None,
        "priority": spec.priority != 0,
    }
    for option in (name for name, is_set in others.items() if is_set):
        raise ValueError(
            f"{option} cannot be combined with stream=: a stream is read in order, one at a time"
        )


def _refuse_beside_bootstrap(spec: HandlerSpec) -> None:
    """Raises ValueError for what history cannot come to, as it comes beside live messages."""
    if spec.bootstrap is None:
        return
    if not isinstance(spec.bootstrap, From) or (
        spec.bootstrap.name is not None or spec.bootstrap.values
    ):
        raise ValueError(
            "bootstrap says where history begins: From.first(), From.last(n) or From.time(...), "
            f"got {spec.bootstrap!r}"
        )
    if spec.stream is not None:
        raise ValueError("bootstrap cannot be combined with stream=, which says where to begin")
    if spec.in_order:
        raise ValueError(
            "bootstrap cannot be combined with ordered or ordered_by: history comes beside live "
            "messages. Use stream=From.first(), which is in order"
        )


def _refuse_beside_batch(spec: HandlerSpec) -> None:
    """Raises ValueError for a batch of an impossible size, and for what is about one message."""
    if spec.batch is None:
        return
    if not 1 <= spec.batch <= MAX_BATCH:
        raise ValueError(f"batch must be 1 to {MAX_BATCH}, got {spec.batch}")
    if not spec.within > 0:
        raise ValueError(f"within must be a number of seconds above 0, got {spec.within!r}")
    single = {
        "auto_ack=False": not spec.auto_ack,
        "idempotent": spec.idempotent,
        "ordered": spec.ordered,
        "ordered_by": spec.ordered_by is not None,
        "exception_handler": spec.exception_handler is not None,
    }
    for option in (name for name, is_set in single.items() if is_set):
        raise ValueError(f"{option} is about one message, and cannot be combined with batch=")
