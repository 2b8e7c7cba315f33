"""Long handlers in a worker that stops: they learn of it, and what they give up is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from jararaca import (
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Service,
    ShuttingDownError,
    Worker,
    ack,
    is_shutting_down,
    reject,
    route,
    shutdown_race,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench
from tests.support.services import service_of

Handle = Callable[[MessageOf[Any]], Awaitable[None]]


def job_of(bench: Bench, handle: Handle, **options: Any) -> tuple[type[Message], Service]:
    """A task in the bench's queue, and the service that handles it."""

    class Job(Message):
        MESSAGE_TOPIC = bench.name
        MESSAGE_TYPE = "task"

    class Jobs:
        @MessageHandler(Job, retry=RetryPolicy(max_retries=0), **options)
        async def work(self, message: MessageOf[Job]) -> None:
            await handle(message)

    row = route(
        operation="work",
        queue=bench.name,
        binding_keys=(bench.name,),
        message=Job,
        controller=Jobs,
        handler=Jobs.work,
    )
    return Job, service_of(row)


async def stopped_within(
    bench: Bench, handle: Handle, begun: asyncio.Event, **options: Any
) -> list[Handled]:
    """A worker that is told to stop while its handler runs; what it told."""
    told: list[Handled] = []
    job, service = job_of(bench, handle, **options)
    worker = Worker(Microservice(service), transport_for(bench.url), listener=told.append)
    await worker.start()
    async with Publisher.connect(bench.url):
        await job().publish()
    await asyncio.wait_for(begun.wait(), PATIENCE)
    assert await worker.stop()
    return told


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_handler_that_gives_way_to_the_shutdown_hands_its_message_back_uncounted(
    bench: Bench, ordered: bool
) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()
    attempts: asyncio.Queue[int] = asyncio.Queue()

    async def give_way(message: MessageOf[Any]) -> None:
        begun.set()
        try:
            await shutdown_race(asyncio.Event().wait())
        except ShuttingDownError:
            cancelled.set()
            raise

    async def finish(message: MessageOf[Any]) -> None:
        attempts.put_nowait(message.attempt)

    told = await stopped_within(bench, give_way, begun, ordered=ordered)
    assert cancelled.is_set()
    assert [(each.outcome, each.attempt) for each in told] == [("given back", 1)]
    _, service = job_of(bench, finish, ordered=ordered)
    other = Worker(Microservice(service), transport_for(bench.url))
    await other.start()
    assert await asyncio.wait_for(attempts.get(), PATIENCE) == 1
    await other.stop()
    transport = await bench.connect()
    assert await transport.count(dead_letter_queue(bench.name)) == 0


async def test_a_handler_that_asks_learns_of_the_shutdown_and_ends_as_it_likes(
    bench: Bench,
) -> None:
    begun, steps = asyncio.Event(), []

    async def handle(message: MessageOf[Any]) -> None:
        steps.append(is_shutting_down())
        begun.set()
        while not await asyncio.to_thread(is_shutting_down):
            await asyncio.sleep(0.01)
        steps.append(is_shutting_down())

    told = await stopped_within(bench, handle, begun)
    assert steps == [False, True]
    assert [each.outcome for each in told] == ["handled"]


async def test_what_was_acked_does_not_go_back_and_what_it_published_since_is_dropped(
    bench: Bench,
) -> None:
    begun = asyncio.Event()

    async def handle(message: MessageOf[Any]) -> None:
        await ack()
        await type(message.payload())().publish()
        begun.set()
        await shutdown_race(asyncio.Event().wait())

    told = await stopped_within(bench, handle, begun)
    assert [each.outcome for each in told] == ["handled"]
    transport = await bench.connect()
    assert await transport.count(bench.name) == 0


async def test_the_error_raised_by_hand_while_nothing_stops_follows_the_policy(
    bench: Bench,
) -> None:
    told: asyncio.Queue[Handled] = asyncio.Queue()

    async def handle(message: MessageOf[Any]) -> None:
        raise ShuttingDownError("says who?")

    job, service = job_of(bench, handle)
    worker = Worker(Microservice(service), transport_for(bench.url), listener=told.put_nowait)
    await worker.start()
    async with Publisher.connect(bench.url):
        await job().publish()
    assert (await asyncio.wait_for(told.get(), PATIENCE)).outcome == "dead-lettered"
    await worker.stop()


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_handler_cut_off_at_the_end_of_the_drain_spends_no_attempt(
    bench: Bench, ordered: bool
) -> None:
    """Its message is the next worker's, at the same try: it has not failed."""
    begun = asyncio.Event()
    attempts: asyncio.Queue[int] = asyncio.Queue()

    async def never_end(message: MessageOf[Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def finish(message: MessageOf[Any]) -> None:
        attempts.put_nowait(message.attempt)

    told: list[Handled] = []
    job, service = job_of(bench, never_end, ordered=ordered)
    worker = Worker(
        Microservice(service),
        transport_for(bench.url),
        shutdown_timeout=0.1,
        listener=told.append,
    )
    await worker.start()
    async with Publisher.connect(bench.url):
        await job().publish()
    await asyncio.wait_for(begun.wait(), PATIENCE)
    assert not await worker.stop()
    assert [each.outcome for each in told if each.outcome != "given back"] == []
    _, service = job_of(bench, finish, ordered=ordered)
    other = Worker(Microservice(service), transport_for(bench.url))
    await other.start()
    assert await asyncio.wait_for(attempts.get(), PATIENCE) == 1
    await other.stop()
    transport = await bench.connect()
    assert await transport.count(dead_letter_queue(bench.name)) == 0


async def test_what_another_task_settles_during_the_drain_is_settled_so(bench: Bench) -> None:
    """Its cancellation ends the handler alone: it is none that hands the message back."""
    begun = asyncio.Event()

    async def settle() -> None:
        reject("by another task")

    async def handle(message: MessageOf[Any]) -> None:
        begun.set()
        while not is_shutting_down():
            await asyncio.sleep(0.01)
        settling = asyncio.create_task(settle())
        settling.add_done_callback(asyncio.Task.exception)
        await asyncio.Event().wait()

    told = await stopped_within(bench, handle, begun)
    assert [each.outcome for each in told] == ["dead-lettered"]
