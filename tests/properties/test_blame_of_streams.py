"""Blame where one worker reads several streams beside queues: each killer's own, whatever it kills.

The worlds of `test_blame.py`, with two streams in them: one is read message by message, one in
batches. Their strikes stand beside their offsets, and those of queues are counted by the broker.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from jararaca import From, MessageHandler, MessageOf, Microservice, Queue, Worker, route
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import BrokerUnreachableError
from jararaca.handling.streaming import reading
from jararaca.messagebus import in_hand
from jararaca.messagebus.blame import quarantine
from jararaca.routing.declarations import topology_of
from jararaca.transport import Properties, Publication
from jararaca.transport.memory.queue import MemoryQueue
from jararaca.transport.memory.transport import MemoryTransport

from tests.properties.test_blame import (
    MANY,
    RESTART_SECONDS,
    SOME,
    Case,
    Job,
    Line,
    World,
    cases,
)
from tests.support.services import service_of
from tests.support.virtual_time import run

SINGLE, BATCHES, QUEUE = "single", "batches", "queue"
STREAMS = {SINGLE: "single.stream", BATCHES: "batches.stream"}


class Readers:
    """The handlers of a process: of two streams, and of a queue."""

    def __init__(self, world: WorldOfStreams, process: int) -> None:
        self._world = world
        self._process = process

    @MessageHandler(Job, stream=From.first())
    async def single(self, message: MessageOf[Job]) -> None:
        self._world.came(SINGLE, message)
        await self._world.work(self._process, message)

    @MessageHandler(Job, stream=From.first(), batch=3, within=0.05)
    async def batches(self, messages: list[MessageOf[Job]]) -> None:
        for message in messages:
            self._world.came(BATCHES, message)
            await self._world.work(self._process, message)

    @MessageHandler(Job)
    async def queue(self, message: MessageOf[Job]) -> None:
        await self._world.work(self._process, message)


def _route(name: str) -> Any:
    return route(
        operation=name,
        queue=name,
        binding_keys=(name,),
        message=Job,
        controller=Readers,
        handler=getattr(Readers, name),
        stream=STREAMS.get(name),
    )


_made = service_of(*(_route(name) for name in (SINGLE, BATCHES, QUEUE)))
_logs = tuple(Queue(name, arguments={"x-queue-type": "stream"}) for name in STREAMS.values())
SERVICE = replace(_made, topology=replace(_made.topology, queues=(*_made.topology.queues, *_logs)))


@dataclass
class WorldOfStreams(World):
    """What came of each stream, besides: in which order it came first."""

    order: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    stops: set[asyncio.Task[bool]] = field(default_factory=set)

    def came(self, queue: str, message: MessageOf[Job]) -> None:
        """A handler was given it."""
        number = message.payload().number
        if number not in self.order[queue]:
            self.order[queue].append(number)

    async def publish(self) -> None:
        """All there is to do."""
        transport = MemoryTransport(self.broker)
        await transport.connect()
        await transport.declare(topology_of(SERVICE))
        for number, (queue, seconds, kills) in enumerate(self.case.jobs):
            body = Job(number=number, seconds=seconds, kills=kills).encode()
            properties = Properties(message_id=str(number), type="Job")
            await transport.publish(Publication(STREAMS.get(queue, queue), body, "", properties))

    async def start(self, process: int) -> None:
        """A process."""
        line = Line(self.broker)
        app = Microservice(SERVICE, controllers=[Readers(self, process)])
        worker = Worker(app, line, prefetch=self.case.prefetch)
        self.processes[process] = worker, line
        with suppress(BrokerUnreachableError):
            # It may be killed while it starts.
            await worker.start()

    async def die(self, process: int) -> None:
        """A process ends at once, with all of its tasks; another begins in its place."""
        if process not in self.processes:
            return
        self.deaths += 1
        worker, line = self.processes.pop(process)
        await line.close()
        for task in worker.running:
            task.cancel()
        self.stops.add(asyncio.create_task(worker.stop()))
        await asyncio.sleep(RESTART_SECONDS)
        await self.start(process)

    @property
    def dead(self) -> set[int]:
        """Which messages are dead letters."""
        queues = (self.broker.queue(dead_letter_queue(q)) for q in (SINGLE, BATCHES, QUEUE))
        return {
            int(stored.properties.message_id or "")
            for queue in queues
            if isinstance(queue, MemoryQueue)
            for _, stored in queue._waiting
        }

    def judged(self) -> None:
        """And of each stream all came in the order in which it was published."""
        super().judged()
        for name in STREAMS:
            assert self.order[name] == sorted(self.order[name])


async def played(case: Case) -> WorldOfStreams:
    """The world once all is done."""
    world = WorldOfStreams(case)
    await world.publish()
    for process in range(case.workers):
        await world.start(process)
    await world.over()
    await world.stop()
    return world


@pytest.fixture(autouse=True, scope="module")
def _virtual_clock() -> Any:
    """Ages and intervals are told by the loop's clock."""
    patch = pytest.MonkeyPatch()
    for module in (in_hand, quarantine):
        patch.setattr(module, "monotonic", lambda: asyncio.get_running_loop().time())
    clock = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    patch.setattr(reading, "time", clock)
    yield
    patch.undo()


ALL = (SINGLE, BATCHES, QUEUE)
POISONED = Case(
    tuple((queue, 0.01, number == 7) for number in range(14) for queue in ALL),
    prefetch=5,
    workers=2,
)
"""A killer in each stream and in the queue, with neighbours before and behind it."""


@settings(SOME, max_examples=2)
@example(POISONED)
@given(cases(3, ALL))
def test_who_ends_processes_is_dead_lettered_in_streams_and_queues_alike(case: Case) -> None:
    run(played(case)).judged()


@pytest.mark.soak
@MANY
@given(cases(3, ALL))
def test_of_many_killers_too_each_is_dead_lettered_and_nobody_else(case: Case) -> None:
    run(played(case)).judged()
