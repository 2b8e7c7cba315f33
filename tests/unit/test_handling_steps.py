"""The steps of a delivery's way by themselves: timeout, record, the end of a try."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jararaca import BackendError, MessageOf
from jararaca.application.ended_work import ended_from_outside
from jararaca.application.threads import MOST_AT_ONCE, bounded
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.own_thread import is_own_thread
from jararaca.handlers.settlement import HandlerStopped, Reject
from jararaca.handling.attempt import attempt_once
from jararaca.handling.decision import DONE, Decision, Duplicate, Settlement
from jararaca.handling.delivery_work import DeliveryWork, _is_signal
from jararaca.handling.handler_result import Failed
from jararaca.handling.idempotency import REMEMBER_SECONDS, memory
from jararaca.handling.idempotency.memory import HandledInMemory
from jararaca.handling.middlewares.idempotency import Idempotency
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.timeout import STUBBORN_SECONDS, within
from jararaca.transport import Publication

from tests.support.asks import Ask, Asks, Told, Transport, bound, delivery
from tests.support.virtual_time import run


def work(transport: Any, call: Any, host: Any = None) -> DeliveryWork:
    return DeliveryWork(transport, host, bound(call=call), MessageOf(Ask(), delivery(), {}, 1))


async def answer(message: MessageOf[Any]) -> Told:
    """The usual handler."""
    return Told()


def test_a_handler_that_goes_on_after_its_timeout_is_named_once_it_has_had_time_to_tidy_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main(tidies: float) -> None:
        async def stubborn(message: Any) -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(tidies)

        with pytest.raises(TimeoutError, match="Asks took longer than 30 s"):
            await within(30, "Asks", stubborn)(cast(Any, None))
        assert asyncio.get_running_loop().time() == 30 + tidies
        await asyncio.sleep(2 * STUBBORN_SECONDS)

    run(main(STUBBORN_SECONDS - 1))
    assert caplog.records == []
    run(main(STUBBORN_SECONDS + 1))
    assert "Asks was cancelled at its timeout of 30 s but keeps running" in caplog.text


def test_a_handler_that_ends_in_time_is_not_told_of() -> None:
    async def main() -> None:
        async def slow(message: Any) -> str:
            await asyncio.sleep(1)
            raise TimeoutError("its own")

        with pytest.raises(TimeoutError, match="its own"):
            await within(30, "Asks", slow)(cast(Any, None))
        loop = cast(Any, asyncio.get_running_loop())
        assert [each for each in loop._scheduled if not each.cancelled()] == []

    run(main())


async def test_the_record_in_memory_forgets_the_oldest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "MEMORY_LIMIT", 2)
    record = HandledInMemory()
    for key in ("a", "b", "a"):
        await record.remember(key)
    assert [await record.was_handled(key) for key in "abc"] == [True, True, False]
    await record.remember("c")
    assert [await record.was_handled(key) for key in "abc"] == [True, False, True]
    later = time.monotonic() + REMEMBER_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not await record.was_handled("a")


@pytest.mark.parametrize(
    ("method", "message_id", "asked"),
    [(Asks.once, "id", 1), (Asks.once, None, 0), (Asks.answer, "id", 0)],
)
async def test_only_an_idempotent_handler_looks_whether_it_knows_an_id(
    method: Any, message_id: str | None, asked: int
) -> None:
    """A stranger's message may have none: nothing tells whether it has been handled."""
    keys: list[str] = []

    class Record(HandledInMemory):
        async def was_handled(self, key: str) -> bool:
            keys.append(key)
            return await super().was_handled(key)

    record = Record()
    for again in (False, True):
        message = MessageOf(Ask(), delivery(message_id=message_id), {}, 1)
        made = DeliveryWork(cast(Any, Transport()), None, bound(method, answer), message)
        idempotent = Idempotency(attempt_once, record, in_transaction=False)
        known = again and asked
        assert (await idempotent(made)).settlement == (Duplicate() if known else DONE)
    assert len(keys) == 2 * asked


def test_a_record_that_is_away_is_asked_again_later_and_later_until_a_stop() -> None:
    class Away:
        def __init__(self, stopping: asyncio.Event) -> None:
            self.times: list[float] = []
            self.stopping = stopping

        async def remember(self, key: str) -> None:
            self.times.append(asyncio.get_running_loop().time())
            if len(self.times) == 8:
                self.stopping.set()
            raise BackendError("Redis is away")

    class Host:
        around = None
        app_id = None

    async def main(*, hosted: bool) -> list[float]:
        host = cast(Any, Host())
        host.stopping = asyncio.Event()
        record = Away(host.stopping)
        idempotent = Idempotency(attempt_once, cast(Any, record), in_transaction=False)
        made = work(Transport(), answer, host if hosted else None)
        with pytest.raises(BackendError):
            await idempotent._remember(made, "key")
        return record.times

    assert run(main(hosted=True)) == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5]
    assert run(main(hosted=False)) == [0], "without a host nothing tells when to stop"


async def test_a_delivery_whose_worker_ends_is_given_back_before_its_task_ends() -> None:
    transport = Transport()
    pipeline = cast(Any, Pipeline.__new__(Pipeline))
    pipeline._transport = transport

    async def cut_off(handler: Any, message: Any) -> Decision:
        raise asyncio.CancelledError

    pipeline._try = cut_off
    message = MessageOf(Ask(), delivery(), {}, 1)
    with pytest.raises(asyncio.CancelledError):
        await pipeline._at_once(bound(), message)
    assert transport.requeued == [message.delivery]


async def test_what_is_to_follow_follows_though_nothing_was_published() -> None:
    done: list[str] = []

    async def handle(message: MessageOf[Any]) -> None:
        async def follow() -> None:
            done.append("followed")

        made.on_done(follow)

    row = bound(call=handle)
    object.__setattr__(row, "replies", False)
    made = DeliveryWork(cast(Any, Transport()), None, row, MessageOf(Ask(), delivery(), {}, 1))
    assert (await attempt_once(made)).settlement is DONE
    assert done == ["followed"]


async def test_an_ack_sends_what_was_published_before_it() -> None:
    transport = Transport()
    made = work(transport, answer)
    made.publisher.stage(Publication("before", b""))
    await made.acknowledge()
    assert [each.routing_key for each in transport.published] == ["before"]
    assert transport.acked == [made.message.delivery] and made.acknowledged


def test_a_handler_that_stopped_is_found_within_a_group() -> None:
    assert _is_signal(HandlerStopped())
    group = BaseExceptionGroup(
        "group", [ValueError(), BaseExceptionGroup("in", [HandlerStopped()])]
    )
    assert _is_signal(group) and not _is_signal(ValueError())


@pytest.mark.parametrize("way", ["another task", "a thread"])
async def test_a_handler_that_another_settles_for_is_ended_and_its_task_goes_on(way: str) -> None:
    made: list[DeliveryWork] = []
    settled = asyncio.Event()

    async def wait(message: MessageOf[Any]) -> None:
        settled.set()
        await asyncio.Event().wait()

    async def deliver() -> tuple[Settlement, int]:
        made.append(work(Transport(), wait))
        decision = await attempt_once(made[0])
        await asyncio.sleep(0)  # A cancellation that was left over would end it here.
        task = asyncio.current_task()
        assert task is not None
        return decision.settlement, task.cancelling()

    task = asyncio.create_task(deliver())
    await settled.wait()
    if way == "a thread":
        assert not is_own_thread()
        await asyncio.to_thread(made[0].interrupt)
    else:
        made[0].interrupt()
    _, cancelling = await asyncio.wait_for(task, 20)
    assert cancelling == 0 and made[0].interrupted


async def test_one_that_is_settled_for_while_the_worker_stops_has_not_been_cut_off() -> None:
    """Its cancellation is its own: its task goes on, and settles the message as it was asked."""
    begun = asyncio.Event()

    async def wait(message: MessageOf[Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    host = SimpleNamespace(around=None, stopping=asyncio.Event(), app_id=None)
    host.stopping.set()
    made = work(Transport(), wait, host)
    task = asyncio.create_task(made.run())
    await begun.wait()
    made.settle_as(Reject("not mine"))
    made.interrupt()
    assert await asyncio.wait_for(task, 20) == Reject("not mine")


async def test_an_error_of_a_handler_that_is_cut_off_is_its_failure() -> None:
    """As where it fails while it tidies up: the task goes on, and settles the message."""
    begun = asyncio.Event()

    async def tidy_up(message: MessageOf[Any]) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("while it tidied up")

    task = asyncio.create_task(work(Transport(), tidy_up).run())
    await begun.wait()
    task.cancel()
    result = await asyncio.wait_for(task, 20)
    assert isinstance(result, Failed) and isinstance(result.error, ValueError)


async def test_a_handler_that_cancels_its_own_task_has_failed_and_the_task_goes_on() -> None:
    async def cancel(message: MessageOf[Any]) -> None:
        task = asyncio.current_task()
        assert task is not None
        for _ in range(2):
            task.cancel()
        await asyncio.Event().wait()

    async def deliver() -> tuple[Any, int]:
        host = SimpleNamespace(around=None, stopping=asyncio.Event(), app_id=None)
        result = await work(Transport(), cancel, host).run()
        task = asyncio.current_task()
        assert task is not None
        await asyncio.sleep(0)  # A cancellation that was left over would end it here.
        return result, task.cancelling()

    result, left = await asyncio.wait_for(asyncio.create_task(deliver()), 20)
    assert isinstance(result, Failed) and left == 0


def test_a_handler_in_threads_has_no_more_at_once_than_there_are() -> None:
    assert bounded(spec_of(Asks.in_a_thread), Asks.in_a_thread).concurrency == MOST_AT_ONCE
    assert bounded(spec_of(Asks.some), Asks.some).concurrency == 3
    assert bounded(spec_of(Asks.in_order), Asks.in_order).concurrency is None
    assert bounded(spec_of(Asks.answer), Asks.answer).concurrency is None


async def test_a_worker_that_ends_keeps_its_cancellation() -> None:
    begun = asyncio.Event()

    async def wait(message: MessageOf[Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def deliver() -> int:
        task = asyncio.current_task()
        assert task is not None
        try:
            await attempt_once(work(Transport(), wait))
        except asyncio.CancelledError:
            return task.cancelling()
        return -1

    task = asyncio.create_task(deliver())
    await begun.wait()
    task.cancel()
    assert await asyncio.wait_for(task, 20) == 1


def test_outside_of_a_task_what_ends_a_coroutine_comes_from_outside() -> None:
    assert ended_from_outside(GeneratorExit()) and ended_from_outside(asyncio.CancelledError())
    assert not ended_from_outside(SystemExit())


async def test_in_a_task_a_handler_may_raise_these_itself() -> None:
    for error in (GeneratorExit(), asyncio.CancelledError(), ValueError()):
        assert not ended_from_outside(error)
