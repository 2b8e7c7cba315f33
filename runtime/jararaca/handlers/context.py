"""What is current: the publisher, the delivery being handled, and how a handler settles it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, cast

from jararaca.errors import AlreadySettledError, NoDeliveryError, NoPublisherError

if TYPE_CHECKING:
    from jararaca.messages.message import Message
    from jararaca.transport import Delivery


class MessagePublisher(Protocol):
    """What publishes messages: directly, or as part of a handler's unit of work."""

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Publish one message, after `delay` seconds; `parameters` are the topic's."""

    async def request(
        self,
        message: Message,
        *,
        timeout: float,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Publish one message at once, and wait for its answer, `timeout` seconds at most."""


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


Asked = Ack | Nack | Reject | Retry | RetryLater


class HandlerStopped(BaseException):
    """Ends a handler that has settled its delivery; `except Exception` does not see it."""


WorkKind = Literal["delivery", "request", "scheduled", "call"]


class WorkContext(Protocol):
    """The unit of work that runs: a delivery, a request, a scheduled run, or a call of yours."""

    @property
    def kind(self) -> WorkKind:
        """What it is."""


class DeliveryContext(WorkContext, Protocol):
    """The delivery being handled, as far as settling it goes."""

    def ask(self, settlement: Asked) -> None:
        """Record how the delivery is to be settled. Raises AlreadySettledError."""

    async def acknowledge(self) -> None:
        """Send the staged publications, then the ack."""

    def interrupt(self) -> None:
        """End the handler when another task or thread than its own has settled."""


current_publisher: ContextVar[MessagePublisher | None] = ContextVar(
    "jararaca_publisher", default=None
)
current_work: ContextVar[WorkContext | None] = ContextVar("jararaca_work", default=None)


def use_publisher() -> MessagePublisher:
    """The publisher of this context: a handler's unit of work, or the connected one.

    Raises NoPublisherError outside of both.
    """
    publisher = current_publisher.get()
    if publisher is None:
        raise NoPublisherError(
            "no publisher is active here: publish from a handler, or inside "
            "`async with Publisher.connect(broker_url):`"
        )
    return publisher


async def ack() -> None:
    """Settle the delivery as done, after its publications, and go on."""
    context = _delivery("ack()")
    context.ask(Ack())
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
        raise ValueError(f"retry_later() takes 0.1 seconds or more, got {delay}")
    _stop("retry_later()", RetryLater(delay))


def already_settled() -> AlreadySettledError:
    """The error for a second settlement."""
    return AlreadySettledError(
        "this delivery is settled already: ack(), nack(), reject(), retry() and retry_later() "
        "exclude each other"
    )


def _stop(name: str, settlement: Asked) -> NoReturn:
    context = _delivery(name)
    context.ask(settlement)
    context.interrupt()
    raise HandlerStopped


def _delivery(name: str) -> DeliveryContext:
    work = current_work.get()
    if work is None or work.kind != "delivery":
        raise NoDeliveryError(f"{name} settles a delivery: call it inside a message handler")
    return cast(DeliveryContext, work)
