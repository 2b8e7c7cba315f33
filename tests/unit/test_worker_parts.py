"""The parts of a worker by themselves: its watch, its callbacks, its queues and its first check."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from jararaca import (
    AccessRefusedError,
    ConfigurationError,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    Service,
    Topology,
    Worker,
    route,
    stub,
)
from jararaca.application.termination import Termination
from jararaca.application.unit_of_work import Work
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import PublishTimeoutError
from jararaca.handlers.outcome import Handled
from jararaca.messagebus.blocked_loop import BlockedLoop
from jararaca.messagebus.default_exchange import check_default_exchange
from jararaca.messagebus.worker import worker as module
from jararaca.messagebus.worker.callback import MessageHandlerCallback
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.messagebus.worker.context import UnitOfWorkContextProvider
from jararaca.messagebus.worker.service_queue import on_service_queue
from jararaca.messagebus.worker.worker import _tell_waiting
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

LETTERS = "x-dead-letter-routing-key"


class Placed(Message):
    MESSAGE_TOPIC = "orders.placed"
    MESSAGE_TYPE = "task"


class Paid(Message):
    MESSAGE_TOPIC = "bills.paid"
    MESSAGE_TYPE = "task"


class Handlers:
    @MessageHandler(Placed)
    async def placed(self, message: MessageOf[Placed]) -> None: ...

    @MessageHandler(Paid)
    async def paid(self, message: MessageOf[Paid]) -> None: ...


def service(queue: str, message: Any, method: Any, shared: str | None = None) -> Service:
    """One handler's queue, and its dead letters: its own, or those of the service."""
    row = route(
        operation=queue,
        queue=queue,
        binding_keys=(message.MESSAGE_TOPIC,),
        message=message,
        controller=Handlers,
        handler=method,
    )
    into = shared or dead_letter_queue(queue)
    queues = (Queue(queue, arguments={LETTERS: into}), Queue(into, arguments={"of": "letters"}))
    topology = Topology((), queues, (), dead_letters=shared)
    return replace(service_of(row), name=queue, topology=topology)


ORDERS = service("orders", Placed, Handlers.placed)
BILLS = service("bills", Paid, Handlers.paid, "bills.letters")


def test_each_queue_has_the_dead_letters_of_its_own_service() -> None:
    worker = Worker(Microservice(ORDERS, BILLS), transport_for("memory://letters"))
    letters = [worker._pipelines._letters(queue) for queue in ("orders", "bills", "of nobody")]
    assert letters == [None, "bills.letters", None]


@pytest.mark.parametrize(
    ("given", "letters"), [(ORDERS, "shop.dead-letters"), (BILLS, "bills.letters")]
)
def test_a_shared_queue_has_dead_letters_as_its_handlers_queue_had(
    given: Service, letters: str
) -> None:
    config = AioPikaWorkerConfig(url="memory://x", exchange="shop", queue="shop")
    handler = given.routes[0].handler
    [moved] = on_service_queue(Microservice(given), config, [handler]).services
    queues = {each.name: each.arguments for each in moved.topology.queues}
    assert queues == {"shop": {LETTERS: letters}, letters: {"of": "letters"}}


def test_a_queue_that_waits_for_a_stub_says_for_which(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jararaca.worker")
    [placed] = ORDERS.routes
    _tell_waiting(placed, (placed,))
    _tell_waiting(placed, ())
    assert [each.getMessage() for each in caplog.records] == [
        "Handlers.placed is still a stub: its messages stay in orders",
        "orders is not consumed: another handler of it is a stub",
    ]


async def test_a_watch_that_is_stopped_beats_no_more() -> None:
    watch = BlockedLoop([])
    watch.stop()
    watch = BlockedLoop([])
    watch.start()
    beat = watch._timer
    assert beat is not None and not beat.cancelled()
    watch.stop()
    assert beat.cancelled() and watch._over.is_set()


async def test_an_error_of_ours_is_logged_and_a_cancellation_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Consumer:
        def __init__(self) -> None:
            self.tasks: set[Any] = set()

    async def ends(error: BaseException | None) -> None:
        if error:
            raise error

    consumer = Consumer()
    callback = MessageHandlerCallback(cast(Any, consumer), "shop", "key", cast(Any, None))
    for error in (None, asyncio.CancelledError(), ValueError("ours")):
        task = asyncio.create_task(ends(error))
        consumer.tasks.add(task)
        await asyncio.wait({task})
        callback.handle_message_consume_done(task)
    assert consumer.tasks == set()
    assert [each.getMessage() for each in caplog.records] == ["shop: a delivery was not settled"]


async def test_what_is_no_delivery_goes_on_without_a_context() -> None:
    entered: list[str] = []

    class Around(UnitOfWorkContextProvider):
        def __call__(self, context: Any) -> Any:
            entered.append(context.topic)
            return super().__call__(context)

    work = Work(publisher=StagedPublisher(transport_for("memory://no-delivery")))
    async with cast(Any, Around().interceptor()(work)):
        pass
    assert entered == []


async def test_a_worker_that_could_not_write_to_the_default_exchange_is_told_at_its_start() -> None:
    class Broker:
        def __init__(self, error: Exception | None) -> None:
            self.error = error

        async def publish(self, publication: Any) -> None:
            assert publication.exchange == ""
            if self.error:
                raise self.error

    with pytest.raises(AccessRefusedError, match="topology permissions USER"):
        await check_default_exchange(cast(Any, Broker(AccessRefusedError("403"))))
    assert not await check_default_exchange(cast(Any, Broker(PublishTimeoutError("blocked"))))
    assert await check_default_exchange(cast(Any, Broker(None)))


@pytest.mark.parametrize("drained", [True, False])
async def test_a_worker_leaves_with_status_one_if_a_handler_did_not_end(
    drained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says whether one still runs, so that a process which would hang exits."""
    left: list[tuple[bool, int]] = []

    class Told(Termination):
        @contextmanager
        def watched(self) -> Iterator[None]:
            yield

        def leave(self, left_over: Callable[[], bool], status: int) -> None:
            left.append((left_over(), status))

    monkeypatch.setattr(module, "Termination", Told)
    worker = Worker(Microservice(ORDERS), transport_for("memory://leaves"))
    really_stop = worker.stop

    async def stop() -> bool:
        assert await really_stop()
        if not drained:
            worker.running.add(cast(Any, asyncio.current_task()))
        return drained

    monkeypatch.setattr(worker, "stop", stop)
    told: list[bool] = []
    began, asked = asyncio.Event(), asyncio.Event()

    def ready() -> None:
        told.append(worker.ready)
        began.set()

    running = asyncio.create_task(worker.run(ready, asked))
    await asyncio.wait_for(began.wait(), 20)
    await asyncio.sleep(0)
    assert not running.done() and worker.ready, "nobody has asked it to stop"
    asked.set()
    assert await asyncio.wait_for(running, 20) is drained
    assert told == [True] and not worker.ready
    assert left == [(not drained, 0 if drained else 1)]


async def test_a_worker_that_has_stopped_leaves_nothing_that_waits_watches_or_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = transport_for("memory://leaves-nothing")
    worker = Worker(Microservice(ORDERS), transport)
    closed: list[str] = []

    async def close() -> None:
        closed.append("record")

    monkeypatch.setattr(worker._handled, "close", close)
    await transport.connect()
    assert transport.ready and not worker.ready, "it consumes nothing yet"
    await worker.start()
    assert worker.ready
    assert not worker._blocked._over.is_set() and not worker._quarantine._ended
    assert await worker.stop()
    assert worker._blocked._over.is_set(), "the thread that watches the loop ends"
    assert worker._cancelled.is_set(), "what waits to go back goes"
    assert worker._quarantine._ended, "no suspect waits to begin alone"
    assert closed == ["record"]


class Stubs:
    @stub
    @MessageHandler(Paid)
    async def paid(self, message: MessageOf[Paid]) -> None: ...


async def test_a_queue_of_which_a_handler_is_a_stub_is_not_consumed_and_others_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "jararaca.worker")
    [placed] = ORDERS.routes
    beside = replace(placed, operation="beside", queue="shared")
    [paid] = service("shared", Paid, Stubs.paid).routes
    given = replace(ORDERS, routes=(placed, beside, replace(paid, controller=Stubs)))
    worker = Worker(Microservice(given), transport_for("memory://of-stubs"))
    assert [each.operation for each in worker.stubs] == ["shared"]
    assert [each.operation for each in worker.waiting] == ["beside", "shared"]
    assert [each.route.operation for each in worker.consumed] == ["orders"]
    await worker.start()
    assert "Stubs.paid is still a stub" in caplog.text and len(worker._receivers) == 1
    await worker.stop()


async def test_a_delivery_that_is_handed_in_is_settled_if_its_queue_is_consumed() -> None:
    settled: list[Handled] = []
    transport = transport_for("memory://handed-in")
    worker = Worker(Microservice(ORDERS), transport, listener=settled.append)
    await worker.start()
    await transport.publish(Publication("orders", b"{}", "", Properties("1")))
    async with asyncio.timeout(20):
        while not settled:
            await asyncio.sleep(0)
    came = settled.pop().delivery
    assert came is not None
    delivery = replace(came, routing_key="orders.placed")
    await worker.handle(delivery)
    await worker.reject(delivery, "not mine")
    assert [(each.outcome, each.reason) for each in settled] == [
        ("handled", None),
        ("dead-lettered", "not mine"),
    ]
    elsewhere = replace(delivery, queue="bills")
    for handed in (worker.handle(elsewhere), worker.reject(elsewhere, "")):
        with pytest.raises(ConfigurationError, match="bills is not consumed by this worker"):
            await handed
    await worker.stop()


async def test_a_worker_names_the_handlers_that_an_older_rabbitmq_would_not_wait_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Slow:
        @MessageHandler(Placed, timeout=1801)
        async def placed(self, message: MessageOf[Placed]) -> None: ...

        @MessageHandler(Paid, timeout=1799)
        async def paid(self, message: MessageOf[Paid]) -> None: ...

    routes = [
        replace(given.routes[0], controller=Slow, handler=method)
        for given, method in ((ORDERS, Slow.placed), (BILLS, Slow.paid))
    ]
    services = [replace(s, routes=(r,)) for s, r in zip((ORDERS, BILLS), routes, strict=True)]
    worker = Worker(Microservice(*services), transport_for("memory://slow"))
    await worker.start()
    warned = [each.getMessage() for each in caplog.records if "consumer_timeout" in each.message]
    assert len(warned) == 1 and "placed may take 1801 s" in warned[0]
    await worker.stop()
