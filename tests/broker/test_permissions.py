"""`jararaca topology permissions` names the rights that suffice, and none can be left out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from jararaca import (
    AccessRefusedError,
    Exchange,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    Queue,
    QueueBinding,
    RetryPolicy,
    Topology,
    TopologyMismatchError,
    Worker,
    route,
)
from jararaca.operations import doctor
from jararaca.operations.permissions import Permissions, deploying, running
from jararaca.routing.declarations import topology_of
from jararaca.transport import UNCOMPARED, UNSEEN, Delivery, Publication
from jararaca.transport.connect import transport_for

from tests.broker.test_no_declare import QUEUE, SERVICE, Errand, seen
from tests.support.brokers import Broker, missing
from tests.support.partitions import Move, partitioned
from tests.support.services import service_of

pytestmark = pytest.mark.broker
Grant = Callable[[Permissions], str]


@pytest.fixture
def grant(each_broker: Broker) -> Iterator[Grant]:
    """Makes an account with just these permissions in the virtual host; its URL."""
    parts = urlsplit(each_broker.url)
    vhost, names = unquote(parts.path[1:]) or "/", list[str]()

    def granted(rights: Permissions) -> str:
        name = f"{rights.purpose}-{uuid4().hex[:8]}"
        if not each_broker.administer("add_user", name, "secret"):
            missing("nobody may add an account here")
        names.append(name)
        given = (rights.configure, rights.write, rights.read)
        assert each_broker.administer("set_permissions", "-p", vhost, name, *given)
        for topics in rights.topics:
            assert each_broker.administer("set_topic_permissions", "-p", vhost, name, *topics)
        return f"amqp://{name}:secret@{parts.hostname}:{parts.port or 5672}{parts.path}"

    yield granted
    for name in names:
        each_broker.administer("delete_user", name)


async def test_a_service_is_deployed_and_run_under_just_what_is_printed(
    each_broker: Broker, grant: Grant
) -> None:
    topology = topology_of(SERVICE)
    owner = transport_for(grant(deploying([topology])))
    await owner.connect()
    await owner.provision(topology)
    await owner.close()
    url = grant(running([SERVICE], [topology]))
    seen.clear()
    worker = Worker(Microservice(SERVICE), transport_for(url), declare=False)
    await worker.start()
    async with Publisher.connect(url) as publisher:
        await Errand(number=1).publish()
        await Errand(number=2).delay(0.2)
        async with asyncio.timeout(20):
            while len(seen) < 4:
                await asyncio.sleep(0.05)
        other = type("Other", (Errand,), {"MESSAGE_TOPIC": "of.others"})
        with pytest.raises(AccessRefusedError):
            await publisher.publish(other(number=3))
    await worker.stop()
    assert sorted(seen) == [(1, 1), (1, 2), (2, 1), (2, 2)]


async def test_partitions_are_shared_and_published_to_under_just_what_is_printed(
    each_broker: Broker, grant: Grant
) -> None:
    queue = f"moves-{uuid4().hex[:8]}"
    made: list[tuple[str, int, int]] = []

    @MessageBusController()
    class Moves:
        @MessageHandler(Move, retry=RetryPolicy(initial_delay=0.1))
        async def move(self, message: MessageOf[Move]) -> None:
            move = message.payload()
            made.append((move.piece, move.number, message.attempt))
            if move.number == 1 and message.attempt == 1:
                raise ValueError("once more")

    moves = route(
        operation="move",
        queue=queue,
        binding_keys=(Move.MESSAGE_TOPIC,),
        message=Move,
        controller=Moves,
        handler=Moves.move,
    )
    service = partitioned(service_of(moves, name=queue, exchange=queue))
    topology = topology_of(service)
    owner = transport_for(grant(deploying([topology])))
    await owner.connect()
    await owner.provision(topology)
    await owner.close()
    rights = running([service], [topology])
    for name in (*topology.partitioned[0].names, *topology.dead_letters_of(queue).split()):
        assert not re.search(rights.write, name), "the default exchange leads there"
    assert not re.search(rights.write, topology.partitioned[0].exchange), "the broker's own way"
    url = grant(rights)
    workers = [Worker(Microservice(service), transport_for(url), declare=False) for _ in range(2)]
    for worker in workers:
        await worker.start()
    async with Publisher.connect(f"{url}?exchange={queue}") as publisher:
        for number in range(3):
            for piece in ("rook", "queen", "pawn"):
                await publisher.publish(Move(piece=piece, number=number))
    stranger = transport_for(url)
    await stranger.connect()
    body = b'{"piece": "king", "number": 0}'
    await stranger.publish(Publication(Move.MESSAGE_TOPIC, body, queue))
    await stranger.close()
    async with asyncio.timeout(40):
        while len(made) < 13:
            await asyncio.sleep(0.05)
    for worker in workers:
        await worker.stop()
    for piece in ("rook", "queen", "pawn"):
        found = [each[1:] for each in made if each[0] == piece]
        assert found == [(0, 1), (1, 1), (1, 2), (2, 1)]
    assert ("king", 0, 1) in made


async def test_another_count_than_the_brokers_is_refused_under_just_what_is_printed(
    each_broker: Broker, grant: Grant
) -> None:
    queue = f"moves-{uuid4().hex[:8]}"

    @MessageBusController()
    class Moves:
        @MessageHandler(Move)
        async def move(self, message: MessageOf[Move]) -> None: ...

    moves = route(
        operation="move",
        queue=queue,
        binding_keys=(Move.MESSAGE_TOPIC,),
        message=Move,
        controller=Moves,
        handler=Moves.move,
    )
    whole = service_of(moves, name=queue, exchange=queue)
    topology = topology_of(partitioned(whole, 3))
    owner = transport_for(grant(deploying([topology])))
    await owner.connect()
    await owner.provision(topology)
    for count in (2, 4):
        other = partitioned(whole, count)
        url = grant(running([other], [topology_of(other)]))
        worker = Worker(Microservice(other), transport_for(url), declare=False)
        with pytest.raises(TopologyMismatchError, match="topology plan"):
            await worker.start()
    await owner.close()


def test_names_are_taken_as_they_are_and_parameters_are_words() -> None:
    rights = running([SERVICE], [topology_of(SERVICE)])
    assert rights.configure == "^$"
    [(exchange, write, read)] = rights.topics
    assert (exchange, read) == ("jararaca", "^$")
    assert Errand.MESSAGE_TOPIC.replace(".", r"\.").replace("-", r"\-") in write
    assert rights.commands("it's", "/")[0].startswith("rabbitmqctl set_permissions -p / 'it'")


class Lamp(Message):
    MESSAGE_TOPIC = "lights.{street}.on"


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [
        ("lights.main.on", True),
        ("lights.main-1.on", True),
        ("lights.main.north.on", False),
        ("lights..on", False),
        ("lights.main.off", False),
        ("lights.main.on.x", False),
        ("x.lights.main.on", False),
        ("lights_main_on", False),
    ],
)
def test_a_parameter_of_a_topic_is_one_word_in_its_right(topic: str, allowed: bool) -> None:
    service = replace(SERVICE, messages=(*SERVICE.messages, Lamp))
    [(_, write, _)] = running([service], [topology_of(service)]).topics
    assert (re.search(write, topic) is not None) is allowed


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_an_account_that_may_not_write_to_the_default_exchange_is_told_so_at_once(
    grant: Grant, transport: str
) -> None:
    url = grant(Permissions("running", "^$", "^jararaca$", "^$"))
    publisher = transport_for(f"{url}?transport={transport}")
    await publisher.connect()
    with pytest.raises(AccessRefusedError, match="may not publish"):
        await publisher.publish(Publication("any", b"{}", ""))
    await publisher.close()


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_a_refused_topic_is_told_at_once_and_its_neighbours_are_sent(
    each_broker: Broker, grant: Grant, transport: str
) -> None:
    owner = transport_for(each_broker.url)
    await owner.connect()
    queue = f"allowed-{uuid4().hex[:8]}"
    exchange, found = Exchange("jararaca", shared=True), Queue(queue)
    await owner.declare(Topology((exchange,), (found,), (QueueBinding("jararaca", queue, "may"),)))
    rights = Permissions("running", "^$", "^jararaca$", "^$", (("jararaca", "^may$", "^$"),))
    publisher = transport_for(f"{grant(rights)}?transport={transport}")
    await publisher.connect()
    topics = ["may", "may.not", "may", "not", "may"]
    outcomes = await asyncio.gather(
        *(publisher.publish(Publication(each, b"%d" % n)) for n, each in enumerate(topics)),
        return_exceptions=True,
    )
    for topic, outcome in zip(topics, outcomes, strict=True):
        if topic == "may":
            assert outcome is None
        else:
            assert isinstance(outcome, AccessRefusedError), outcome
            assert f"may not publish the topic {topic!r}" in str(outcome)
    await publisher.publish(Publication("may", b"5"))
    bodies = set()
    while delivery := await owner.fetch(queue):
        bodies.add(delivery.body)
        await owner.ack(delivery)
    assert bodies == {b"0", b"2", b"4", b"5"}, "what is not confirmed yet is sent once more"
    await publisher.close()
    await owner.close()


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_a_queue_that_may_not_be_read_or_made_is_told_at_once(
    each_broker: Broker, grant: Grant, transport: str
) -> None:
    queue = f"theirs-{uuid4().hex[:8]}"
    owner = transport_for(each_broker.url)
    await owner.connect()
    await owner.declare(Topology((), (Queue(queue),), ()))
    limited = transport_for(
        f"{grant(Permissions('running', '^$', '.*', '^$'))}?transport={transport}"
    )
    await limited.connect()

    async def receive(delivery: Delivery) -> None: ...

    with pytest.raises(AccessRefusedError, match=queue):
        await limited.consume(queue, 1, receive)
    made = f"made-{uuid4().hex[:8]}"
    with pytest.raises(AccessRefusedError, match=made):
        await limited.declare(Topology((), (Queue(made),), ()))
    await limited.publish(Publication(queue, b"{}", ""))
    assert await owner.count(queue) == 1
    await limited.close()
    await owner.close()


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_a_worker_that_could_move_nothing_on_says_so_at_its_start(
    each_broker: Broker, grant: Grant, transport: str
) -> None:
    topology = topology_of(SERVICE)
    owner = transport_for(each_broker.url)
    await owner.connect()
    await owner.provision(topology)
    await owner.close()
    url = grant(Permissions("running", "^$", "^jararaca", ".*"))
    connection = transport_for(f"{url}?transport={transport}")
    worker = Worker(Microservice(SERVICE), connection, declare=False)
    with pytest.raises(AccessRefusedError, match="topology permissions USER"):
        await worker.start()


async def test_a_topology_is_compared_without_the_right_to_configure(
    each_broker: Broker, grant: Grant
) -> None:
    topology = topology_of(SERVICE)
    owner = transport_for(each_broker.url)
    await owner.connect()
    await owner.declare(topology)
    looking = transport_for(grant(running([SERVICE], [topology])))
    await looking.connect()
    there = await looking.inspect(topology)
    assert {(each.state, each.detail) for each in there} <= {
        ("same", UNCOMPARED),
        ("unknown", UNSEEN),
    }
    assert [each.state for each in there if each.name in ("jararaca", QUEUE)] == ["same"] * 2
    finding = await doctor.topology(looking, Microservice(SERVICE))
    assert finding.state == "good" and "not compared" in finding.found
    assert (await doctor.rights(looking)).state == "warn"
    other = replace(topology, queues=(*topology.queues, Queue(f"gone-{uuid4().hex[:8]}")))
    assert (await looking.inspect(other))[-1].state in ("missing", "unknown")
    assert {each.detail for each in await owner.inspect(topology)} == {""}
    await looking.close()
    await owner.close()
