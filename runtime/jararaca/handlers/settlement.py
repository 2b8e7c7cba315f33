"""How a handler settles its delivery itself: `ack()`, `nack()`, `reject()` and the retries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, cast

from jararaca.errors import AlreadySettledError, NoDeliveryError
from jararaca.handlers.current_work import WorkContext, current_work
from jararaca.messages.received import MessageOf


@dataclass(frozen=True, slots=True)
class Ack:
    """Done."""


@dataclass(frozen=True, slots=True)
class Nack:
    """Not me, not now: try again later, and do not count it."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Never: to the dead letters."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """It failed: follow the handler's policy."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Again after `delay` seconds, whatever the policy says."""

    delay: float


SettlementRequest = Ack | Nack | Reject | Retry | RetryLater


class HandlerStopped(BaseException):
    """Ends a handler that has settled its delivery; `except Exception` does not see it."""


class BatchContext(WorkContext, Protocol):
    """The batch being handled, as far as settling its messages goes."""

    def fail(self, message: MessageOf[Any], error: Exception) -> None:
        """Note that one message has failed. Raises ValueError for one of another batch."""


class DeliveryContext(WorkContext, Protocol):
    """The delivery being handled, as far as settling it goes."""

    def settle_as(self, settlement: SettlementRequest) -> None:
        """Record how the delivery is to be settled. Raises AlreadySettledError."""

    async def acknowledge(self) -> None:
        """Send the staged publications, then the ack."""

    def interrupt(self) -> None:
        """End the handler when another task or thread than its own has settled."""


async def ack() -> None:
    """Settle the delivery as done, after its publications, and go on."""
    context = _delivery("ack()")
    context.settle_as(Ack())
    await context.acknowledge()


def nack() -> NoReturn:
    """Hand the delivery back and stop: it is tried again after the policy's first delay.

    It does not count as a failed attempt.
    """
    _stop("nack()", Nack())


def reject(reason: str = "rejected by the handler") -> NoReturn:
    """Give the message up and stop: it goes to the dead letters with `reason`."""
    _stop("reject()", Reject(reason))


def retry() -> NoReturn:
    """Count a failed attempt and stop: the policy decides when it is tried again, if at all."""
    _stop("retry()", Retry())


def retry_later(delay: float) -> NoReturn:
    """Stop, and try again after `delay` seconds (0.1 or more), whatever the policy says.

    Raises ValueError for a shorter delay.
    """
    if delay < 0.1:
        raise ValueError(f"retry_later() needs 0.1 seconds or more, got {delay}")
    _stop("retry_later()", RetryLater(delay))


def fail(message: MessageOf[Any], error: Exception) -> None:
    """In a batch: this message has failed with `error`; the handler goes on with the others.

    The handler's policy decides about the message as if it had been alone. Where the handler
    raises all the same, the whole batch has failed, and this is forgotten. Raises NoDeliveryError
    outside of a batch, ValueError for a message that is not in it.
    """
    work = current_work.get()
    if work is None or work.kind != "batch":
        raise NoDeliveryError(
            "fail() is for a message of a batch: call it inside a handler with batch=, and raise "
            "the error in any other"
        )
    cast(BatchContext, work).fail(message, error)


def already_settled() -> AlreadySettledError:
    """The error for a second settlement."""
    return AlreadySettledError(
        "this delivery is already settled: call only one of ack(), nack(), reject(), retry() "
        "and retry_later()"
    )


def _stop(name: str, settlement: SettlementRequest) -> NoReturn:
    context = _delivery(name)
    context.settle_as(settlement)
    context.interrupt()
    raise HandlerStopped


def _delivery(name: str) -> DeliveryContext:
    work = current_work.get()
    if work is not None and work.kind == "batch":
        raise NoDeliveryError(
            f"{name} settles one delivery, and this handler takes a batch: call "
            "fail(message, error) for each that failed"
        )
    if work is None or work.kind != "delivery":
        raise NoDeliveryError(f"{name} settles a delivery: call it inside a message handler")
    return cast(DeliveryContext, work)
