"""One message is never handled beside itself in one process, however often it was published."""

from __future__ import annotations

import asyncio

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Worker,
    route,
)
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench
from tests.support.services import service_of


class Job(Message):
    MESSAGE_TOPIC = "one.job"
    MESSAGE_TYPE = "task"
    number: int


class Seen:
    """What runs, how often each has run, and whether one ran beside itself."""

    def __init__(self) -> None:
        self.running: list[int] = []
        self.done: list[int] = []
        self.beside: list[int] = []
        self.others = asyncio.Event()

    async def work(self, message: MessageOf[Job]) -> None:
        number = message.payload().number
        if number in self.running:
            self.beside.append(number)
        self.running.append(number)
        if number == 2:
            self.others.set()
        # The first goes on only once another message was handled beside it: nobody is held up.
        await asyncio.wait_for(self.others.wait(), PATIENCE)
        await asyncio.sleep(0.02)
        self.running.remove(number)
        self.done.append(number)


def job(queue: str, number: int, message_id: str) -> Publication:
    """One publication of a numbered job."""
    body = b'{"number":%d}' % number
    return Publication(queue, body, "", Properties(message_id, "Job"), mandatory=True)


async def serving(bench: Bench, seen: Seen) -> Worker:
    """A worker of the bench's queue."""

    @MessageBusController()
    class Jobs:
        @MessageHandler(Job)
        async def work(self, message: MessageOf[Job]) -> None:
            await seen.work(message)

    table = service_of(
        route(
            operation="work",
            queue=bench.name,
            binding_keys=(Job.MESSAGE_TOPIC,),
            message=Job,
            controller=Jobs,
            handler=Jobs.work,
        )
    )
    worker = Worker(Microservice(table), transport_for(bench.url), prefetch=4)
    await worker.start()
    return worker


async def test_publications_of_one_id_take_turns_and_hold_up_no_other(bench: Bench) -> None:
    seen = Seen()
    worker = await serving(bench, seen)
    publisher = await bench.connect()
    for number, message_id in ((1, "the-same"), (1, "the-same"), (1, "the-same"), (2, "another")):
        await publisher.publish(job(bench.name, number, message_id))
    async with asyncio.timeout(PATIENCE):
        while len(seen.done) < 4:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert seen.beside == []
    assert sorted(seen.done) == [1, 1, 1, 2]


async def test_what_waits_for_its_turn_goes_back_when_the_worker_stops(bench: Bench) -> None:
    seen = Seen()
    worker = await serving(bench, seen)
    publisher = await bench.connect()
    for _ in range(3):
        await publisher.publish(job(bench.name, 1, "the-same"))
    async with asyncio.timeout(PATIENCE):
        while not seen.running:
            await asyncio.sleep(0.01)
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    seen.others.set()
    assert await stopping
    assert seen.done == [1]
    async with asyncio.timeout(PATIENCE):
        while await publisher.count(bench.name) < 2:
            await asyncio.sleep(0.05)
