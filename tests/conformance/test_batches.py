"""Batches: many messages in one call and one unit of work, where a bad one harms only itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any

import pytest
from jararaca import (
    HandlerCrashedError,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    NoDeliveryError,
    Publisher,
    RetryPolicy,
    Work,
    Worker,
    fail,
    reject,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import ONE_OF_EACH, PATIENCE, Bench, Inbox
from tests.support.services import service_of

Batch = list[MessageOf[Any]]
SIZE = 8


class Batched:
    """A worker with a handler of batches: its calls, and what became of the messages."""

    def __init__(
        self, bench: Bench, handle: Callable[[Batch], Awaitable[None]] | None = None, **more: Any
    ) -> None:
        class Job(Message):
            MESSAGE_TOPIC = bench.name
            MESSAGE_TYPE = "task"
            number: int

        calls: list[list[int]] = []
        self.calls, self.job, self._bench = calls, Job, bench
        self._warm = [-1] * (1 if "batch" in more else SIZE)
        self.told: list[Handled] = []
        interceptors = more.pop("interceptors", ())
        prefetch = more.pop("prefetch", 200)
        options = {"batch": SIZE, "within": 0.3, "retry": RetryPolicy(max_retries=0), **more}

        class Jobs:
            @MessageHandler(Job, **options)
            async def work(self, messages: list[MessageOf[Job]]) -> None:
                calls.append([each.payload().number for each in messages])
                if handle is not None:
                    await handle(messages)

        row = route(
            operation="work",
            queue=bench.name,
            binding_keys=(bench.name,),
            message=Job,
            controller=Jobs,
            handler=Jobs.work,
        )
        self.worker = Worker(
            Microservice(service_of(row), interceptors=interceptors),
            transport_for(bench.url),
            prefetch=prefetch,
            listener=self.told.append,
        )

    async def publish(self, *numbers: int) -> None:
        async with Publisher.connect(self._bench.url):
            await asyncio.gather(*(self.job(number=number).publish() for number in numbers))

    async def ended(self, count: int) -> dict[int, str]:
        """What became of the messages, by their numbers, once so many have been settled."""
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < count:
                await asyncio.sleep(0.02)
        found: dict[int, str] = {}
        for handled in self.told:
            assert handled.message is not None
            found[handled.message.number] = handled.outcome  # type: ignore[attr-defined]
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Batched]:
        """While the worker runs, with a batch handled: from then on the prefetch is whole."""
        await self.worker.start()
        try:
            await self.publish(*self._warm)
            await self.ended(len(self._warm))
            self.calls.clear()
            self.told.clear()
            yield self
        finally:
            await self.worker.stop()


def numbers_of(batch: Batch) -> list[int]:
    return [each.payload().number for each in batch]


async def test_what_comes_together_is_handled_together(bench: Bench) -> None:
    async with Batched(bench, concurrency=1).running() as batched:
        await batched.publish(*range(4 * SIZE))
        ended = await batched.ended(4 * SIZE)
    assert set(ended.values()) == {"handled"}
    assert sorted(chain.from_iterable(batched.calls)) == list(range(4 * SIZE))
    assert max(map(len, batched.calls)) == SIZE
    assert len(batched.calls) < 2 * SIZE


@ONE_OF_EACH
async def test_a_batch_that_is_not_full_goes_after_a_while(bench: Bench) -> None:
    async with Batched(bench, batch=1_000).running() as batched:
        await batched.publish(1, 2, 3)
        await batched.ended(3)
    assert sorted(chain.from_iterable(batched.calls)) == [1, 2, 3]


@ONE_OF_EACH
async def test_the_prefetch_has_room_for_a_batch(bench: Bench) -> None:
    async with Batched(bench, within=60.0, prefetch=2).running() as batched:
        await batched.publish(*range(SIZE))
        await batched.ended(SIZE)
    assert [len(call) for call in batched.calls] == [SIZE]


async def test_one_bad_message_costs_the_others_nothing(bench: Bench) -> None:
    async def handle(batch: Batch) -> None:
        if 3 in numbers_of(batch):
            raise ValueError("three")

    async with Batched(bench, handle, within=2.0).running() as batched:
        await batched.publish(*range(SIZE))
        ended = await batched.ended(SIZE)
    assert {number for number, outcome in ended.items() if outcome == "dead-lettered"} == {3}
    assert {each.attempt for each in batched.told} == {1}
    assert [3] in batched.calls, "it was not tried alone before it was given up"


@ONE_OF_EACH
async def test_what_a_failed_batch_did_has_not_lasted(bench: Bench) -> None:
    other = Bench(bench.url)
    transport = await other.declared()
    received = Inbox(transport.ack)
    await transport.consume(other.name, 10, received)

    class Made(Message):
        MESSAGE_TOPIC = other.key
        MESSAGE_TYPE = "event"
        numbers: list[int]

    async def handle(batch: Batch) -> None:
        await Made(numbers=numbers_of(batch)).publish()
        if 3 in numbers_of(batch):
            raise ValueError("three")

    commits: list[list[int]] = []

    @asynccontextmanager
    async def around(work: Work) -> AsyncIterator[None]:
        assert work.kind == "batch" and work.message is None

        async def commit() -> None:
            commits.append(numbers_of(list(work.messages)))

        work.on_commit(commit)
        yield

    async with Batched(bench, handle, within=2.0, interceptors=(around,)).running() as batched:
        commits.clear()
        await batched.publish(*range(SIZE))
        await batched.ended(SIZE)
    innocent = [each for each in range(SIZE) if each != 3]
    assert sorted(chain.from_iterable(commits)) == innocent
    published: list[int] = []
    while len(published) < SIZE + len(innocent):
        published += json.loads((await received.next()).body)["numbers"]
    assert sorted(published) == [-1] * SIZE + innocent
    assert received.waiting == 0
    await other.close()


@ONE_OF_EACH
async def test_a_handler_says_which_messages_have_failed(bench: Bench) -> None:
    async def handle(batch: Batch) -> None:
        for each in batch:
            if each.payload().number in (2, 5):
                fail(each, ValueError("not this one"))

    async with Batched(bench, handle, within=2.0).running() as batched:
        await batched.publish(*range(SIZE))
        ended = await batched.ended(SIZE)
    assert {number for number, outcome in ended.items() if outcome == "dead-lettered"} == {2, 5}
    assert [len(call) for call in batched.calls] == [SIZE], "the batch was handled again"


@ONE_OF_EACH
async def test_a_failure_is_tried_again_by_the_policy(bench: Bench) -> None:
    failed: list[int] = []

    async def handle(batch: Batch) -> None:
        for each in batch:
            if each.payload().number == 3 and not failed:
                failed.append(3)
                fail(each, ValueError("this once"))

    retry = RetryPolicy(max_retries=1, initial_delay=0.1)
    async with Batched(bench, handle, retry=retry).running() as batched:
        await batched.publish(3, 4)
        await batched.ended(3)
    outcomes = sorted((each.attempt, each.outcome) for each in batched.told)
    assert outcomes == [(1, "handled"), (1, "retried"), (2, "handled")]


@ONE_OF_EACH
async def test_what_is_no_exception_fails_the_message_alone(bench: Bench) -> None:
    async def handle(batch: Batch) -> None:
        if 3 in numbers_of(batch):
            raise SystemExit(1)

    async with Batched(bench, handle, within=2.0).running() as batched:
        await batched.publish(*range(SIZE))
        ended = await batched.ended(SIZE)
        await batched.publish(9)
        await batched.ended(SIZE + 1)
    assert {number for number, outcome in ended.items() if outcome == "dead-lettered"} == {3}
    reasons = {each.reason for each in batched.told if each.reason}
    assert len(reasons) == 1 and HandlerCrashedError.__name__ in reasons.pop()


@ONE_OF_EACH
async def test_an_outage_costs_no_attempt_and_is_not_divided(bench: Bench) -> None:
    out = asyncio.Event()
    sizes: list[int] = []

    async def handle(batch: Batch) -> None:
        sizes.append(len(batch))
        if -1 not in numbers_of(batch) and not out.is_set():
            if len(sizes) > 1:
                out.set()
            raise ConnectionError("the store is out")

    # The ninth waits for those that come back once the store is there again: they fill its batch.
    async with Batched(
        bench, handle, pause_on=(ConnectionError,), within=60.0
    ).running() as batched:
        sizes.clear()
        await batched.publish(*range(SIZE))
        await batched.publish(SIZE)
        ended = await batched.ended(SIZE + 1)
    assert set(ended.values()) <= {"handled", "given back"}
    assert {each.attempt for each in batched.told} == {1}
    assert sizes[:2] == [SIZE, 1], "it was divided, or a probe waited for others"


@ONE_OF_EACH
async def test_a_worker_that_stops_handles_what_it_has_at_once(bench: Bench) -> None:
    async with Batched(bench, within=600.0).running() as batched:
        await batched.publish(1, 2, 3)
        async with asyncio.timeout(PATIENCE):
            while batched.worker.in_flight < 3:
                await asyncio.sleep(0.02)
    assert sorted(chain.from_iterable(batched.calls)) == [1, 2, 3]
    assert [each.outcome for each in batched.told] == ["handled"] * 3


@ONE_OF_EACH
async def test_a_worker_that_may_not_wait_gives_the_batch_back(bench: Bench) -> None:
    begun = asyncio.Event()

    async def handle(batch: Batch) -> None:
        if -1 not in numbers_of(batch):
            begun.set()
            await asyncio.Event().wait()

    batched = Batched(bench, handle)
    batched.worker._shutdown_timeout = 0.1
    async with batched.running():
        await batched.publish(1, 2, 3)
        await asyncio.wait_for(begun.wait(), PATIENCE)
    assert "dead-lettered" not in {each.outcome for each in batched.told}
    again = Batched(bench)
    await again.worker.start()
    ended = await again.ended(3)
    await again.worker.stop()
    assert ended == {1: "handled", 2: "handled", 3: "handled"}


@ONE_OF_EACH
@pytest.mark.parametrize("may_finish", [True, False])
async def test_what_fails_of_a_batch_while_its_worker_stops_is_tried_again_and_nothing_else(
    bench: Bench, may_finish: bool
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def handle(batch: Batch) -> None:
        if -1 in numbers_of(batch):
            return
        for each in batch:
            if each.payload().number % 2:
                fail(each, ValueError("odd"))
        begun.set()
        await go.wait()

    policy = RetryPolicy(max_retries=2, initial_delay=0.1, jitter=0)
    first = Batched(bench, handle, retry=policy)
    first.worker._shutdown_timeout = PATIENCE if may_finish else 0.1
    async with first.running():
        await first.publish(*range(4))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        stopping = asyncio.create_task(first.worker.stop())
        await asyncio.sleep(0.2)
        if may_finish:
            go.set()
        await stopping
    told = await first.ended(len(first.told))
    if may_finish:
        assert told == {0: "handled", 1: "retried", 2: "handled", 3: "retried"}
    else:
        assert not {*told.values()} & {"handled", "retried"}
    again = Batched(bench, retry=policy)
    await again.worker.start()
    left = {1, 3} if may_finish else {*range(4)}
    ended = await again.ended(len(left))
    await again.worker.stop()
    assert ended == dict.fromkeys(left, "handled")


@ONE_OF_EACH
async def test_a_timeout_is_of_each_call(bench: Bench) -> None:
    async def handle(batch: Batch) -> None:
        if 3 in numbers_of(batch):
            await asyncio.sleep(60)

    async with Batched(bench, handle, timeout=0.2, within=2.0).running() as batched:
        await batched.publish(*range(4))
        ended = await batched.ended(4)
    assert ended == {0: "handled", 1: "handled", 2: "handled", 3: "dead-lettered"}


@ONE_OF_EACH
async def test_settling_one_delivery_is_refused(bench: Bench) -> None:
    seen: list[Exception] = []

    async def handle(batch: Batch) -> None:
        try:
            reject()
        except NoDeliveryError as error:
            seen.append(error)

    async with Batched(bench, handle).running() as batched:
        await batched.publish(1)
        await batched.ended(1)
    assert "fail(message, error)" in str(seen[-1])
    with pytest.raises(NoDeliveryError, match="inside a handler with batch="):
        fail(None, ValueError())  # type: ignore[arg-type]
