"""What is decided about a delivery: how it is settled, and all that is reported about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from jararaca.handling.bound_handler import BoundHandler
from jararaca.messages.message import Message
from jararaca.transport import Delivery


@dataclass(frozen=True, slots=True)
class Done:
    """Ack: it was handled, and what the handler published is confirmed."""


DONE = Done()
"""How nearly every delivery ends: decided first, and made once."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It was handled before: ack."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is left to do: the handler has acked."""


@dataclass(frozen=True, slots=True)
class Redeliver:
    """Back into the queue after `delay` seconds as try number `attempt`."""

    delay: float
    attempt: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """Behind its queue after `delay` seconds as it was: nothing is counted, and others have a turn.

    It carries along how often it came back unsettled, its `strikes`; `why` is for the log.
    """

    delay: float
    strikes: int
    why: str


@dataclass(frozen=True, slots=True)
class Move:
    """Into the queue of its own partition: it came by another."""

    queue: str


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
    """Ack: the binding `key` also matches the message's topic, which is another service's.

    Or it is the event `message` of the channel, which no operation of the queue receives. It was
    never meant for the queue, so nothing of ours is lost; it is counted and reported.
    """

    key: str
    message: str | None = None

    @property
    def why(self) -> str:
        """What the log says the first time."""
        if self.message is not None:
            return (
                f"{self.message} comes through the binding {self.key}, and no operation receives it"
            )
        return (
            f"the binding {self.key} also receives other topics (parameters that are whole words "
            "avoid this)"
        )


@dataclass(frozen=True, slots=True)
class Requeue:
    """Into its queue as it was, at its old place, for another worker: nothing is counted."""


Settlement = (
    Done
    | Duplicate
    | Settled
    | Redeliver
    | SetAside
    | Move
    | DeadLetter
    | Discard
    | Foreign
    | Requeue
)


@final
@dataclass(slots=True)
class Decision:
    """How a delivery is settled, and all that is reported about it; not frozen, for speed.

    `acknowledged`: the handler has acked the delivery itself. `attempt`: which try of it this was,
    where it came as far as a try. `violations` are what of the message is not as its schema says.
    """

    delivery: Delivery
    settlement: Settlement
    handler: BoundHandler | None = None
    payload: Message | None = None
    error: Exception | None = None
    acknowledged: bool = False
    attempt: int | None = None
    violations: tuple[tuple[str, str, str], ...] = ()

    @property
    def handler_name(self) -> str | None:
        """The handler's name, where one was found."""
        return self.handler.name if self.handler else None
