"""The testing kit's bus: what it promises to those who test handlers with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from jararaca import (
    ConfigurationError,
    Integration,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    NoHandlerError,
    RetryPolicy,
    UnroutableError,
    Work,
    reject,
    retry_later,
    route,
    use_publisher,
)
from jararaca.testing import BusyError, TestBus, bus_fixture, contract_cases
from jararaca.transport import Publication

from examples.shop.app import app as shop
from generated.shop import messages
from tests.support.partitions import Move, partitioned
from tests.support.quotes import GetQuote, OutOfStock, Quote, quotes
from tests.support.services import service_of

DAY = 86_400.0


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    name: str
    delay_: float = 0.0


class Done(Message):
    MESSAGE_TOPIC = "done"
    name: str


class Elsewhere(Message):
    MESSAGE_TOPIC = "elsewhere"
    MESSAGE_TYPE = "task"


SLOW = RetryPolicy(max_retries=2, initial_delay=DAY, max_delay=DAY, jitter=0)


def jobs(body: Any, **options: Any) -> Microservice:
    options.setdefault("retry", SLOW)

    @MessageBusController()
    class Jobs:
        @MessageHandler(Job, **options)
        async def work(self, message: MessageOf[Job]) -> None:
            await body(message)

        @MessageHandler(Done)
        async def note(self, message: MessageOf[Done]) -> None:
            """Nothing."""

    return Microservice(
        service_of(
            route(
                operation="work",
                queue="jobs",
                binding_keys=("job",),
                message=Job,
                controller=Jobs,
                handler=Jobs.work,
            ),
            route(
                operation="note",
                queue="notes",
                binding_keys=("done",),
                message=Done,
                controller=Jobs,
                handler=Jobs.note,
            ),
        ),
    )


async def test_what_is_published_is_handled_with_all_that_comes_of_it_once_it_settles() -> None:
    async def work(message: MessageOf[Job]) -> None:
        await asyncio.sleep(0.01)
        await Done(name=message.payload().name).publish()

    async with TestBus(jobs(work)) as bus:
        await bus.publish(Job(name="a"))
        await Job(name="b").publish()
        assert bus.outcomes == []
        await bus.settle()
        assert [job.name for job in bus.handled(Job)] == ["a", "b"]
        assert bus.published(Done) == bus.handled(Done) == [Done(name="a"), Done(name="b")]
        assert bus.published(Job) == []
        assert bus.retried == bus.dead_letters == bus.discarded == []
        assert len(bus.handled(Job, "jobs.<locals>.Jobs.work")) == 2
        assert bus.handled(Job, "another") == []
        bus.clear()
        assert bus.outcomes == []
        assert bus.published(Done) == []


async def test_a_failing_message_of_a_partitioned_channel_holds_up_its_key_alone() -> None:
    made: list[tuple[str, int]] = []

    @MessageBusController()
    class Moves:
        @MessageHandler(Move, retry=SLOW)
        async def move(self, message: MessageOf[Move]) -> None:
            move = message.payload()
            if (move.piece, move.number, message.attempt) == ("rook", 0, 1):
                raise ConnectionError("not now")
            made.append((move.piece, move.number))

    moves = route(
        operation="move",
        queue="moves",
        binding_keys=("move",),
        message=Move,
        controller=Moves,
        handler=Moves.move,
    )
    async with TestBus(Microservice(partitioned(service_of(moves)))) as bus:
        for number in range(2):
            for piece in ("rook", "queen", "pawn"):
                await bus.publish(Move(piece=piece, number=number))
        await bus.send(Publication("move", b'{"piece": "king", "number": 0}'))
        await bus.settle()
        assert {piece for piece, _ in made} == {"queen", "pawn", "king"}
        await bus.advance(DAY)
        for piece in ("rook", "queen", "pawn"):
            assert [number for found, number in made if found == piece] == [0, 1]
        assert [(each.queue, each.attempt) for each in bus.retried] == [("moves", 1)]


async def test_a_failure_is_tried_again_when_the_test_says_that_it_is_time() -> None:
    began = time.monotonic()

    async def fails(message: MessageOf[Job]) -> None:
        raise ConnectionError("not now")

    async with TestBus(jobs(fails)) as bus:
        await bus.publish(Job(name="a"))
        await bus.settle()
        assert (len(bus.retried), bus.dead_letters) == (1, [])
        assert bus.next_delay == pytest.approx(DAY, abs=1)
        await bus.advance(DAY / 2)
        assert len(bus.retried) == 1
        await bus.advance(DAY / 2)
        assert len(bus.retried) == 2
        await bus.advance(DAY)
        [letter] = bus.dead_letters
        assert letter.message == Job(name="a")
        assert letter.attempt == 3
        assert "given up after 3 attempts: ConnectionError: not now" in (letter.reason or "")
        assert bus.next_delay is None
    assert time.monotonic() - began < DAY


async def test_delays_of_a_handlers_own_happen_each_at_its_time_in_one_advance() -> None:
    order: list[str] = []

    async def work(message: MessageOf[Job]) -> None:
        order.append(message.payload().name)
        if message.payload().name == "first":
            await Job(name="after two hours").delay(7_200)
            await Job(name="after one hour").delay(3_600)
        if message.payload().name == "after one hour":
            await Job(name="after one hour and a half").delay(1_800)

    async with TestBus(jobs(work)) as bus:
        await bus.publish(Job(name="first"))
        await bus.advance(3_599)
        assert order == ["first"]
        await bus.advance(2 * 3_600)
        assert order[1:] == ["after one hour", "after one hour and a half", "after two hours"]


@pytest.mark.parametrize("order", [{"ordered": True}, {"ordered_by": lambda job: "all"}])
async def test_ordered_messages_wait_for_the_tests_time_too(order: dict[str, Any]) -> None:
    async def work(message: MessageOf[Job]) -> None:
        if message.payload().name == "a" and message.attempt == 1:
            retry_later(60)

    async with TestBus(jobs(work, **order), patience=3) as bus:
        await bus.publish(Job(name="a"))
        await bus.publish(Job(name="b"))
        await bus.settle()
        assert bus.handled(Job) == []
        await bus.advance(60)
        assert [job.name for job in bus.handled(Job)] == ["a", "b"]


async def test_what_is_given_up_is_seen_with_its_reason() -> None:
    async def work(message: MessageOf[Job]) -> None:
        if message.payload().name == "bad":
            reject("we do not do that")

    async with TestBus(jobs(work)) as bus:
        await bus.publish(Job(name="bad"))
        await bus.send(Publication("job", b"no JSON"))
        await bus.settle()
        refused, unreadable = bus.dead_letters
        assert refused.reason == "we do not do that"
        assert unreadable.message is None
        assert "not a valid Job" in (unreadable.reason or "")


async def test_a_task_for_another_service_is_taken_and_a_tasks_without_a_handler_is_told() -> None:
    async def work(message: MessageOf[Job]) -> None:
        await Elsewhere().publish()

    async with TestBus(jobs(work)) as bus:
        await bus.publish(Job(name="a"))
        await bus.settle()
        assert bus.published(Elsewhere) == [Elsewhere()]
        assert bus.dead_letters == bus.retried == []
        with pytest.raises(UnroutableError):
            await bus.publish(Elsewhere())


async def test_requests_of_the_application_are_answered_by_a_stand_in() -> None:
    answers: list[Quote | OutOfStock] = []

    async def work(message: MessageOf[Job]) -> None:
        answers.append(await GetQuote(item=message.payload().name).request(timeout=5))

    async with TestBus(jobs(work, retry=RetryPolicy(max_retries=0))) as bus:
        await bus.publish(Job(name="early"))
        await bus.settle()
        assert "NoHandlerError" in (bus.dead_letters[0].reason or "")
        await bus.answer(GetQuote, lambda asked: Quote(item=asked.item, price=len(asked.item)))
        await bus.publish(Job(name="lamp"))
        await bus.settle()
        assert answers == [Quote(item="lamp", price=4)]
        assert bus.published(GetQuote) == [GetQuote(item="early"), GetQuote(item="lamp")]


async def test_a_test_may_ask_the_application_itself() -> None:
    async def answer(message: MessageOf[GetQuote]) -> Quote:
        return Quote(item=message.payload().item, price=3)

    async with TestBus(quotes(answer)) as bus:
        assert await GetQuote(item="lamp").request(timeout=5) == Quote(item="lamp", price=3)
        with pytest.raises(ConfigurationError, match="handled by the application"):
            await bus.answer(GetQuote, OutOfStock(item="lamp"))


async def test_a_handler_that_never_ends_is_told_by_its_queue() -> None:
    async def work(message: MessageOf[Job]) -> None:
        await asyncio.Event().wait()

    async with TestBus(jobs(work), patience=0.2) as bus:
        await bus.publish(Job(name="a"))
        with pytest.raises(BusyError, match=r"still running: jobs\."):
            await bus.settle()


async def test_integrations_surround_the_handlers_and_are_waited_for() -> None:
    class Outbox(Integration):
        """Sends what was staged a moment after the commit, as a relay does."""

        def __init__(self) -> None:
            self.unsent = 0

        @asynccontextmanager
        async def around(self, work: Work) -> AsyncIterator[None]:
            async def commit() -> None:
                self.unsent += 1
                self.task = asyncio.create_task(self.send(work, work.publisher.take()))

            work.on_commit(commit)
            yield

        async def send(self, work: Work, publications: list[Publication]) -> None:
            await asyncio.sleep(0.05)
            assert work.host is not None
            for publication in publications:
                await work.host.transport.publish(publication)
            self.unsent -= 1

        async def idle(self) -> bool:
            return not self.unsent

    async def work(message: MessageOf[Job]) -> None:
        await Done(name="late").publish()

    app = jobs(work)
    async with TestBus(Microservice(*app.services, integrations=[Outbox()])) as bus:
        await bus.publish(Job(name="a"))
        await bus.settle()
        assert bus.handled(Done) == [Done(name="late")]
        async with bus.host.unit_of_work():
            await Done(name="of the test").publish()
        await bus.settle()
        assert [done.name for done in bus.handled(Done)] == ["late", "of the test"]


async def test_nothing_is_left_of_one_bus_for_the_next() -> None:
    async def work(message: MessageOf[Job]) -> None:
        retry_later(60)

    app = jobs(work)
    async with TestBus(app) as bus:
        await bus.publish(Job(name="a"))
    async with TestBus(app) as bus:
        await bus.advance(DAY)
        assert bus.outcomes == []
    with pytest.raises(Exception, match="no publisher is active"):
        use_publisher()


bus = bus_fixture(shop)


async def test_the_shop_takes_an_order_through_to_its_packing(bus: TestBus) -> None:
    from jararaca.testing import example

    order = example(messages.PlaceOrder)
    await order.publish()
    await bus.settle()
    assert len(bus.retried) == 1  # the payment provider asks to come back
    await bus.advance(1)
    [paid] = bus.published(messages.PaymentSucceeded)
    assert paid.order_id == order.order_id
    assert [pack.order_id for pack in bus.published(messages.PackOrder)] == [order.order_id]
    assert bus.dead_letters == []


@pytest.mark.parametrize("case", contract_cases(shop), ids=str)
async def test_every_handler_of_the_shop_takes_every_example(case: Any, bus: TestBus) -> None:
    outcome = await case.run(bus)
    assert outcome.outcome == "handled", outcome.reason
    assert outcome.message is not None


async def test_a_contract_case_runs_one_handler_and_tells_what_it_made_of_the_example() -> None:
    async def work(message: MessageOf[Job]) -> None:
        assert message.topic == "job"
        raise ValueError("cannot")

    cases = contract_cases(jobs(work))
    assert [str(case).partition("Jobs.")[2] for case in cases] == [
        "work-generated",
        "note-generated",
    ]
    async with TestBus(jobs(work)) as bus:
        outcome = await cases[0].run(bus)
        assert (outcome.outcome, outcome.attempt) == ("dead-lettered", 3)
        assert len(bus.outcomes) == 3


async def test_a_request_that_nobody_answers_is_told_in_a_test_too() -> None:
    async def work(message: MessageOf[Job]) -> None:
        """Nothing."""

    async with TestBus(jobs(work)):
        with pytest.raises(NoHandlerError):
            await GetQuote(item="lamp").request(timeout=5)
