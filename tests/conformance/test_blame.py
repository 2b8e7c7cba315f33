"""A message that ends whatever handles it goes to the dead letters; its neighbours are handled."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from jararaca import Message, MessageHandler, MessageOf, Microservice, Worker, route
from jararaca.contract.topology import dead_letter_queue
from jararaca.handling.redelivery import strikes_of
from jararaca.messagebus.blame import verdict
from jararaca.operations import dead_letters
from jararaca.operations.dead_letter import DeadLetter
from jararaca.transport import Transport

from tests.conformance.conftest import PATIENCE, Bench, Inbox, message
from tests.support.services import service_of

QUIET = 0.3
"""Seconds in which nothing more comes that would have come at once."""


class Job(Message):
    """A task."""

    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    number: int


class Lives:
    """Workers that live one after another; some messages end them."""

    def __init__(self, bench: Bench, killers: set[int], **options: Any) -> None:
        self.handled: Counter[int] = Counter()
        self.strikes: Counter[int] = Counter()
        self.lives = 0
        self._bench = bench
        self._died = asyncio.Event()
        lives = self

        class Jobs:
            @MessageHandler(Job, **options)
            async def work(self, message: MessageOf[Job]) -> None:
                number = message.payload().number
                lives.strikes[number] = max(lives.strikes[number], strikes_of(message.delivery))
                if number in killers:
                    lives._died.set()
                    await asyncio.Event().wait()
                lives.handled[number] += 1

        self._service = service_of(
            route(
                operation="work",
                queue=bench.name,
                binding_keys=(bench.key,),
                message=Job,
                controller=Jobs,
                handler=Jobs.work,
            )
        )

    async def published(self, count: int) -> None:
        """So many messages wait in the queue."""
        transport = await self._bench.connect()
        await Worker(Microservice(self._service), transport)._declare_all()
        for number in range(count):
            body = Job(number=number).encode()
            await transport.publish(message(self._bench.name, body, exchange="", mandatory=True))

    async def letters(self) -> list[DeadLetter]:
        """The dead letters there are."""
        transport = await self._bench.connect()
        return list(await dead_letters.list_dead_letters(transport, self._bench.name))

    async def live(self, count: int) -> None:
        """Live again until all of so many messages are settled."""
        while not await self._life(count):
            pass

    async def _life(self, count: int) -> bool:
        """One process's, which a killer ends as by a power cut; whether all is done."""
        self.lives += 1
        self._died.clear()
        transport = await self._bench.connect()
        worker = Worker(Microservice(self._service), transport, prefetch=60)
        await worker.start()
        async with asyncio.timeout(PATIENCE):
            while not (done := await self._done(transport, count)) and not self._died.is_set():
                await asyncio.sleep(0.02)
        tasks = list(worker.running)
        worker.host.stopping.set()
        await transport.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await worker.stop()
        return done

    async def _done(self, transport: Transport, count: int) -> bool:
        dead = await transport.count(dead_letter_queue(self._bench.name))
        return len(self.handled) + dead >= count


async def test_a_careful_consumer_takes_one_message_at_a_time(bench: Bench) -> None:
    transport = await bench.declared()
    for number in range(4):
        await transport.publish(message(bench.key, b"%d" % number, mandatory=True))
    inbox = Inbox()
    consumer = await transport.consume(bench.name, 4, inbox, careful=True)
    first = await inbox.next()
    await asyncio.sleep(QUIET)
    assert (inbox.waiting, consumer.careful) == (0, True)
    await consumer.be_careful(False)
    rest = [await inbox.next() for _ in range(3)]
    assert not any(each.redelivered for each in rest)
    await consumer.be_careful(True)
    for delivery in (first, *rest):
        await transport.ack(delivery)
    for number in range(2):
        await transport.publish(message(bench.key, b"%d" % number, mandatory=True))
    await inbox.next()
    await asyncio.sleep(QUIET)
    assert (inbox.waiting, consumer.careful) == (0, True)


@pytest.mark.parametrize("options", [{}, {"ordered_by": lambda job: job.number % 3}])
async def test_a_killer_ends_in_the_dead_letters_and_harms_nobody(
    bench: Bench, options: dict[str, Any]
) -> None:
    count = 12
    lives = Lives(bench, {5}, **options)
    await lives.published(count)
    await lives.live(count)
    [letter] = await lives.letters()
    assert letter.reason.startswith("it seems to end the process or the connection")
    assert sorted(lives.handled) == [number for number in range(count) if number != 5]
    assert set(lives.handled.values()) == {1}
    if not options:
        assert lives.lives == verdict.CULPRIT + 1
        assert max(lives.strikes[number] for number in lives.handled) <= verdict.SUSPECT


async def test_the_dead_letter_of_a_killer_can_be_replayed(bench: Bench) -> None:
    """Once the fault is mended: it is a first delivery again."""
    lives = Lives(bench, {0})
    await lives.published(1)
    await lives.live(1)
    transport = await bench.connect()
    await dead_letters.replay(transport, bench.name)
    mended = Lives(bench, set())
    await mended.live(1)
    assert mended.strikes[0] == 0
