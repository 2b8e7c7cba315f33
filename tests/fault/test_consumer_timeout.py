"""Handlers that outlast the broker's consumer timeout: none wedges, none runs beside itself.

Nothing here counts seconds: handlers and pauses end once RabbitMQ has taken their message back, or
has delivered it again, so that a busy machine changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handling.middlewares.ordering import Pause, pause_for
from jararaca.messages.message import current_publisher
from jararaca.transport import Delivery, Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.support.installations import Installation
from tests.support.nodes import Node
from tests.support.services import service_of

pytestmark = pytest.mark.broker
SECONDS = 2
SETTINGS = f"consumer_timeout = {SECONDS * 1_000}\n"
TICK = "application:set_env(rabbit, channel_tick_interval, 100)."
"""How often RabbitMQ looks, up to 4.2; from 4.3 on each queue has a timer."""

SETTLED = 0.3
"""Seconds that a handler goes on once its message is there again: until its neighbours are too."""

QUEUE = "slow"


class Slow(Message):
    """Its handler goes on until RabbitMQ has lost its patience so often, and for so long then."""

    MESSAGE_TOPIC = QUEUE
    MESSAGE_TYPE = "task"
    number: int
    outlasts: int = 0
    seconds: float = 0.0


async def delivered_again(delivery: Delivery) -> None:
    """Wait until a newer delivery of the message is settled in the place of this one."""
    token = delivery.token
    while delivery.token is token:
        await asyncio.sleep(0.02)


@dataclass
class Seen:
    """What the handler was given, how often each number ran, and how many of it at a time."""

    tries: list[tuple[int, int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    running: set[int] = field(default_factory=set)

    async def work(self, message: MessageOf[Slow]) -> None:
        slow = message.payload()
        assert slow.number not in self.running, "beside itself"
        self.running.add(slow.number)
        self.tries.append((slow.number, message.attempt))
        for _ in range(slow.outlasts):
            await delivered_again(message.delivery)
        await asyncio.sleep(slow.seconds)
        self.running.discard(slow.number)
        self.done.append(slow.number)


@pytest.fixture(scope="module")
def impatient(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    """A node that waits two seconds for an ack."""
    made = Node(tmp_path_factory.mktemp("impatient"), installation, settings=SETTINGS)
    made.start()
    made.control("eval", TICK)
    yield made
    made.kill()


@pytest.fixture(params=TRANSPORTS)
def url(request: pytest.FixtureRequest, impatient: Node) -> str:
    """Its URL over each transport, with its queues gone."""
    for vhost in ("delete_vhost", "add_vhost"):
        impatient.control(vhost, "/")
    impatient.control("set_permissions", "guest", ".*", ".*", ".*")
    return with_transport(impatient.url, request.param)


async def worked(
    url: str,
    messages: list[Slow],
    handle: Callable[[MessageOf[Slow]], Awaitable[None]],
    until: Callable[[], bool],
    pause: Callable[[Transport], Pause] = lambda _: pause_for,
    **options: Any,
) -> int:
    """Handle these until it is so; how many dead letters there are then."""

    @MessageBusController()
    class Handlers:
        @MessageHandler(Slow, **options)
        async def slow(self, message: MessageOf[Slow]) -> None:
            await handle(message)

    service = service_of(
        route(
            operation="slow",
            queue=QUEUE,
            binding_keys=(QUEUE,),
            message=Slow,
            controller=Handlers,
            handler=Handlers.slow,
        )
    )
    transport = transport_for(url)
    worker = Worker(Microservice(service), transport, prefetch=10, pause=pause(transport))
    await worker.start()
    current_publisher.set(Publisher(transport))
    for message in messages:
        await message.publish()
    async with asyncio.timeout(40):
        while not until():
            await asyncio.sleep(0.05)
    # What is still unsettled would come again now.
    await asyncio.sleep(SECONDS + 1)
    dead = await transport.count(dead_letter_queue(QUEUE))
    assert await transport.count(QUEUE) == 0
    assert await worker.stop()
    return dead


async def test_an_ordered_handler_that_is_too_slow_goes_on_and_lets_the_next_ones_through(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()
    slow = [Slow(number=0, outlasts=2, seconds=SETTLED), Slow(number=1), Slow(number=2)]
    await worked(url, slow, seen.work, lambda: len(seen.done) >= 3, ordered=True)
    assert seen.tries == [(0, 1), (1, 1), (2, 1)]
    told = [each for each in caplog.messages if "delivered again while it is handled" in each]
    assert len(told) == 2, "once each time that the broker lost its patience"
    assert all("Handlers.slow" in each and "timeout=" in each for each in told)


@pytest.mark.parametrize("options", [{}, {"ordered_by": lambda slow: slow.number % 2}])
async def test_messages_that_are_too_slow_are_handled_once_and_never_beside_themselves(
    url: str, options: dict[str, Any]
) -> None:
    """They end while RabbitMQ waits again: what it has taken back at the end comes twice."""
    seen = Seen()
    slow = [Slow(number=n, outlasts=int(n < 3), seconds=SETTLED * (n < 3)) for n in range(6)]
    await worked(url, slow, seen.work, lambda: len(seen.done) >= 6, **options)
    assert sorted(seen.tries) == [(number, 1) for number in range(6)]


@pytest.mark.parametrize("until", ["it is taken back", "it is delivered again"])
async def test_an_ordered_message_keeps_its_count_while_it_waits_until(
    url: str, until: str
) -> None:
    tries: list[int] = []
    given: list[Delivery] = []

    async def fail(message: MessageOf[Slow]) -> None:
        tries.append(message.attempt)
        given.append(message.delivery)
        raise ValueError("always")

    def pause(transport: Transport) -> Pause:
        async def outlast(seconds: float, stopping: asyncio.Event) -> None:
            delivery, token = given[-1], given[-1].token
            while delivery.token is token:
                if until == "it is taken back" and not transport.holds(delivery):
                    return
                await asyncio.sleep(0.02)

        return outlast

    policy = RetryPolicy(max_retries=2, initial_delay=0.1)
    over = lambda: len(tries) >= 3  # noqa: E731
    slow = [Slow(number=0)]
    dead = await worked(url, slow, fail, over, pause=pause, ordered=True, retry=policy)
    assert (tries, dead) == ([1, 2, 3], 1)


async def test_the_broker_is_told_how_long_a_handler_may_take(
    url: str, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """RabbitMQ obeys from 4.3 on; an older one ignores it, and says nothing."""
    caplog.set_level(logging.WARNING)
    seen = Seen()
    obeys = installation.version() >= "4.3"
    slow = Slow(number=0, seconds=2 * SECONDS) if obeys else Slow(number=0, outlasts=1)
    await worked(url, [slow], seen.work, lambda: len(seen.done) >= 1, timeout=30)
    assert seen.tries == [(0, 1)]
    assert ("again" in caplog.text) is not obeys
