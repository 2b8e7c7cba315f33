"""What goes along with publications reaches the handlers of their messages, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from jararaca import (
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    implicit_headers,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench, Inbox
from tests.support.services import service_of

mark: ContextVar[str] = ContextVar("mark", default="")


class Passing:
    """A worker whose handler publishes on, and the headers of what it has published."""

    def __init__(self, bench: Bench, **options: Any) -> None:
        class Job(Message):
            MESSAGE_TOPIC = bench.name
            MESSAGE_TYPE = "task"
            number: int

        class Done(Message):
            MESSAGE_TOPIC = bench.key
            number: int

        self.marks: list[str] = []

        class Jobs:
            @MessageHandler(Job, **{"retry": RetryPolicy(max_retries=0), **options})
            async def work(_, message: MessageOf[Job]) -> None:
                self.marks.append(mark.get())
                mark.set("the handler's")
                await Done(number=message.payload().number).publish()

        jobs = f"{bench.name}.jobs"
        row = route(
            operation="work",
            queue=jobs,
            binding_keys=(bench.name,),
            message=Job,
            controller=Jobs,
            handler=Jobs.work,
        )
        self.job, self.queue = Job, jobs
        self.told: asyncio.Queue[Handled] = asyncio.Queue()
        app = Microservice(service_of(row))
        self.worker = Worker(
            app, transport_for(bench.url), prefetch=1, listener=self.told.put_nowait
        )


async def published(bench: Bench, passing: Passing, count: int) -> Mapping[bytes, Any]:
    """The tenant of each message that the handler published, by its body."""
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 10, inbox)
    for _ in range(count):
        assert (await asyncio.wait_for(passing.told.get(), PATIENCE)).outcome == "handled"
    found = [await inbox.next() for _ in range(count)]
    return {each.body: each.theirs.get("tenant") for each in found}


async def test_what_whoever_starts_a_worker_has_set_is_not_its_handlers(bench: Bench) -> None:
    await bench.declared()
    passing = Passing(bench)
    with implicit_headers(tenant="starter"):
        await passing.worker.start()
    async with Publisher.connect(bench.url):
        await passing.job(number=1).publish()
        with implicit_headers(tenant="asker"):
            await passing.job(number=2).publish()
        mark.set("the publisher's")
        await passing.job(number=3).publish()
    found = await published(bench, passing, 3)
    await passing.worker.stop()
    assert found == {b'{"number":1}': None, b'{"number":2}': "asker", b'{"number":3}': None}
    # Neither what publishes nor what was handled before leaves anything in the next one's context.
    assert passing.marks == [""] * 3


async def test_an_expiration_is_of_the_first_wait_and_cuts_no_retry_short(bench: Bench) -> None:
    tries: list[int] = []
    told: asyncio.Queue[Handled] = asyncio.Queue()

    class Brief(Message):
        MESSAGE_TOPIC = bench.key
        MESSAGE_EXPIRATION = 500

    class Briefs:
        @MessageHandler(Brief, retry=RetryPolicy(max_retries=1, initial_delay=1, jitter=0))
        async def brief(self, message: MessageOf[Brief]) -> None:
            tries.append(message.attempt)
            raise ValueError("as it was told to")

    row = route(
        operation="brief",
        queue=bench.name,
        binding_keys=(bench.key,),
        message=Brief,
        controller=Briefs,
        handler=Briefs.brief,
    )
    transport = transport_for(bench.url)
    worker = Worker(Microservice(service_of(row)), transport, listener=told.put_nowait)
    await worker.start()
    async with Publisher.connect(bench.url):
        await Brief().publish()
    outcomes = [(await asyncio.wait_for(told.get(), PATIENCE)).outcome for _ in range(2)]
    assert (outcomes, tries) == (["retried", "dead-lettered"], [1, 2])
    letters = dead_letter_queue(bench.name)
    async with asyncio.timeout(PATIENCE):
        while await transport.count(letters) != 1:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.6)
    assert await transport.count(letters) == 1
    await worker.stop()
