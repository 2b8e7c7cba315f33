"""The suite's brokers, and a queue of each test's own on whichever it runs over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from jararaca import Exchange, Queue, QueueBinding, Topology
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import Delivery, Publication, Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.support.brokers import delete_queues
from tests.support.rabbitmqs import BOTH
from tests.support.services import quorum

PATIENCE = 20
"""Seconds until a delivery that should come is given up; no test asserts how long one takes."""


AMQP = [
    pytest.param((broker, transport), id=f"{release} {transport}", marks=pytest.mark.broker)
    for release, broker in zip(("amqp", "newest"), BOTH, strict=True)
    for transport in TRANSPORTS
]

MEMORY = pytest.param(None, id="memory")

ONE_OF_EACH = pytest.mark.parametrize(
    "broker_url", [MEMORY, *AMQP[: len(TRANSPORTS)]], indirect=True
)
"""For what the client alone decides: each transport, over one RabbitMQ."""


@pytest.fixture(params=[MEMORY, *AMQP])
def broker_url(request: pytest.FixtureRequest) -> str:
    """A broker of each kind, the real ones over each transport and in a vhost of the run's own."""
    if request.param is None:
        return f"memory://{uuid4()}"
    broker, transport = request.param
    return with_transport(request.getfixturevalue(broker).url, transport)


@dataclass
class Bench:
    """Connections to one broker, a queue of the test's own, and what was received from it."""

    url: str
    name: str = field(default_factory=lambda: f"conformance-{uuid4().hex[:8]}")
    transports: list[Transport] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The topic that the queue is bound to."""
        return f"{self.name}.made"

    def topology(self, *extra: Queue, **arguments: object) -> Topology:
        """An exchange, the queue bound to it, and its dead letters."""
        queue = quorum(self.name)
        mine = Queue(self.name, arguments={**queue.arguments, **arguments})
        dead = Queue(dead_letter_queue(self.name), arguments={"x-queue-type": "quorum"})
        return Topology(
            (Exchange("jararaca", shared=True),),
            (mine, dead, *extra),
            (QueueBinding("jararaca", self.name, self.key),),
        )

    async def connect(self) -> Transport:
        """Another connection."""
        transport = transport_for(self.url)
        await transport.connect()
        self.transports.append(transport)
        return transport

    async def declared(self, **arguments: object) -> Transport:
        """A connection that has declared the queue."""
        transport = await self.connect()
        await transport.declare(self.topology(**arguments))
        return transport

    async def close(self) -> None:
        """Close what was opened, and delete the queues: RabbitMQ reserves files for each."""
        for transport in self.transports:
            await transport.close()
        if not self.url.startswith("memory:"):
            await delete_queues(self.url, self.name, dead_letter_queue(self.name))


class Inbox:
    """Deliveries as they come, unsettled; or settled at once by `then`."""

    def __init__(self, then: Callable[[Delivery], Awaitable[None]] | None = None) -> None:
        self._then = then
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __call__(self, delivery: Delivery) -> None:
        if self._then is not None:
            await self._then(delivery)
        self._queue.put_nowait(delivery)

    async def next(self) -> Delivery:
        """The next one."""
        return await asyncio.wait_for(self._queue.get(), PATIENCE)

    async def bodies(self, count: int) -> list[bytes]:
        """The bodies of the next ones, in the order of their receipt."""
        return [(await self.next()).body for _ in range(count)]

    @property
    def waiting(self) -> int:
        """How many have come that nobody has asked for."""
        return self._queue.qsize()


@pytest.fixture
async def bench(broker_url: str) -> AsyncIterator[Bench]:
    made = Bench(broker_url)
    yield made
    await made.close()


def message(key: str, body: bytes = b"{}", **more: object) -> Publication:
    """A publication to the service's own exchange."""
    return Publication(key, body, **more)  # type: ignore[arg-type]
