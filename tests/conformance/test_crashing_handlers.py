"""What is no Exception (sys.exit(), a stray cancellation) fails its message, and nothing else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dishka import Provider, Scope
from jararaca import (
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Work,
    Worker,
    ack,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for
from pydantic import field_validator

from tests.conformance.conftest import ONE_OF_EACH, PATIENCE, Bench
from tests.support.services import service_of

PREFETCH = 2


class Panic(BaseException):
    """What extensions written in Rust raise when they panic."""


CRASHES: dict[str, Callable[[], BaseException]] = {
    "SystemExit": lambda: SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt,
    "GeneratorExit": GeneratorExit,
    "CancelledError": asyncio.CancelledError,
    "Panic": lambda: Panic("out of bounds"),
    "BaseExceptionGroup": lambda: BaseExceptionGroup("two", [SystemExit(1), KeyboardInterrupt()]),
}
PLACES = (
    "handler",
    "exception handler",
    "after the ack",
    "before the handler",
    "after the handler",
    "provider",
    "validator",
    "listener",
)


class Guarded:
    """What the provider gives; the controller asks for it."""


async def became(bench: Bench, place: str, crash: Callable[[], BaseException]) -> list[Handled]:
    """What became of as many crashing messages as the prefetch, and a good one behind them."""

    def crash_at(where: str, number: int) -> None:
        if where == place and number >= 0:
            raise crash()

    class Job(Message):
        MESSAGE_TOPIC = bench.name
        MESSAGE_TYPE = "task"
        number: int

        @field_validator("number")
        @classmethod
        def check(cls, number: int) -> int:
            if current:
                crash_at("validator", number)
            return number

    async def on_failure(message: MessageOf[Any], error: Exception) -> None:
        crash_at("exception handler", message.payload().number)

    @asynccontextmanager
    async def around(work: Work) -> AsyncIterator[None]:
        assert work.message is not None
        number = work.message.payload().number
        crash_at("before the handler", number)
        try:
            yield
        finally:
            crash_at("after the handler", number)

    def guarded(work: Work) -> Guarded:
        assert work.message is not None
        crash_at("provider", work.message.payload().number)
        return Guarded()

    class Jobs:
        def __init__(self, guarded: Guarded) -> None:
            pass

        @MessageHandler(Job, retry=RetryPolicy(max_retries=0), exception_handler=on_failure)
        async def work(self, message: MessageOf[Job]) -> None:
            number = message.payload().number
            crash_at("handler", number)
            if place == "exception handler" and number >= 0:
                raise ValueError(number)
            if place == "after the ack":
                await ack()
                crash_at(place, number)

    row = route(
        operation="work",
        queue=bench.name,
        binding_keys=(bench.name,),
        message=Job,
        controller=Jobs,
        handler=Jobs.work,
    )
    told: list[Handled] = []
    done = asyncio.Event()

    def tell(handled: Handled) -> None:
        told.append(handled)
        if len(told) > PREFETCH:
            done.set()
        if handled.message is not None:
            crash_at("listener", handled.message.number)  # type: ignore[attr-defined]

    provider = Provider(scope=Scope.REQUEST)
    provider.provide(guarded, provides=Guarded)
    provider.from_context(Work, scope=Scope.REQUEST)
    service = service_of(row)
    microservice = Microservice(service, interceptors=[around], providers=[provider])
    worker = Worker(microservice, transport_for(bench.url), prefetch=PREFETCH, listener=tell)
    await worker.start()
    current: list[bool] = []
    async with Publisher.connect(bench.url):
        messages = [Job(number=number) for number in (*range(PREFETCH), -1)]
        current.append(True)
        for message in messages:
            await message.publish()
    await asyncio.wait_for(done.wait(), PATIENCE)
    assert await worker.stop()
    return told


@ONE_OF_EACH
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", CRASHES)
async def test_what_is_no_exception_fails_its_message_and_frees_its_place(
    bench: Bench, place: str, kind: str
) -> None:
    told = await became(bench, place, CRASHES[kind])
    outcomes = sorted(each.outcome for each in told)
    if place in ("after the ack", "after the handler", "listener"):
        # What was committed or acked before the crash has happened.
        assert outcomes == ["handled"] * 3
        return
    assert outcomes == ["dead-lettered"] * 2 + ["handled"]
    reasons = [each.reason or "" for each in told if each.outcome == "dead-lettered"]
    word = "cancelled from within" if kind == "CancelledError" else kind
    assert all(word in reason for reason in reasons), reasons


async def test_a_handler_that_exits_the_interpreter_is_tried_again_like_any_that_fails(
    bench: Bench,
) -> None:
    attempts: list[int] = []
    done = asyncio.Event()

    class Job(Message):
        MESSAGE_TOPIC = bench.name
        MESSAGE_TYPE = "task"

    class Jobs:
        @MessageHandler(Job, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
        async def work(self, message: MessageOf[Job]) -> None:
            attempts.append(message.attempt)
            if message.attempt == 1:
                sys.exit("no licence")
            done.set()

    row = route(
        operation="work",
        queue=bench.name,
        binding_keys=(bench.name,),
        message=Job,
        controller=Jobs,
        handler=Jobs.work,
    )
    worker = Worker(Microservice(service_of(row)), transport_for(bench.url))
    await worker.start()
    async with Publisher.connect(bench.url):
        await Job().publish()
    await asyncio.wait_for(done.wait(), PATIENCE)
    await worker.stop()
    assert attempts == [1, 2]


async def test_a_handler_that_cancels_its_own_task_has_failed(bench: Bench) -> None:
    """Only the worker's own cancelling gives a message back uncounted."""
    told: asyncio.Queue[Handled] = asyncio.Queue()

    class Job(Message):
        MESSAGE_TOPIC = bench.name
        MESSAGE_TYPE = "task"

    class Jobs:
        @MessageHandler(Job, retry=RetryPolicy(max_retries=0))
        async def work(self, message: MessageOf[Job]) -> None:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(1)

    row = route(
        operation="work",
        queue=bench.name,
        binding_keys=(bench.name,),
        message=Job,
        controller=Jobs,
        handler=Jobs.work,
    )
    worker = Worker(
        Microservice(service_of(row)), transport_for(bench.url), listener=told.put_nowait
    )
    await worker.start()
    async with Publisher.connect(bench.url):
        await Job().publish()
    assert (await asyncio.wait_for(told.get(), PATIENCE)).outcome == "dead-lettered"
    await worker.stop()
