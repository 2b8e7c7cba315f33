"""Handlers that are no coroutines run in threads: settling, publishing and timeouts work there."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from jararaca import (
    ConfigurationError,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    NotInThreadError,
    RetryPolicy,
    Worker,
    ack,
    reject,
    retry_later,
    route,
    run_in_loop,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.current_work import current_work
from jararaca.handlers.outcome import Handled
from jararaca.operations import dead_letters
from jararaca.transport import Transport

from tests.conformance.conftest import PATIENCE, Bench, Inbox, message
from tests.support.services import service_of


class Job(Message):
    """A task."""

    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    number: int = 0


Body = Callable[[MessageOf[Job]], Any]


def app(bench: Bench, body: Body, **options: Any) -> Microservice:
    """An application with one handler, in a thread."""

    class Jobs:
        @MessageHandler(Job, **options)
        def work(self, message: MessageOf[Job]) -> None:
            body(message)

    return Microservice(
        service_of(
            route(
                operation="work",
                queue=bench.name,
                binding_keys=(bench.key,),
                message=Job,
                controller=Jobs,
                handler=Jobs.work,
            )
        )
    )


class Told:
    """What a worker's listener was told."""

    def __init__(self) -> None:
        self.all: list[Handled] = []

    def __call__(self, handled: Handled) -> None:
        self.all.append(handled)

    async def outcomes(self, count: int) -> list[str]:
        """The outcomes, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.all) < count:
                await asyncio.sleep(0.01)
        return [each.outcome for each in self.all]


@asynccontextmanager
async def working(
    bench: Bench, body: Body, *, count: int = 1, shutdown_timeout: float = 10, **options: Any
) -> AsyncIterator[tuple[Told, Transport, Worker]]:
    """A worker, and so many messages for it."""
    told = Told()
    transport = await bench.connect()
    worker = Worker(
        app(bench, body, **options),
        transport,
        listener=told,
        shutdown_timeout=shutdown_timeout,
    )
    await worker.start()
    other = await bench.connect()
    for number in range(count):
        job = Job(number=number).encode()
        await other.publish(message(bench.name, job, exchange="", mandatory=True))
    yield told, other, worker
    await worker.stop()


async def test_a_thread_is_in_nobodys_way_and_has_the_works_context(bench: Bench) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen: list[tuple[object, bool]] = []

    def body(job: MessageOf[Job]) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        work: Any = current_work.get()
        seen.append((work.name, threading.current_thread() is threading.main_thread()))

    async with working(bench, body) as (told, _, _):
        async with asyncio.timeout(PATIENCE):
            while not begun.is_set():
                await asyncio.sleep(0.01)
        assert told.all == []
        go_on.set()
        assert await told.outcomes(1) == ["handled"]
    assert seen == [("app.<locals>.Jobs.work", False)]


async def test_what_a_thread_publishes_goes_out_once_it_has_succeeded(bench: Bench) -> None:
    inbox = Inbox()
    transport = await bench.declared()
    await transport.consume(dead_letter_queue(bench.name), 10, inbox)

    class Noted(Message):
        MESSAGE_QUEUE = dead_letter_queue(bench.name)
        text: str

    def body(job: MessageOf[Job]) -> None:
        run_in_loop(Noted(text=f"try {job.attempt}").publish())
        if job.attempt == 1:
            raise ValueError("not yet")

    async with working(bench, body, retry=RetryPolicy(initial_delay=0.1)) as (told, _, _):
        assert await told.outcomes(2) == ["retried", "handled"]
    assert (await inbox.next()).body == b'{"text":"try 2"}'
    assert inbox.waiting == 0


async def test_a_thread_settles_its_delivery_itself(bench: Bench) -> None:
    def body(job: MessageOf[Job]) -> None:
        if job.payload().number == 0:
            run_in_loop(ack())
        elif job.payload().number == 1:
            reject("never")
        elif job.attempt == 1:
            retry_later(0.1)

    async with working(bench, body, count=3, auto_ack=True) as (told, transport, _):
        outcomes = await told.outcomes(4)
        [letter] = await dead_letters.list_dead_letters(transport, bench.name)
    assert sorted(outcomes) == ["dead-lettered", "handled", "handled", "retried"]
    assert letter.reason == "never"


async def test_another_thread_of_the_handlers_settles_too(bench: Bench) -> None:
    def body(job: MessageOf[Job]) -> None:
        from contextvars import copy_context

        other = threading.Thread(target=copy_context().run, args=(run_in_loop, ack()))
        other.start()
        other.join()

    async with working(bench, body, auto_ack=False) as (told, _, _):
        assert await told.outcomes(1) == ["handled"]


@pytest.mark.parametrize("crash", [SystemExit(3), KeyboardInterrupt(), StopIteration(1)])
async def test_whatever_a_thread_raises_fails_its_message_alone(
    bench: Bench, crash: BaseException
) -> None:
    def body(job: MessageOf[Job]) -> None:
        if job.payload().number == 0:
            raise crash

    policy = RetryPolicy(max_retries=0)
    async with working(bench, body, count=2, concurrency=1, retry=policy) as (told, _, _):
        assert sorted(await told.outcomes(2)) == ["dead-lettered", "handled"]


async def test_at_most_as_many_threads_as_the_handlers_concurrency(bench: Bench) -> None:
    running: list[int] = [0, 0]
    lock = threading.Lock()

    def body(job: MessageOf[Job]) -> None:
        with lock:
            running[0] += 1
            running[1] = max(running)
        time.sleep(0.05)
        with lock:
            running[0] -= 1

    async with working(bench, body, count=9, concurrency=3) as (told, _, _):
        await told.outcomes(9)
    assert running[1] == 3


async def test_a_thread_that_outlasts_its_timeout_is_told_and_what_it_comes_to_counts(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()
    tries: list[int] = []

    def body(job: MessageOf[Job]) -> None:
        tries.append(job.attempt)
        assert go_on.wait(PATIENCE)

    with caplog.at_level(logging.ERROR, "jararaca.work"):
        async with working(bench, body, timeout=0.1) as (told, transport, _):
            async with asyncio.timeout(PATIENCE):
                while "cannot be stopped" not in caplog.text:
                    await asyncio.sleep(0.01)
            assert told.all == []
            assert await transport.count(bench.name) == 0
            go_on.set()
            assert await told.outcomes(1) == ["handled"]
    assert "Jobs.work is past its timeout and keeps running" in caplog.text
    assert tries == [1]


async def test_a_stop_leaves_a_stubborn_thread_behind_and_its_message_goes_back(
    bench: Bench,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def stubborn(job: MessageOf[Job]) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    async with working(bench, stubborn, shutdown_timeout=0.1) as (told, transport, worker):
        async with asyncio.timeout(PATIENCE):
            while not begun.is_set():
                await asyncio.sleep(0.01)
        assert await worker.stop() is False
        assert not go_on.is_set()
        async with asyncio.timeout(PATIENCE):
            while await transport.count(bench.name) == 0:
                await asyncio.sleep(0.02)
    assert told.all == []
    go_on.set()


def yields(job: MessageOf[Job]) -> Any:
    yield job


async def yields_later(job: MessageOf[Job]) -> AsyncIterator[Any]:
    yield job


class Callable_:
    __name__ = "an_object"

    def __call__(self, job: MessageOf[Job]) -> None: ...


@pytest.mark.parametrize(
    ("method", "why"),
    [(yields, "it yields"), (yields_later, "it yields"), (Callable_(), "no method but an object")],
)
def test_what_can_neither_be_awaited_nor_called_is_refused_at_start(method: Any, why: str) -> None:
    class Jobs:
        work = MessageHandler(Job)(method)

    row = route(
        operation="work",
        queue="jobs",
        binding_keys=("jobs",),
        message=Job,
        controller=Jobs,
        handler=vars(Jobs)["work"],
    )
    with pytest.raises(ConfigurationError, match=why):
        Worker(Microservice(service_of(row)), None)  # type: ignore[arg-type]


async def test_a_coroutine_has_no_need_of_run_in_loop() -> None:
    async def nothing() -> None: ...

    with pytest.raises(NotInThreadError, match="use await"):
        run_in_loop(nothing())
    with pytest.raises(NotInThreadError):
        await asyncio.to_thread(run_in_loop, nothing())
