"""Order and concurrency: one at a time in all workers, or so many at a time in one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from jararaca import (
    ConfigurationError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Service
from jararaca.transport import Properties

from tests.conformance.conftest import PATIENCE, Bench, message
from tests.support.services import service_of


class Step(Message):
    MESSAGE_TOPIC = "step"
    MESSAGE_TYPE = "task"
    number: int


class Other(Message):
    MESSAGE_TOPIC = "other"
    MESSAGE_TYPE = "task"
    number: int


Body = Callable[[MessageOf[Step]], Awaitable[None]]


def service(bench: Bench, body: Body, **options: Any) -> Service:
    """A service whose one handler has these options."""

    @MessageBusController()
    class Steps:
        @MessageHandler(Step, **options)
        async def step(self, message: MessageOf[Step]) -> None:
            await body(message)

    return service_of(
        route(
            operation="step",
            queue=bench.name,
            binding_keys=(bench.key,),
            message=Step,
            controller=Steps,
            handler=Steps.step,
        )
    )


async def started(bench: Bench, made: Service) -> Worker:
    worker = Worker(Microservice(made), await bench.connect(), prefetch=50)
    await worker.start()
    return worker


async def publish(bench: Bench, count: int) -> None:
    transport = await bench.connect()
    for number in range(count):
        await transport.publish(message(bench.key, Step(number=number).encode(), mandatory=True))


async def test_an_ordered_handler_takes_one_at_a_time_in_all_workers_failures_included(
    bench: Bench,
) -> None:
    running = 0
    tries: list[tuple[int, int]] = []

    async def body(step: MessageOf[Step]) -> None:
        nonlocal running
        running += 1
        assert running == 1
        tries.append((step.payload().number, step.attempt))
        await asyncio.sleep(0.001)
        running -= 1
        if step.payload().number == 3 and step.attempt == 1:
            raise ValueError("the first time")

    policy = RetryPolicy(initial_delay=0.1, jitter=0)
    made = service(bench, body, ordered=True, retry=policy)
    workers = [await started(bench, made), await started(bench, made)]
    await publish(bench, 20)
    async with asyncio.timeout(20):
        while len(tries) < 21:
            await asyncio.sleep(0.01)
    for worker in workers:
        await worker.stop()
    numbers = [*range(4), *range(3, 20)]
    assert [number for number, _ in tries] == numbers
    assert tries[4] == (3, 2)


async def test_an_ordered_message_that_is_given_up_lets_the_next_one_through(
    bench: Bench,
) -> None:
    seen: list[int] = []

    async def body(step: MessageOf[Step]) -> None:
        seen.append(step.payload().number)
        if step.payload().number == 0:
            raise ValueError("always")

    policy = RetryPolicy(max_retries=1, initial_delay=0.1)
    worker = await started(bench, service(bench, body, ordered=True, retry=policy))
    await publish(bench, 2)
    async with asyncio.timeout(20):
        while len(seen) < 3:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert seen == [0, 0, 1]


async def test_concurrency_bounds_what_a_worker_handles_at_a_time(bench: Bench) -> None:
    running: set[int] = set()
    most = 0
    done: list[int] = []
    full = asyncio.Event()

    async def body(step: MessageOf[Step]) -> None:
        nonlocal most
        running.add(step.payload().number)
        most = max(most, len(running))
        if most == 3:
            full.set()
        await full.wait()
        await asyncio.sleep(0.02)
        running.discard(step.payload().number)
        done.append(step.payload().number)

    worker = await started(bench, service(bench, body, concurrency=3))
    await publish(bench, 12)
    async with asyncio.timeout(20):
        while len(done) < 12:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert most == 3


async def test_concurrency_is_each_handlers_own_where_a_queue_has_several(bench: Bench) -> None:
    most = {"step": 0, "other": 0}
    running = {"step": 0, "other": 0}
    done: list[str] = []

    async def work(name: str) -> None:
        running[name] += 1
        most[name] = max(most[name], running[name])
        await asyncio.sleep(0.02)
        running[name] -= 1
        done.append(name)

    @MessageBusController()
    class Both:
        @MessageHandler(Step, concurrency=1)
        async def step(self, message: MessageOf[Step]) -> None:
            await work("step")

        @MessageHandler(Other, concurrency=4)
        async def other(self, message: MessageOf[Other]) -> None:
            await work("other")

    made = service_of(
        route(
            operation="step",
            queue=bench.name,
            binding_keys=(f"{bench.name}.step",),
            message=Step,
            controller=Both,
            handler=Both.step,
        ),
        route(
            operation="other",
            queue=bench.name,
            binding_keys=(f"{bench.name}.other",),
            message=Other,
            controller=Both,
            handler=Both.other,
        ),
    )
    worker = await started(bench, made)
    transport = await bench.connect()
    for number in range(10):
        await transport.publish(message(f"{bench.name}.other", Other(number=number).encode()))
    for number in range(3):
        await transport.publish(message(f"{bench.name}.step", Step(number=number).encode()))
    async with asyncio.timeout(20):
        while len(done) < 13:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert most["step"] == 1
    assert 1 < most["other"] <= 4


async def test_handlers_of_one_queue_are_ordered_together_or_not_at_all() -> None:
    @MessageBusController()
    class Mixed:
        @MessageHandler(Step, ordered=True)
        async def step(self, message: MessageOf[Step]) -> None: ...

        @MessageHandler(Other)
        async def other(self, message: MessageOf[Other]) -> None: ...

    rows = (
        route(
            operation="step",
            queue="mixed",
            binding_keys=("step",),
            message=Step,
            controller=Mixed,
            handler=Mixed.step,
        ),
        route(
            operation="other",
            queue="mixed",
            binding_keys=("other",),
            message=Other,
            controller=Mixed,
            handler=Mixed.other,
        ),
    )
    with pytest.raises(ConfigurationError, match=r"Mixed\.other is not ordered"):
        topology_of(service_of(*rows))
    with pytest.raises(ValueError, match="concurrency"):
        MessageHandler(Step, ordered=True, concurrency=2)


async def test_a_handler_of_a_union_counts_its_messages_together(bench: Bench) -> None:
    running, most, seen = 0, 0, set()

    class Both:
        @MessageHandler(Step, Other, concurrency=2)
        async def both(self, message: MessageOf[Step | Other]) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            seen.add((type(message.payload()), message.payload().number))

    rows = [
        route(
            operation="both",
            queue=bench.name,
            binding_keys=(bench.key,),
            message=kind,
            controller=Both,
            handler=Both.both,  # type: ignore[arg-type]
        )
        for kind in (Step, Other)
    ]
    worker = await started(bench, service_of(*rows))
    transport = await bench.connect()
    for number in range(10):
        for kind in (Step, Other):
            body, named = kind(number=number).encode(), Properties(type=kind.MESSAGE_NAME)
            await transport.publish(message(bench.key, body, properties=named, mandatory=True))
    async with asyncio.timeout(PATIENCE):
        while len(seen) < 20:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert most == 2
