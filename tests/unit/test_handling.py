"""What handlers may do with a delivery, over the memory transport: the promises about settling."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    AlreadySettledError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    NoDeliveryError,
    NoPublisherError,
    Publisher,
    PublishNackedError,
    PublishTimeoutError,
    RetryPolicy,
    Worker,
    ack,
    nack,
    reject,
    retry,
    retry_later,
    route,
    stub,
    use_publisher,
)
from jararaca.handlers.outcome import Handled
from jararaca.handling.middlewares.ordering import Pause, pause_for
from jararaca.messagebus.default_exchange import NOWHERE
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.support.services import service_of


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    number: int = 0


class Noted(Message):
    MESSAGE_TOPIC = "noted"


Body = Callable[[MessageOf[Job]], Awaitable[None]]
QUICK = RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0)


class Bench:
    """A worker with one handler of the test's own, and a note of what became of each delivery."""

    def __init__(self, body: Body, *, pause: Pause = pause_for, **options: Any) -> None:
        options.setdefault("retry", QUICK)

        @MessageBusController()
        class Jobs:
            @MessageHandler(Job, **options)
            async def work(self, message: MessageOf[Job]) -> None:
                await body(message)

            @MessageHandler(Noted)
            async def note(self, message: MessageOf[Noted]) -> None:
                notes.append(message.properties.message_id)

        notes: list[str | None] = []
        self.notes = notes
        self.handled: list[Handled] = []
        self.url = f"memory://{uuid4()}"
        self._arrived = asyncio.Event()
        service = service_of(
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
                binding_keys=("noted",),
                message=Noted,
                controller=Jobs,
                handler=Jobs.note,
            ),
        )
        self.transport = transport_for(self.url)
        self.worker = Worker(
            Microservice(service),
            self.transport,
            shutdown_timeout=0.2,
            listener=self._listen,
            pause=pause,
        )

    async def run(self, *messages: Message, until: int) -> list[str]:
        """Publish and wait for so many settlements; the outcomes of the `jobs` queue."""
        await self.worker.start()
        async with Publisher.connect(self.url):
            for message in messages:
                await message.publish()
            async with asyncio.timeout(5):
                while len(self.handled) < until:
                    await self._arrived.wait()
                    self._arrived.clear()
        await self.worker.stop()
        return [each.outcome for each in self.handled if each.queue == "jobs"]

    def _listen(self, handled: Handled) -> None:
        self.handled.append(handled)
        self._arrived.set()


async def test_a_handler_that_returns_has_handled_its_message() -> None:
    seen: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        seen.append(message.payload().number)

    assert await Bench(body).run(Job(number=7), until=1) == ["handled"]
    assert seen == [7]


async def test_a_handler_that_raises_is_tried_again_and_then_dead_lettered() -> None:
    attempts: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        attempts.append(message.attempt)
        raise ValueError("broken")

    bench = Bench(body)
    assert await bench.run(Job(), until=2) == ["retried", "dead-lettered"]
    assert attempts == [1, 2]
    assert bench.handled[-1].reason == "given up after 2 attempts: ValueError: broken"


async def test_a_retried_message_keeps_its_identity_and_topic() -> None:
    seen: list[tuple[str | None, str]] = []

    async def body(message: MessageOf[Job]) -> None:
        seen.append((message.properties.message_id, message.topic))
        if message.attempt == 1:
            raise ValueError

    await Bench(body).run(Job(), until=2)
    assert seen[0] == seen[1]
    assert seen[0][1] == "job"


async def test_a_handler_past_its_timeout_is_cancelled_and_follows_its_policy() -> None:
    cancelled: list[bool] = []

    async def body(message: MessageOf[Job]) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    bench = Bench(body, timeout=0.05)
    assert await bench.run(Job(), until=2) == ["retried", "dead-lettered"]
    assert cancelled == [True, True]


@pytest.mark.parametrize("stop", [nack, reject, retry, lambda: retry_later(0.1)])
async def test_a_settlement_ends_the_handler_and_drops_what_it_published(
    stop: Callable[[], None],
) -> None:
    after: list[bool] = []

    async def body(message: MessageOf[Job]) -> None:
        if message.delivery.headers.get("x-jararaca-topic") is None:
            await Noted().publish()
            stop()
            after.append(True)

    bench = Bench(body)
    until = 1 if stop is reject else 2
    outcomes = await bench.run(Job(), until=until)
    assert outcomes == (["dead-lettered"] if stop is reject else ["retried", "handled"])
    assert after == []
    assert bench.notes == []


@pytest.mark.parametrize("how", ["task", "group", "thread", "caught"])
async def test_a_settlement_works_from_anywhere_inside_the_handler(how: str) -> None:
    after: list[bool] = []

    async def child() -> None:
        reject("from a child")

    async def body(message: MessageOf[Job]) -> None:
        match how:
            case "task":
                await asyncio.gather(asyncio.create_task(child()), asyncio.sleep(5))
            case "group":
                async with asyncio.TaskGroup() as group:
                    group.create_task(child())
                    await asyncio.sleep(5)
            case "thread":
                await asyncio.gather(
                    asyncio.to_thread(lambda: reject("from a child")), asyncio.sleep(5)
                )
            case "caught":
                try:
                    await child()
                except Exception:
                    after.append(True)
        after.append(True)

    bench = Bench(body)
    assert await bench.run(Job(), until=1) == ["dead-lettered"]
    assert bench.handled[0].reason == "from a child"
    assert after == []


async def test_ack_settles_and_the_handler_goes_on() -> None:
    after: list[bool] = []

    async def body(message: MessageOf[Job]) -> None:
        await ack()
        after.append(True)
        raise ValueError("too late to matter")

    assert await Bench(body).run(Job(), until=1) == ["handled"]
    assert after == [True]


async def test_settling_twice_is_an_error() -> None:
    errors: list[Exception] = []

    async def body(message: MessageOf[Job]) -> None:
        await ack()
        try:
            reject()
        except AlreadySettledError as error:
            errors.append(error)

    assert await Bench(body).run(Job(), until=1) == ["handled"]
    assert len(errors) == 1


async def test_without_auto_ack_a_handler_that_forgets_to_settle_has_failed() -> None:
    async def body(message: MessageOf[Job]) -> None:
        return None

    assert await Bench(body, auto_ack=False).run(Job(), until=2) == ["retried", "dead-lettered"]


async def test_publications_go_out_when_the_handler_succeeded_and_not_when_it_failed() -> None:
    async def body(message: MessageOf[Job]) -> None:
        await Noted().publish()
        if message.attempt == 1:
            raise ValueError

    bench = Bench(body)
    assert await bench.run(Job(), until=3) == ["retried", "handled"]
    assert len(bench.notes) == 1


async def test_an_exception_handler_may_settle() -> None:
    seen: list[Exception] = []

    async def on_error(message: MessageOf[Job], error: Exception) -> None:
        seen.append(error)
        await ack()

    async def body(message: MessageOf[Job]) -> None:
        await Noted().publish()
        raise ValueError("mine")

    bench = Bench(body, exception_handler=on_error)
    assert await bench.run(Job(), until=1) == ["handled"]
    assert str(seen[0]) == "mine"
    assert bench.notes == []


@pytest.mark.parametrize("body", [b"not json", b'{"number": "x"}', b"[]", b"\xff"])
async def test_a_body_that_does_not_fit_never_reaches_a_handler(body: bytes) -> None:
    calls: list[int] = []

    async def work(message: MessageOf[Job]) -> None:
        calls.append(message.payload().number)

    bench = Bench(work)
    await bench.worker.start()
    transport = transport_for(bench.url)
    await transport.connect()
    await transport.publish(Publication("job", body))
    await transport.publish(Publication("job", b'{"number": 1}'))
    async with asyncio.timeout(5):
        while len(bench.handled) < 2:
            await asyncio.sleep(0.01)
    await transport.close()
    await bench.worker.stop()
    assert sorted(each.outcome for each in bench.handled) == ["dead-lettered", "handled"]
    assert calls == [1]


async def test_what_is_not_done_in_time_goes_back_to_its_queue() -> None:
    started = asyncio.Event()

    async def body(message: MessageOf[Job]) -> None:
        started.set()
        await asyncio.sleep(60)

    bench = Bench(body)
    await bench.worker.start()
    async with Publisher.connect(bench.url):
        await Job(number=3).publish()
        await started.wait()
        assert await bench.worker.stop() is False
        second = transport_for(bench.url)
        await second.connect()
        got: asyncio.Queue[bytes] = asyncio.Queue()

        async def take(delivery: object) -> None:
            await got.put(delivery.body)  # type: ignore[attr-defined]

        await second.consume("jobs", 1, take)
        assert await asyncio.wait_for(got.get(), 2) == b'{"number":3}'
        await second.close()


async def test_a_stub_is_not_consumed_and_named() -> None:
    @MessageBusController()
    class Jobs:
        @stub
        @MessageHandler(Job)
        async def later(self, message: MessageOf[Job]) -> None: ...

    row = route(
        operation="later",
        queue="later",
        binding_keys=("job",),
        message=Job,
        controller=Jobs,
        handler=Jobs.later,
    )
    worker = Worker(Microservice(service_of(row)), transport_for(f"memory://{uuid4()}"))
    assert worker.consumed == ()
    assert worker.stubs == (row,)


async def test_outside_of_a_handler_the_context_says_what_to_do() -> None:
    with pytest.raises(NoPublisherError, match="Publisher.connect"):
        use_publisher()
    with pytest.raises(NoPublisherError):
        await Job().publish()
    with pytest.raises(NoDeliveryError):
        reject()


async def test_an_idempotent_handler_handles_a_message_id_once() -> None:
    seen: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        seen.append(message.payload().number)

    bench = Bench(body, idempotent=True)
    await bench.worker.start()
    async with Publisher.connect(bench.url):
        for number in (1, 2):
            await Job(number=number).publish(message_id="the-same")
            async with asyncio.timeout(5):
                while len(bench.handled) < number:
                    await asyncio.sleep(0.01)
        await Job(number=3).publish()
        async with asyncio.timeout(5):
            while len(bench.handled) < 3:
                await asyncio.sleep(0.01)
    await bench.worker.stop()
    assert [each.outcome for each in bench.handled] == ["handled", "duplicate", "handled"]
    assert seen == [1, 3]


async def test_an_idempotent_handler_waits_for_the_same_message_that_is_under_way() -> None:
    seen: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        await asyncio.sleep(0.05)
        seen.append(message.payload().number)

    bench = Bench(body, idempotent=True)
    await bench.worker.start()
    async with Publisher.connect(bench.url):
        for number in (1, 2):
            await Job(number=number).publish(message_id="the-same")
        async with asyncio.timeout(5):
            while len(bench.handled) < 2:
                await asyncio.sleep(0.01)
    await bench.worker.stop()
    assert [each.outcome for each in bench.handled] == ["handled", "duplicate"]
    assert seen == [1]


async def test_a_publication_that_fails_is_the_handlers_failure_and_nothing_is_acked() -> None:
    """A task that no queue takes: the message that asked for it is not done."""

    class Unheard(Message):
        MESSAGE_TOPIC = "unheard"
        MESSAGE_TYPE = "task"

    async def body(message: MessageOf[Job]) -> None:
        await Unheard().publish()

    bench = Bench(body)
    assert await bench.run(Job(), until=2) == ["retried", "dead-lettered"]
    assert "UnroutableError" in (bench.handled[-1].reason or "")


async def test_retry_from_a_child_task_counts_and_never_spins() -> None:
    attempts: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        attempts.append(message.attempt)

        async def child() -> None:
            retry()

        await asyncio.gather(child(), asyncio.sleep(5))

    assert await Bench(body).run(Job(), until=2) == ["retried", "dead-lettered"]
    assert attempts == [1, 2]


@pytest.mark.parametrize(
    "policy", [RetryPolicy(max_retries=0), QUICK], ids=["dead letter", "retry"]
)
async def test_a_delivery_is_acked_only_once_its_next_place_is_confirmed(
    policy: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jararaca.handling.settling.BROKER_PAUSE", 0.01)
    refusals = [PublishTimeoutError("no confirm came"), PublishNackedError("refused")]
    tries: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        tries.append(message.attempt)
        raise ValueError("it fails each time")

    bench = Bench(body, retry=policy)
    transport = bench.transport
    publish = transport.publish

    async def unwilling(publication: Publication) -> None:
        if publication.exchange == "" and publication.routing_key != NOWHERE and refusals:
            raise refusals.pop()
        await publish(publication)

    monkeypatch.setattr(transport, "publish", unwilling)
    settlements = policy.max_retries + 1
    assert (await bench.run(Job(), until=settlements))[-1] == "dead-lettered"
    assert tries[:3] == [1, 1, 1], "it came back until the broker had confirmed where it went"
    assert await count(bench.url, "jobs.dead-letters") == 1


async def count(url: str, queue: str) -> int:
    transport = transport_for(url)
    await transport.connect()
    try:
        return await transport.count(queue)
    finally:
        await transport.close()
