"""An outage is not the message's fault: messages wait for what is out, and spend no attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jararaca import (
    Host,
    Integration,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench
from tests.support.redis_server import RedisServer
from tests.support.services import service_of

COUNT = 5
Handle = Callable[[MessageOf[Any]], Awaitable[None]]


class Worked:
    """A worker with one handler, and what became of its deliveries."""

    def __init__(self, bench: Bench, handle: Handle, **more: Any) -> None:
        class Job(Message):
            MESSAGE_TOPIC = bench.name
            MESSAGE_TYPE = "task"
            number: int

        integrations = more.pop("integrations", ())
        backend_url = more.pop("backend_url", None)
        prefetch = more.pop("prefetch", 200)

        class Jobs:
            @MessageHandler(Job, **{"retry": RetryPolicy(max_retries=0), **more})
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
        self._bench = bench
        self.job = Job
        self.told: list[Handled] = []
        self.worker = Worker(
            Microservice(service_of(row), integrations=integrations),
            transport_for(bench.url),
            prefetch=prefetch,
            backend_url=backend_url,
            listener=self.told.append,
        )

    async def publish(self, *numbers: int) -> None:
        async with Publisher.connect(self._bench.url):
            for number in numbers:
                await self.job(number=number).publish()

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not check():
                await asyncio.sleep(0.02)

    async def outcomes(self, count: int) -> list[tuple[str, int]]:
        await self.until(lambda: len(self.told) >= count)
        await self.worker.stop()
        return sorted((each.outcome, each.attempt) for each in self.told)


@pytest.mark.parametrize("ordered", [False, True])
async def test_messages_wait_for_a_dependency_that_the_handler_names(
    bench: Bench, caplog: pytest.LogCaptureFixture, ordered: bool
) -> None:
    down = asyncio.Event()
    down.set()
    tries: list[int] = []

    async def handle(message: MessageOf[Any]) -> None:
        tries.append(message.attempt)
        if down.is_set():
            raise ConnectionRefusedError("the warehouse does not answer")

    worked = Worked(bench, handle, pause_on=(OSError,), ordered=ordered)
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    await worked.until(lambda: len(tries) > 1)
    assert not worked.worker.ready
    assert any("is paused" in reason for reason in await worked.worker.host.unready())
    assert worked.told == []
    down.clear()
    assert await worked.outcomes(COUNT) == [("handled", 1)] * COUNT
    assert caplog.text.count("is paused") == caplog.text.count("is resumed") == 1


async def test_a_message_that_fails_while_others_pass_is_to_blame_itself(bench: Bench) -> None:
    async def handle(message: MessageOf[Any]) -> None:
        if message.payload().number == 0:
            raise FileNotFoundError("its own file")

    worked = Worked(bench, handle, pause_on=(OSError,))
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    outcomes = await worked.outcomes(COUNT)
    assert outcomes == [("dead-lettered", 1)] + [("handled", 1)] * (COUNT - 1)


async def test_a_message_that_fails_while_others_pass_is_found_with_a_prefetch_of_one(
    bench: Bench,
) -> None:
    async def handle(message: MessageOf[Any]) -> None:
        if message.payload().number == 0:
            raise FileNotFoundError("its own file")

    worked = Worked(bench, handle, pause_on=(OSError,), prefetch=1)
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    await worked.until(lambda: any(each.outcome == "dead-lettered" for each in worked.told))
    await worked.until(lambda: len(worked.told) > COUNT)
    await worked.worker.stop()
    settled = [each for each in worked.told if each.outcome != "given back"]
    assert sorted((each.outcome, each.attempt) for each in settled) == [
        ("dead-lettered", 1),
        *[("handled", 1)] * (COUNT - 1),
    ]


async def test_two_messages_that_fail_do_not_hide_behind_each_other(bench: Bench) -> None:
    async def handle(message: MessageOf[Any]) -> None:
        if message.payload().number < 0:
            raise FileNotFoundError("its own file")

    worked = Worked(bench, handle, pause_on=(OSError,))
    await worked.worker.start()
    await worked.publish(-1, -2)
    for number in range(60):
        if sum(each.outcome == "dead-lettered" for each in worked.told) == 2:
            break
        await worked.publish(number)
        await asyncio.sleep(0.3)
    await worked.worker.stop()
    letters = [each for each in worked.told if each.outcome == "dead-lettered"]
    assert len(letters) == 2
    assert {each.message.number for each in letters} == {-1, -2}  # type: ignore[union-attr]


async def test_an_outage_with_a_prefetch_of_one_costs_no_attempt(bench: Bench) -> None:
    down = [True]
    tries: list[int] = []

    async def handle(message: MessageOf[Any]) -> None:
        tries.append(message.payload().number)
        if down[0]:
            raise ConnectionRefusedError("the warehouse does not answer")

    worked = Worked(bench, handle, pause_on=(OSError,), prefetch=1)
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    await worked.until(lambda: len(set(tries)) > 1)
    down[0] = False
    await worked.until(lambda: sum(each.outcome == "handled" for each in worked.told) == COUNT)
    await worked.worker.stop()
    assert {(each.outcome, each.attempt) for each in worked.told} <= {
        ("handled", 1),
        ("given back", 1),
    }


async def test_where_all_others_wait_the_limit_decides(bench: Bench) -> None:
    handled: list[int] = []

    async def handle(message: MessageOf[Any]) -> None:
        if message.payload().number == 0:
            raise FileNotFoundError("its own file")
        handled.append(message.payload().number)

    retry = RetryPolicy(max_retries=1, initial_delay=0.1)
    options: dict[str, Any] = {"pause_on": (OSError,), "pause_limit": 1.0, "retry": retry}
    worked = Worked(bench, handle, ordered=True, **options)
    await worked.worker.start()
    began = asyncio.get_running_loop().time()
    await worked.publish(*range(COUNT))
    outcomes = await worked.outcomes(COUNT + 1)
    assert outcomes == [("dead-lettered", 2), *[("handled", 1)] * (COUNT - 1), ("retried", 1)]
    assert handled == list(range(1, COUNT))
    assert asyncio.get_running_loop().time() - began > 1.0


class Warehouse(Integration):
    """Says whether it is ready."""

    def __init__(self) -> None:
        self.down = False
        self.asked = 0

    async def unready(self) -> str | None:
        self.asked += 1
        return "the warehouse is closed" if self.down else None


async def test_a_failure_while_an_integration_is_not_ready_waits_for_it(bench: Bench) -> None:
    warehouse = Warehouse()

    async def handle(message: MessageOf[Any]) -> None:
        if warehouse.down:
            raise KeyError("something odd")

    worked = Worked(bench, handle, integrations=[warehouse])
    await worked.worker.start()
    warehouse.down = True
    await worked.publish(*range(COUNT))
    await worked.until(lambda: warehouse.asked > 1)
    assert worked.told == [] and not worked.worker.ready
    warehouse.down = False
    assert await worked.outcomes(COUNT) == [("handled", 1)] * COUNT


async def test_a_failure_while_all_is_ready_is_the_messages_own(bench: Bench) -> None:
    async def handle(message: MessageOf[Any]) -> None:
        raise KeyError("something odd")

    worked = Worked(bench, handle, integrations=[Warehouse()], pause_on=(OSError,))
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    assert await worked.outcomes(COUNT) == [("dead-lettered", 1)] * COUNT


async def test_a_group_of_errors_that_are_all_outages_is_one(bench: Bench) -> None:
    down = [True]
    seen: list[int] = []

    async def handle(message: MessageOf[Any]) -> None:
        seen.append(1)
        if down[0]:
            raise ExceptionGroup("both", [OSError(), ExceptionGroup("one", [ConnectionError()])])

    worked = Worked(bench, handle, pause_on=(OSError,))
    await worked.worker.start()
    await worked.publish(1)
    await worked.until(lambda: len(seen) > 1)
    down[0] = False
    assert await worked.outcomes(1) == [("handled", 1)]


async def test_a_worker_that_stops_while_paused_hands_its_messages_back(bench: Bench) -> None:
    tries: list[int] = []

    async def handle(message: MessageOf[Any]) -> None:
        tries.append(message.attempt)
        raise OSError

    worked = Worked(bench, handle, pause_on=(OSError,))
    await worked.worker.start()
    await worked.publish(*range(COUNT))
    await worked.until(lambda: tries != [])
    assert await asyncio.wait_for(worked.worker.stop(), PATIENCE)
    assert {each.outcome for each in worked.told} == {"given back"}
    transport = await bench.connect()
    assert await transport.count(dead_letter_queue(bench.name)) == 0
    async with asyncio.timeout(PATIENCE):
        while await transport.count(bench.name) < COUNT:
            await asyncio.sleep(0.02)


async def test_idempotent_messages_outlive_a_redis_that_is_gone_for_a_while(
    bench: Bench, tmp_path: Path
) -> None:
    server = RedisServer(tmp_path)
    server.start()
    ran: list[int] = []
    try:

        async def handle(message: MessageOf[Any]) -> None:
            number = message.payload().number
            ran.append(number)
            if number == 0:
                # Gone between the look and the record.
                await asyncio.to_thread(server.stop)

        worked = Worked(bench, handle, idempotent=True, backend_url=server.url)
        await worked.worker.start()
        await worked.publish(0)
        await worked.until(lambda: ran == [0])
        await worked.publish(*range(1, COUNT))
        await asyncio.sleep(2)
        assert [each for each in worked.told if each.outcome != "handled"] == []
        await asyncio.to_thread(server.start)
        assert await worked.outcomes(COUNT) == [("handled", 1)] * COUNT
        assert sorted(ran) == list(range(COUNT)), "a message was handled twice"
    finally:
        server.stop()


async def test_the_host_tells_what_is_paused() -> None:
    host = Host(Microservice(), transport_for("memory://paused"))
    await host.start()
    assert await host.unready() == ()
    host.paused["Jobs.work"] = "Jobs.work is paused: OSError"
    assert await host.unready() == ("Jobs.work is paused: OSError",)
    await host.stop()
