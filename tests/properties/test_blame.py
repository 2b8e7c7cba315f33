"""Blame, over a broker and processes that are simulated: the worker's own code, in virtual time.

A killer ends its process, or its connection, with all that the process has in hand. Whatever the
killers, their neighbours, the queues and the number of processes: killers are dead-lettered, and
nobody else.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jararaca import Message, MessageHandler, MessageOf, Microservice, Topology, Worker, route
from jararaca.contract.topology import dead_letter_queue
from jararaca.handling.redelivery import strikes_of
from jararaca.messagebus import in_hand
from jararaca.messagebus.blame import quarantine, verdict
from jararaca.routing.declarations import topology_of
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.queue import MemoryQueue
from jararaca.transport.memory.transport import MemoryConsumer, MemoryTransport

from tests.support.services import service_of
from tests.support.virtual_time import run

QUEUES = ("first", "second", "third")
RESTART_SECONDS = 0.5
RECONNECT_SECONDS = 0.1
PATIENCE = 1_000.0
"""Virtual seconds until a run that does not end is given up."""


class Job(Message):
    """A task; a killer ends its process, or its connection, after `seconds`."""

    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    number: int
    seconds: float = 0.0
    kills: bool = False


class Jobs:
    """The handlers of a process, which they end where a message says so."""

    def __init__(self, world: World, process: int) -> None:
        self._world = world
        self._process = process

    @MessageHandler(Job)
    async def first(self, message: MessageOf[Job]) -> None:
        await self._world.work(self._process, message)

    @MessageHandler(Job)
    async def second(self, message: MessageOf[Job]) -> None:
        await self._world.work(self._process, message)

    @MessageHandler(Job)
    async def third(self, message: MessageOf[Job]) -> None:
        await self._world.work(self._process, message)

    @MessageHandler(Job, ordered_by=lambda job: job.number % 2)
    async def by_key(self, message: MessageOf[Job]) -> None:
        await self._world.work(self._process, message)


def _route(name: str) -> Any:
    return route(
        operation=name,
        queue=name,
        binding_keys=(name,),
        message=Job,
        controller=Jobs,
        handler=getattr(Jobs, name),
    )


SERVICE = service_of(*(_route(name) for name in (*QUEUES, "by_key")))


class Line(MemoryTransport):
    """A connection that can be lost, and is soon there again."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self._consumers: list[MemoryConsumer] = []
        self.doomed: set[Delivery] = set()

    async def consume(self, *arguments: Any, **options: Any) -> MemoryConsumer:
        consumer = await super().consume(*arguments, **options)
        self._consumers.append(consumer)
        return consumer

    async def ack(self, delivery: Delivery) -> None:
        if delivery in self.doomed:
            self.lose()
        else:
            await super().ack(delivery)

    def lose(self) -> None:
        """All that is unsettled goes back."""
        queues = [subscription.queue for subscription in self._subscriptions]
        for subscription in self._subscriptions:
            if subscription in subscription.queue.consumers:
                subscription.queue.consumers.remove(subscription)
            unsettled = list(subscription.unsettled.items())
            subscription.unsettled.clear()
            for place, stored in unsettled:
                subscription.queue.put_back(place, stored, failed=True)
        for queue in queues:
            queue.pump()
        asyncio.get_running_loop().call_later(RECONNECT_SECONDS, self._again)

    def _again(self) -> None:
        """The consumers begin as they did at first."""
        for consumer in self._consumers:
            subscription = consumer._subscription
            if subscription in self._subscriptions:
                consumer.careful, subscription.prefetch = True, 1
                subscription.queue.consumers.append(subscription)
                subscription.queue.pump()


@dataclass(frozen=True)
class Case:
    """What is published, each to its queue, and who works on it."""

    jobs: tuple[tuple[str, float, bool], ...]
    prefetch: int
    workers: int
    connections: bool = False
    """Whether a killer ends the connection alone, when it is acked."""


@dataclass
class World:
    """One broker, the processes that live, and what became of each message."""

    case: Case
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    handled: Counter[int] = field(default_factory=Counter)
    strikes: Counter[int] = field(default_factory=Counter)
    deaths: int = 0
    processes: dict[int, tuple[Worker, Line]] = field(default_factory=dict)
    ends: set[asyncio.Task[None]] = field(default_factory=set)

    async def publish(self) -> None:
        """All there is to do."""
        transport = MemoryTransport(self.broker)
        await transport.connect()
        await transport.declare(topology())
        for number, (queue, seconds, kills) in enumerate(self.case.jobs):
            body = Job(number=number, seconds=seconds, kills=kills).encode()
            properties = Properties(message_id=str(number), type="Job")
            await transport.publish(Publication(queue, body, "", properties))

    async def start(self, process: int) -> None:
        """A process."""
        line = Line(self.broker)
        app = Microservice(SERVICE, controllers=[Jobs(self, process)])
        worker = Worker(app, line, prefetch=self.case.prefetch)
        self.processes[process] = worker, line
        await worker.start()

    async def die(self, process: int) -> None:
        """A process ends at once, with its tasks; another begins in its place."""
        if process not in self.processes:
            return
        self.deaths += 1
        worker, line = self.processes.pop(process)
        await line.close()
        for task in worker.running:
            task.cancel()
        await asyncio.sleep(RESTART_SECONDS)
        await self.start(process)

    async def work(self, process: int, message: MessageOf[Job]) -> None:
        """What a handler does."""
        job = message.payload()
        strikes = strikes_of(message.delivery)
        self.strikes[job.number] = max(self.strikes[job.number], strikes)
        await asyncio.sleep(job.seconds)
        if not job.kills:
            self.handled[job.number] += 1
            return
        if self.case.connections:
            self.processes[process][1].doomed.add(message.delivery)
            return
        end = asyncio.create_task(self.die(process))
        self.ends.add(end)
        await asyncio.Event().wait()

    async def power_cut(self) -> None:
        """Every process ends at once."""
        await asyncio.gather(*(self.die(process) for process in list(self.processes)))

    @property
    def dead(self) -> set[int]:
        """Which messages are dead letters; a copy may be there twice, as anything may."""
        queues = (self.broker.queue(dead_letter_queue(q)) for q in (*QUEUES, "by_key"))
        waiting = (
            stored
            for queue in queues
            if isinstance(queue, MemoryQueue)
            for _, stored in queue._waiting
        )
        return {int(stored.properties.message_id or "") for stored in waiting}

    async def over(self) -> None:
        """Wait until every message was handled, or is a dead letter."""
        async with asyncio.timeout(PATIENCE):
            while len(self.handled.keys() | self.dead) < len(self.case.jobs):
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End what runs."""
        for worker, _ in self.processes.values():
            await worker.stop()

    def judged(self) -> None:
        """The killers are dead letters, and everybody else was handled."""
        jobs = enumerate(self.case.jobs)
        innocent = {number for number, (_, _, kills) in jobs if not kills}
        assert self.handled.keys() == innocent
        assert self.dead == set(range(len(self.case.jobs))) - innocent


def topology() -> Topology:
    """What the processes declare."""
    return topology_of(SERVICE)


async def played(case: Case) -> World:
    """The world once all is done."""
    world = World(case)
    await world.publish()
    for process in range(case.workers):
        await world.start(process)
    await world.over()
    await world.stop()
    return world


@pytest.fixture(autouse=True, scope="module")
def _virtual_clock() -> Any:
    """The ages of what is in hand are told by the loop's clock."""
    patch = pytest.MonkeyPatch()
    for module in (in_hand, quarantine):
        patch.setattr(module, "monotonic", lambda: asyncio.get_running_loop().time())
    yield
    patch.undo()


def jobs(queues: tuple[str, ...], killers: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Jobs in any order, some quick and some slow, with so many killers at most among them."""
    quick = st.sampled_from((0.0, 0.01, 0.3))
    innocent = st.tuples(st.sampled_from(queues), quick, st.just(False))
    killer = st.tuples(st.sampled_from(queues), quick, st.just(True))
    return st.tuples(
        st.lists(innocent, max_size=30), st.lists(killer, min_size=1, max_size=killers)
    ).flatmap(lambda both: st.permutations(tuple(chain(*both))).map(tuple))


def cases(
    killers: int, queues: tuple[str, ...] = QUEUES, *, connections: bool = False
) -> st.SearchStrategy[Case]:
    """Worlds with so many killers at most."""
    return st.builds(
        Case,
        jobs=jobs(queues, killers),
        prefetch=st.sampled_from((1, 2, 5, 50)),
        workers=st.integers(1, 4),
        connections=st.just(connections),
    )


SOME = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(SOME, max_examples=400)


@SOME
@given(cases(3))
def test_who_ends_processes_is_dead_lettered_and_the_neighbours_are_handled(case: Case) -> None:
    run(played(case)).judged()


@pytest.mark.soak
@MANY
@given(cases(3))
def test_of_many_killers_too_each_is_dead_lettered_and_nobody_else(case: Case) -> None:
    run(played(case)).judged()


@SOME
@given(cases(2, connections=True))
def test_who_ends_connections_is_dead_lettered_and_the_neighbours_are_handled(case: Case) -> None:
    run(played(case)).judged()


@SOME
@given(cases(1, ("by_key",)))
def test_in_order_too_the_neighbours_of_a_killer_are_handled(case: Case) -> None:
    run(played(case)).judged()


@SOME
@given(cases(1))
def test_one_killer_costs_six_processes_and_its_neighbours_a_few_deliveries(case: Case) -> None:
    world = run(played(case))
    assert world.deaths == verdict.CULPRIT
    innocent = [number for number, (_, _, kills) in enumerate(case.jobs) if not kills]
    assert max((world.strikes[number] for number in innocent), default=0) <= verdict.APART


async def cut(times: int) -> float:
    """How long it takes to handle all after so many cuts of the power; nobody is blamed."""
    work = tuple((queue, 0.1, False) for queue in QUEUES for _ in range(50))
    world = World(Case(work, prefetch=100, workers=2))
    await world.publish()
    for process in range(2):
        await world.start(process)
    for _ in range(times):
        await asyncio.sleep(0.05)
        await world.power_cut()
    since = asyncio.get_running_loop().time()
    await world.over()
    await world.stop()
    world.judged()
    return asyncio.get_running_loop().time() - since


def test_a_lost_power_cable_blames_nobody_and_costs_nothing() -> None:
    assert run(cut(1)) <= run(cut(0)) + 0.2


def test_two_lost_power_cables_blame_nobody_and_cost_a_moment() -> None:
    """Each of 150 messages of 0.1 s begins alone on one of two workers."""
    assert run(cut(2)) < 30
