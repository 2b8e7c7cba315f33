"""`shutdown_race`: who wins, and what becomes of the loser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Host,
    Integration,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    ShuttingDownError,
    Worker,
    is_shutting_down,
    route,
    shutdown_race,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import Consumer
from jararaca.transport.connect import transport_for
from jararaca.transport.memory import MemoryTransport

from tests.support.services import service_of


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    made = Host(Microservice(), transport_for(f"memory://{uuid4()}"))
    await made.start()
    yield made
    await made.stop()


async def test_outside_of_a_unit_of_work_nothing_shuts_down_and_the_race_is_a_plain_await() -> None:
    assert is_shutting_down() is False
    assert await shutdown_race(asyncio.sleep(0, "done")) == "done"


async def test_what_ends_before_the_shutdown_has_its_result_or_its_error(host: Host) -> None:
    async def fail() -> None:
        raise KeyError("theirs")

    async with host.unit_of_work():
        assert await shutdown_race(asyncio.sleep(0, "done")) == "done"
        with pytest.raises(KeyError, match="theirs"):
            await shutdown_race(fail())
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_the_shutdown_cancels_what_runs_and_waits_until_it_has_tidied_up(host: Host) -> None:
    tidied: list[str] = []

    async def work() -> None:
        try:
            host.stopping.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.append("up")

    async with host.unit_of_work():
        with pytest.raises(ShuttingDownError, match="shutting down"):
            await shutdown_race(work())
        assert is_shutting_down() and tidied == ["up"]


async def test_an_error_while_tidying_up_is_the_cause_and_a_result_is_kept(host: Host) -> None:
    async def breaks() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionError("cut")

    async def returns() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "half"
        return "whole"

    async with host.unit_of_work():
        asyncio.get_running_loop().call_soon(host.stopping.set)
        with pytest.raises(ShuttingDownError) as caught:
            await shutdown_race(breaks())
        assert isinstance(caught.value.__cause__, ConnectionError)
        host.stopping.clear()
        asyncio.get_running_loop().call_later(0.01, host.stopping.set)
        assert await shutdown_race(returns()) == "half"


async def test_nothing_begins_once_the_shutdown_has(host: Host) -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("never")

    host.stopping.set()
    async with host.unit_of_work():
        with pytest.raises(ShuttingDownError):
            await shutdown_race(work())
    assert begun == []


async def test_a_timeout_around_the_race_cancels_what_runs_too(host: Host) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async with host.unit_of_work():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await shutdown_race(work())
    assert ended == ["cancelled"]


class Job(Message):
    MESSAGE_TOPIC = "jobs"
    MESSAGE_TYPE = "task"


class SlowToCancel:
    """A consumer that goes on for a while after it was told not to, as over a slow network."""

    queue = "jobs"

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.careful = False

    async def be_careful(self, careful: bool) -> None:
        await self._consumer.be_careful(careful)

    async def cancel(self) -> None:
        await asyncio.sleep(0.2)
        await self._consumer.cancel()


class SlowTransport(MemoryTransport):
    """Its consumers are slow to be cancelled."""

    async def consume(self, *arguments: Any, **options: Any) -> Any:
        return SlowToCancel(await super().consume(*arguments, **options))


async def test_what_goes_back_while_consumers_are_still_being_cancelled_goes_back_once() -> None:
    begun = asyncio.Event()

    class Jobs:
        @MessageHandler(Job)
        async def work(self, message: MessageOf[Job]) -> None:
            begun.set()
            await shutdown_race(asyncio.Event().wait())

    row = route(
        operation="work",
        queue="jobs",
        binding_keys=("jobs",),
        message=Job,
        controller=Jobs,
        handler=Jobs.work,
    )
    url = f"memory://{uuid4()}"
    plain = transport_for(url)
    assert isinstance(plain, MemoryTransport)
    transport = SlowTransport(plain.broker)
    worker = Worker(Microservice(service_of(row)), transport)
    await worker.start()
    async with Publisher.connect(url):
        await Job().publish()
        await begun.wait()
        await worker.stop()
        await plain.connect()
        delivery = await plain.fetch("jobs")
        assert delivery is not None and delivery.token.stored.returned <= 2
        assert await plain.count(dead_letter_queue("jobs")) == 0
        await plain.close()


async def test_a_worker_that_stops_takes_nothing_new_while_it_drains() -> None:
    """Another one has it at once: it does not wait until this one has ended."""

    class Job(Message):
        MESSAGE_TOPIC = "job"
        MESSAGE_TYPE = "task"

    running, end = asyncio.Event(), asyncio.Event()

    class Jobs:
        @MessageHandler(Job)
        async def work(self, message: MessageOf[Job]) -> None:
            running.set()
            await end.wait()

    service = service_of(
        route(
            operation="work",
            queue="jobs",
            binding_keys=("job",),
            message=Job,
            controller=Jobs,
            handler=Jobs.work,
        )
    )
    url = f"memory://{uuid4()}"
    transport = transport_for(url)
    worker = Worker(Microservice(service), transport, prefetch=5)
    await worker.start()
    async with Publisher.connect(url):
        await Job().publish()
        await running.wait()
        assert worker.ready
        stopping = asyncio.create_task(worker.stop())
        await asyncio.sleep(0.01)
        assert not worker.ready, "nobody may send it anything while it drains"
        assert isinstance(transport, MemoryTransport)
        assert transport.broker.queue("jobs").consumers == []
        await Job().publish()
        assert await transport.count("jobs") == 1
        end.set()
        assert await stopping


class Starting(Integration):
    """Never has started; notes what becomes of it."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.begun = asyncio.Event()

    async def start(self, host: Host) -> None:
        """Wait for ever, and not for the first who asks it to end."""
        self.begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            self.notes.append("ended")


async def test_a_worker_that_is_told_to_stop_while_it_starts_does() -> None:
    starting, stop = Starting(), asyncio.Event()
    app = Microservice(service_of(), integrations=[starting])
    worker = Worker(app, transport_for(f"memory://{uuid4()}"))
    running = asyncio.create_task(worker.run(stop=stop))
    await starting.begun.wait()
    stop.set()
    assert await running is True
    assert starting.notes == ["ended"]
    assert worker.host.stopping.is_set() and not worker.host.started
