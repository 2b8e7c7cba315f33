"""What delays leave behind: letters for queues that are gone, and nothing in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import aiormq
import pytest
from jararaca import Exchange, Queue, QueueBinding, Topology
from jararaca.operations import dead_letters
from jararaca.transport import Publication, Transport
from jararaca.transport.connect import transport_for

from tests.support.brokers import Broker, delete_queues, missing, scratch

pytestmark = pytest.mark.broker
DELAYS = "jararaca.delay"


@pytest.fixture(scope="module")
def apart(each_broker: Broker) -> Iterator[Broker]:
    """A virtual host whose delays are this file's own; each test leaves nothing parked behind."""
    yield from _apart(each_broker)


@pytest.fixture
def alone(each_broker: Broker) -> Iterator[Broker]:
    """A virtual host of the test's own."""
    yield from _apart(each_broker)


def _apart(each_broker: Broker) -> Iterator[Broker]:
    with scratch(each_broker) as made:
        if "exchange=" in made.url:
            missing("nobody may make a virtual host here")
        yield made


@pytest.fixture
async def transport(apart: Broker) -> AsyncIterator[Transport]:
    made = transport_for(apart.url)
    await made.connect()
    yield made
    await made.close()


async def test_a_delayed_message_for_a_queue_that_is_gone_is_kept_told_and_replayed(
    apart: Broker, transport: Transport
) -> None:
    name = f"gone-{uuid4().hex[:8]}"
    queue = Topology(queues=(Queue(name, arguments={"x-queue-type": "quorum"}),))
    await transport.declare(queue)
    assert DELAYS not in await dead_letters.counts(transport, [])
    await transport.publish(Publication(name, b"late", "", mandatory=True, delay=0.5))
    await delete_queues(apart.url, name)
    async with asyncio.timeout(20):
        while DELAYS not in await dead_letters.counts(transport, []):
            await asyncio.sleep(0.1)
    assert await dead_letters.parked(transport) == {DELAYS: 1}
    for _ in range(25):
        (letter,) = await dead_letters.list_dead_letters(transport, DELAYS)
        # Given back, it is there again a moment later.
        while not await transport.count(f"{DELAYS}.dead-letters"):
            await asyncio.sleep(0.02)
    assert letter.queue == name
    assert letter.reason == f"its delay was over, and the queue {name} was gone"
    await transport.declare(queue)
    assert await dead_letters.replay(transport, DELAYS) == 1
    found = await transport.fetch(name)
    assert found is not None and found.body == b"late"
    await transport.ack(found)


EXCHANGE = "jobs"
MANY = 40
"""More than the 32 that RabbitMQ hands over at least once at a time."""


def job_queue(name: str) -> Topology:
    """A queue of tasks, bound by its name."""
    return Topology(
        exchanges=(Exchange(EXCHANGE, shared=True),),
        queues=(Queue(name, arguments={"x-queue-type": "quorum"}),),
        bindings=(QueueBinding(EXCHANGE, name, name),),
        tasks=frozenset({name}),
    )


def task(topic: str, body: bytes = b"{}", delay: float = 0.5) -> Publication:
    """A delayed task that goes on by its topic."""
    return Publication(topic, body, EXCHANGE, mandatory=True, delay=delay)


async def fetched(transport: Transport, queue: str) -> bytes:
    """The next message of a queue, once there is one."""
    async with asyncio.timeout(30):
        while (found := await transport.fetch(queue)) is None:
            await asyncio.sleep(0.05)
    await transport.ack(found)
    return found.body


@pytest.mark.parametrize("kind", ["fast", "plain"])
async def test_tasks_for_a_queue_that_is_gone_are_parked_and_nobody_waits_behind_them(
    apart: Broker, transport: Transport, kind: str
) -> None:
    gone, alive = (f"{each}-{uuid4().hex[:8]}" for each in ("gone", "alive"))
    for name in (gone, alive):
        await transport.provision(job_queue(name))
    publisher = transport_for(f"{apart.url}?transport={kind}")
    await publisher.connect()
    await delete_queues(apart.url, gone)
    numbered = (task(gone, str(number).encode(), 0.2) for number in range(MANY))
    await asyncio.gather(*(publisher.publish(each) for each in numbered))
    async with asyncio.timeout(60):
        while (await dead_letters.parked(transport)).get(DELAYS) != MANY:
            await asyncio.sleep(0.1)
    await publisher.publish(task(alive, b"next", 0.2))
    assert await fetched(transport, alive) == b"next"
    letters = await dead_letters.list_dead_letters(transport, DELAYS)
    assert {(each.topic, each.exchange) for each in letters} == {(gone, EXCHANGE)}
    assert letters[0].reason == (
        f"its delay was over, and no queue took {gone} from the exchange {EXCHANGE}"
    )
    await transport.provision(job_queue(gone))
    while await transport.count(f"{DELAYS}.dead-letters") < MANY:
        await asyncio.sleep(0.02)
    assert await dead_letters.replay(transport, DELAYS) == MANY
    bodies = {await fetched(transport, gone) for _ in range(MANY)}
    assert bodies == {str(number).encode() for number in range(MANY)}
    assert await transport.count(alive) == 0, "each came to its own queue alone"
    await publisher.close()


async def test_a_queue_that_another_bound_gets_the_delayed_tasks_too_and_nothing_is_parked(
    apart: Broker, transport: Transport
) -> None:
    """A queue that watches all topics, and one of a worker that knows of no such ways."""
    ours, strange, watching = "ours", "strange", "watching"
    await transport.provision(job_queue(ours))
    await transport.declare(replace(job_queue(strange), tasks=frozenset()))
    watch = job_queue(watching)
    all_topics = QueueBinding(EXCHANGE, watching, "#")
    await transport.declare(replace(watch, bindings=(all_topics,), tasks=frozenset()))
    for topic in (ours, strange):
        await transport.publish(task(topic, topic.encode()))
    assert await fetched(transport, ours) == b"ours"
    assert await fetched(transport, strange) == b"strange"
    assert {await fetched(transport, watching) for _ in range(2)} == {b"ours", b"strange"}
    assert await transport.count(ours) == 0, "both ways lead to it, and it comes once"
    assert await dead_letters.parked(transport) == {}


@pytest.mark.parametrize("kind", ["fast", "plain"])
async def test_a_task_whose_topic_has_parameters_goes_on_and_is_parked_as_any_other(
    apart: Broker, kind: str
) -> None:
    name = f"pattern-{uuid4().hex[:8]}"
    topology = job_queue(name)
    binding = QueueBinding(EXCHANGE, name, f"{name}.*.#")
    worker = transport_for(f"{apart.url}?transport={kind}")
    await worker.connect()
    await worker.provision(replace(topology, bindings=(binding,)))
    await worker.publish(task(f"{name}.any", b"arrives"))
    assert await fetched(worker, name) == b"arrives"
    await delete_queues(apart.url, name)
    await worker.publish(task(f"{name}.any", b"is parked"))
    async with asyncio.timeout(30):
        while not await dead_letters.parked(worker):
            await asyncio.sleep(0.1)
    assert await dead_letters.purge(worker, DELAYS) == 1
    await worker.close()


@pytest.mark.parametrize("before", [None, "classic", "quorum"])
async def test_a_virtual_host_whose_queues_are_quorum_queues_stops_no_second_start(
    alone: Broker, before: str | None
) -> None:
    """What an older version has left there, of whichever type, is in nobody's way."""
    vhost = alone.url.rpartition("/")[2]
    if before is not None:
        connection = await aiormq.connect(alone.url)
        channel = await connection.channel()
        await channel.queue_declare(
            f"{DELAYS}.events",
            durable=True,
            arguments={"x-message-ttl": 0, "x-queue-type": before},
        )
        await connection.close()
    if not alone.administer("update_vhost_metadata", vhost, "--default-queue-type", "quorum"):
        user = "guest"
        alone.administer("delete_vhost", vhost)
        assert alone.administer("add_vhost", vhost, "--default-queue-type", "quorum")
        alone.administer("set_permissions", "-p", vhost, user, ".*", ".*", ".*")
    for _ in range(2):
        transport = transport_for(alone.url)
        await transport.connect()
        await transport.provision(Topology())
        await transport.close()
