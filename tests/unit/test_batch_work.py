"""A batch by itself: what lasts of its call, whom a failure costs an attempt, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jararaca import Message, MessageHandler, MessageOf, ShuttingDownError, route
from jararaca.application.unit_of_work import Work
from jararaca.errors import HandlerCrashedError, UnroutableError
from jararaca.handlers.current_work import current_work
from jararaca.handlers.decorators import spec_of
from jararaca.handling.batching.batch_work import BatchWork
from jararaca.handling.batching.batches import Batches
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DONE, DeadLetter, Decision
from jararaca.handling.handler_result import Failed, Returned, ShutDown
from jararaca.messages.message import current_publisher
from jararaca.transport import Delivery, Properties, Publication

Call = Callable[[list[MessageOf[Any]]], Awaitable[None]]
PATIENCE = 20


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"


class Jobs:
    @MessageHandler(Job, batch=4, within=0.01, requeue_on_exception=False)
    async def many(self, messages: list[MessageOf[Job]]) -> None: ...

    @MessageHandler(Job)
    async def one(self, message: MessageOf[Job]) -> None: ...


def bound(method: Any, call: Any) -> BoundHandler:
    row = route(
        operation="work",
        queue="jobs",
        binding_keys=("job",),
        message=Job,
        controller=Jobs,
        handler=method,
    )
    return BoundHandler(row, spec_of(method), call)


def message(number: int = 0) -> MessageOf[Any]:
    delivery = Delivery("jobs", "job", "", b"%d" % number, Properties(), {}, False, number)
    return MessageOf(Job(), delivery, {}, 1)


class Broker:
    """What was sent; topics that are `missing` have no queue."""

    def __init__(self, *missing: str) -> None:
        self.sent: list[str] = []
        self._missing = missing

    async def publish(self, publication: Publication) -> None:
        if publication.routing_key in self._missing:
            raise UnroutableError("no such queue")
        self.sent.append(publication.routing_key)


def host(around: Any = None) -> Any:
    return SimpleNamespace(around=around, stopping=asyncio.Event(), paused={}, app_id=None)


def batch_of(call: Call, broker: Broker, at: Any = None, size: int = 2) -> BatchWork:
    some = [message(number) for number in range(size)]
    return BatchWork(cast(Any, broker), at, bound(Jobs.many, call), some)


async def test_what_a_batch_publishes_goes_out_once_and_what_is_to_follow_follows() -> None:
    broker, order = Broker(), list[str]()

    async def call(messages: list[MessageOf[Any]]) -> None:
        assert current_work.get() is made and current_publisher.get() is made.publisher
        made.publisher.stage(Publication("told", b""))

        async def commit() -> None:
            order.append(f"commit before {broker.sent}")

        async def follow() -> None:
            order.append(f"follow after {broker.sent}")

        made.on_commit(commit)
        made.on_done(follow)

    made = batch_of(call, broker)
    assert await made.run() == Returned(settled=True)
    assert order == ["commit before []", "follow after ['told']"] and made.ended
    assert current_work.get(None) is not made and current_publisher.get(None) is not made.publisher


async def test_nothing_of_a_batch_that_failed_is_sent_or_follows() -> None:
    broker, followed = Broker(), list[str]()

    async def call(messages: list[MessageOf[Any]]) -> None:
        async def follow() -> None:
            followed.append("followed")

        made.publisher.stage(Publication("told", b""))
        made.on_done(follow)
        raise ValueError("broken")

    made = batch_of(call, broker)
    result = await made.run()
    assert isinstance(result, Failed) and isinstance(result.error, ValueError)
    assert (made.publisher.staged, broker.sent, made.committed) == (0, [], False)
    await made.finish()
    assert followed == []


def test_only_a_message_of_the_batch_can_be_given_up() -> None:
    async def call(messages: list[MessageOf[Any]]) -> None: ...

    made, error = batch_of(call, Broker()), ValueError("not this one")
    made.fail(made.messages[1], error)
    assert made.failures == {id(made.messages[1]): error}
    with pytest.raises(ValueError, match="of the batch that is being handled"):
        made.fail(message(1), error)


async def test_an_error_after_the_commit_is_told_and_the_batch_has_been_handled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @asynccontextmanager
    async def around(work: Work) -> AsyncIterator[None]:
        yield
        raise OSError("while it closed")

    async def call(messages: list[MessageOf[Any]]) -> None:
        made.publisher.stage(Publication("told", b""))

    made = batch_of(call, broker := Broker(), host(around))
    assert await made.run() == Returned(settled=True)
    assert broker.sent == ["told"] and "an error after the commit" in caplog.text


async def test_a_batch_whose_publication_has_no_queue_is_not_handled_twice() -> None:
    """What it did has lasted: it is tried again by the policy, and not in halves at once."""
    calls: list[int] = []

    async def call(messages: list[MessageOf[Any]]) -> None:
        calls.append(len(messages))
        cast(Any, current_publisher.get()).stage(Publication("nowhere", b""))

    handler = bound(Jobs.many, call)
    batches = Batches(cast(Any, None), [handler], cast(Any, Broker("nowhere")), None)
    tries = (batches(handler, message(number)) for number in range(4))
    decisions = await asyncio.wait_for(asyncio.gather(*tries), PATIENCE)
    assert calls == [4]
    assert all(isinstance(each.error, UnroutableError) for each in decisions)


async def test_a_message_that_fails_alone_is_the_only_one_that_has_failed() -> None:
    calls: list[list[bytes]] = []

    async def call(messages: list[MessageOf[Any]]) -> None:
        calls.append([each.delivery.body for each in messages])
        if b"2" in calls[-1]:
            raise ValueError("two")

    handler = bound(Jobs.many, call)
    batches = Batches(cast(Any, None), [handler], cast(Any, Broker()), None)
    tries = (batches(handler, message(number)) for number in range(4))
    decisions = await asyncio.wait_for(asyncio.gather(*tries), PATIENCE)
    assert calls == [[b"0", b"1", b"2", b"3"], [b"0", b"1"], [b"2", b"3"], [b"2"], [b"3"]]
    assert [each.settlement is DONE for each in decisions] == [True, True, False, True]
    assert isinstance(decisions[2].settlement, DeadLetter)
    assert [each.error is None for each in decisions] == [True, True, False, True]


async def test_a_handler_of_single_messages_in_the_same_queue_takes_no_batches() -> None:
    async def call(messages: Any) -> None:
        raise AssertionError("nothing is for the batches")

    async def single(handler: BoundHandler, given: MessageOf[Any]) -> Decision:
        return Decision(given.delivery, DONE, handler)

    one, given = bound(Jobs.one, call), message()
    batches = Batches(single, [one, bound(Jobs.many, call)], cast(Any, Broker()), host())
    decision = await batches(one, given)
    assert (decision.delivery, decision.handler) == (given.delivery, one)


@pytest.mark.parametrize("paused", [True, False])
async def test_the_messages_of_a_paused_handler_go_one_by_one(paused: bool) -> None:
    sizes: list[int] = []

    async def call(messages: list[MessageOf[Any]]) -> None:
        sizes.append(len(messages))

    handler, at = bound(Jobs.many, call), host()
    if paused:
        at.paused[handler.name] = "the dependency is out"
    batches = Batches(cast(Any, None), [handler], cast(Any, Broker()), at)
    tries = (batches(handler, message(number)) for number in range(4))
    await asyncio.wait_for(asyncio.gather(*tries), PATIENCE)
    assert sizes == ([1, 1, 1, 1] if paused else [4])


@pytest.mark.parametrize("stopping", [True, False])
async def test_a_batch_that_gives_way_to_a_shutdown_goes_back_and_by_hand_has_failed(
    stopping: bool,
) -> None:
    async def call(messages: list[MessageOf[Any]]) -> None:
        raise ShuttingDownError("by hand, or not")

    made = batch_of(call, Broker(), at := host())
    if stopping:
        at.stopping.set()
    result = await made.run()
    assert isinstance(result, ShutDown if stopping else Failed)
    result = await batch_of(call, Broker()).run()
    assert isinstance(result, Failed), "without a host nothing stops"


@pytest.mark.parametrize("stopping", [True, False])
async def test_only_a_worker_that_stops_ends_the_task_of_a_batch(stopping: bool) -> None:
    at = host()

    async def call(messages: list[MessageOf[Any]]) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        task.cancel()
        await asyncio.sleep(PATIENCE)

    async def deliver() -> tuple[Any, int]:
        result = await batch_of(call, Broker(), at).run()
        await asyncio.sleep(0)  # A cancellation that was left over would end it here.
        task = asyncio.current_task()
        assert task is not None
        return result, task.cancelling()

    if stopping:
        at.stopping.set()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(deliver())
        return
    result, left = await asyncio.create_task(deliver())
    assert isinstance(result, Failed) and isinstance(result.error, HandlerCrashedError)
    assert left == 0
