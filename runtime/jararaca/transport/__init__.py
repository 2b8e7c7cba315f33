"""What the runtime asks of a broker: one protocol, two implementations (memory, AMQP)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from jararaca.contract.quick import quick_dataclass
from jararaca.contract.topology import Topology
from jararaca.transport import provenance
from jararaca.transport.home_loop import HomeLoop

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel

DELAY_LEVELS = 28
DELAY_UNIT = 0.1
MAX_DELAY = (2**DELAY_LEVELS - 1) * DELAY_UNIT
"""Seconds, about 310 days: what the levels of the delay chain add up to, in tenths of a second."""


@quick_dataclass(frozen=True, slots=True)
class Properties:
    """The AMQP basic properties that a message carries (AMQP 0-9-1, section 1.8)."""

    message_id: str | None = None
    type: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    timestamp: datetime | None = None
    priority: int | None = None
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the broker is asked to do with one message; what is moved on goes without them.

    `expiration` is in milliseconds: a queue that has kept the message longer dead-letters it.
    `persistent` False lets it go with a restart of the broker. `user_id` is the publisher's own
    account, which RabbitMQ checks.
    """

    expiration: int | None = None
    persistent: bool = True
    user_id: str | None = None


@quick_dataclass(frozen=True, slots=True)
class Publication:
    """One message on its way to the broker.

    `exchange` None is the service's own exchange (named by the broker URL), "" AMQP's default
    exchange, where the routing key is a queue's name. `delay` is in seconds, MAX_DELAY at most:
    the broker keeps the message and routes it afterwards. `signed` sends it under the account's own
    name, which the broker checks: only so are its headers of ours believed (`provenance`).
    `onward` is a second routing key, which a transport gives to what it delays (AMQP's `CC`).
    `told` is called by who hands it to the transport once that is over: with what went wrong, or
    None. A transport leaves it alone.
    """

    routing_key: str
    body: bytes
    exchange: str | None = None
    properties: Properties = Properties()
    headers: Mapping[str, Any] = field(default_factory=dict)
    mandatory: bool = False
    delay: float = 0.0
    terms: Terms | None = None
    signed: bool = False
    onward: str | None = None
    told: Callable[[BaseException | None], None] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(slots=True, eq=False)
class Delivery:
    """One receipt of a message, as the transport hands it over; `token` is the transport's own.

    `headers` is all that came. `ours` and `theirs` are what the rest of the runtime reads: those of
    our headers that are `believed` (see `provenance`), and those that are the publisher's own.

    Nobody changes one. That it is not frozen is for speed: thousands are made in a second, and to
    make a frozen one takes four times as long.
    """

    queue: str
    routing_key: str
    exchange: str
    body: bytes
    properties: Properties
    headers: Mapping[str, Any]
    redelivered: bool
    token: Any
    believed: frozenset[str] = provenance.ANYONES

    @property
    def ours(self) -> Mapping[str, Any]:
        """The headers of ours that are believed."""
        return provenance.ours(self.headers, self.believed)

    @property
    def returned(self) -> int:
        """How often a quorum queue has had it back unsettled; 0 in others, which do not count."""
        count = self.headers.get(provenance.DELIVERY_COUNT) if self.redelivered else None
        return count if type(count) is int and count > 0 else 0

    @property
    def offset(self) -> int | None:
        """Where in its stream it stands; to be asked of what was read from one alone."""
        found = self.headers.get(provenance.STREAM_OFFSET)
        return found if type(found) is int else None

    @property
    def content_encoding(self) -> str | None:
        """The property of that name, which is asked of every delivery, and which few have."""
        return self.properties.content_encoding

    @property
    def unreadable(self) -> str | None:
        """Why its headers cannot be decoded; None where they can be, or there are none."""
        why = self.headers.get(provenance.UNREADABLE)
        return None if why is None else str(why)

    @property
    def theirs(self) -> Mapping[str, Any]:
        """The headers that the publisher wrote, without any of our names."""
        return provenance.theirs(self.headers)


UNCOMPARED = "it is there; this account may not configure, so that its arguments are not compared"
UNSEEN = "this account has no right to it, so that it cannot be seen"
"""What is told of an exchange or a queue that the broker compares or shows to others only."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How an exchange or a queue of the compiled topology stands to what the broker has.

    An "older" queue differs in where its dead letters go, and works all the same. A queue that is
    "left" is no longer compiled, and nothing else needs it once it is empty.
    """

    kind: Literal["exchange", "queue"]
    name: str
    state: Literal["missing", "same", "different", "older", "left", "unknown"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages wait in a queue, and how many consumers it has."""

    messages: int
    consumers: int


OnDelivery = Callable[[Delivery], Awaitable[None]]

StreamStart = int | datetime | Literal["first", "last", "next"]
"""Where reading a stream begins: at an offset, or the first behind it that is still there; at a
time, or somewhat before it; at the first message, with the last messages (one or some), or with
those that are still to come."""


class Consumer(Protocol):
    """A running subscription to one queue."""

    @property
    def queue(self) -> str:
        """The queue that is consumed."""

    @property
    def careful(self) -> bool:
        """Whether it takes one message at a time now, whatever its prefetch."""

    async def be_careful(self, careful: bool) -> None:
        """Take one message at a time from now on, or again as many as its prefetch says.

        What was handed over already stays to be settled. Does nothing while the connection is lost.
        """

    async def cancel(self) -> None:
        """Stop new deliveries; those handed over already stay to be settled."""

    async def leave(self) -> None:
        """Stop new deliveries; what is unsettled goes back, and only then another is served.

        For one that was begun `alone`.
        """


class Transport(Protocol):
    """A broker, as far as the worker and the publisher need one.

    Every method raises errors of `jararaca.errors` only. A transport reconnects on its own, with
    backoff, declares its topology again and resumes its consumers; `publish` waits meanwhile.
    """

    async def connect(self) -> None:
        """Open the connection. Raises BrokerUnreachableError."""

    @property
    def ready(self) -> bool:
        """Whether it is connected and every consumer receives: false while it reconnects."""

    @property
    def sends(self) -> bool:
        """Whether a publication would go out now: false while disconnected or held up."""

    @property
    def home(self) -> HomeLoop:
        """The event loop that it was connected in."""

    @property
    def exchange(self) -> str:
        """The service's own exchange: what None stands for in a publication."""

    async def declare(self, topology: Topology, *, passive: bool = False) -> None:
        """Declare what is missing, now and after each reconnect.

        `passive` is for accounts without the configure permission: nothing is declared, delays
        included; only the name of the service's own exchange is taken.
        Raises TopologyMismatchError, AccessRefusedError.
        """

    async def provision(self, topology: Topology) -> None:
        """Declare all that accounts without the configure permission need: delays included.

        Raises TopologyMismatchError, AccessRefusedError.
        """

    async def publish(self, publication: Publication) -> None:
        """Publish persistently and return once the broker has confirmed.

        Raises UnroutableError (mandatory and no queue, or no such exchange), PublishNackedError,
        PublishTimeoutError, AccessRefusedError.
        """

    async def consume(
        self,
        queue: str,
        prefetch: int,
        on_delivery: OnDelivery,
        *,
        priority: int = 0,
        timeout: float | None = None,
        careful: bool = False,
        alone: bool = False,
    ) -> Consumer:
        """Await `on_delivery` in a task a delivery; `prefetch` bounds what is unsettled.

        A consumer of a higher `priority` is served first, as far as its prefetch goes. `timeout` is
        how many seconds the broker waits for an ack, where it can be told (RabbitMQ 4.3). One that
        is `careful` begins with one message at a time, also after a lost connection, until
        `Consumer.be_careful(False)`. One that is `alone` can `leave`.

        Raises QueueNotFoundError.
        """

    async def read(
        self,
        stream: str,
        prefetch: int,
        on_delivery: OnDelivery,
        start: StreamStart,
        only: Sequence[str] = (),
    ) -> Consumer:
        """Await `on_delivery` in a task a delivery, in order; what is read stays there.

        `prefetch` bounds what is not acked. Nothing that was read can be given back: whoever wants
        it again reads again. After a lost connection, reading goes on behind the last that came.
        With `only`, the broker may leave out messages that have another FILTER_VALUE than these;
        those that have none come, and others may: who asks looks at what comes.

        Raises QueueNotFoundError.
        """

    async def fetch(self, queue: str) -> Delivery | None:
        """One message, to be settled like any delivery; None where none waits (for tools).

        Raises QueueNotFoundError.
        """

    async def count(self, queue: str) -> int:
        """How many messages wait in a queue. Raises QueueNotFoundError."""

    async def depth(self, queue: str) -> QueueDepth:
        """How many messages wait in a queue, and who consumes it. Raises QueueNotFoundError."""

    async def inspect(
        self, topology: Topology, *, provisioned: bool = False
    ) -> tuple[Finding, ...]:
        """How each exchange and queue of a topology stands to the broker; nothing is changed.

        `provisioned` looks at all that `provision` declares: delays included.
        """

    async def remove(self, queues: Sequence[str], exchanges: Sequence[str]) -> None:
        """Delete queues, with their messages and bindings, and exchanges; none need be there.

        Raises AccessRefusedError.
        """

    async def ack(self, delivery: Delivery) -> None:
        """Settle for good. On a connection that is gone it does nothing: the broker redelivers."""

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        """Give a delivery back to its queue.

        `failed` counts it towards the queue's delivery limit (basic.reject); without, RabbitMQ
        counts it up to 4.2, and from 4.3 on it does not (basic.nack).
        """

    def holds(self, delivery: Delivery) -> bool:
        """Whether it is still ours to settle; if not, it comes again, perhaps to another."""

    async def amqp(self) -> AbstractChannel:
        """aio-pika's channel on this connection: for the application's own use, and no other.

        Raises NoAmqpError where no AMQP is spoken, and BrokerUnreachableError.
        """

    async def close(self) -> None:
        """Close the connection; unsettled deliveries go back to their queues."""
