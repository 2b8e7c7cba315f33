"""One queue for a whole service, bound by patterns: each message goes to its topic's handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from dishka import Provider, Scope
from jararaca import (
    AppLifecycle,
    ConfigurationError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
)
from jararaca.handlers.controllers import handlers_of_instance
from jararaca.messagebus.worker import (
    AioPikaMicroserviceConsumer,
    AioPikaWorkerConfig,
    Container,
    MessageBusAppContext,
    MessageBusWorker,
    MessageHandlerData,
    UnitOfWorkContextProvider,
)
from jararaca.transport import Delivery, Properties

from tests.support.brokers import delete_queues

PREFIX = f"seed{uuid4().hex[:6]}"


class UserCreated(Message):
    MESSAGE_TOPIC = f"{PREFIX}.user.created"
    name: str


class UserRemoved(Message):
    MESSAGE_TOPIC = f"{PREFIX}.user.removed"
    name: str


class Notified(Message):
    MESSAGE_TOPIC = f"{PREFIX}.notification.user.{{channel}}"
    MESSAGE_TYPE = "task"
    name: str


class UserRenamed(Message):
    """Comes through the patterns, and nobody handles it."""

    MESSAGE_TOPIC = f"{PREFIX}.user.renamed"
    name: str


@MessageBusController()
class Users:
    def __init__(self) -> None:
        self.seen: list[str] = []

    @MessageHandler(UserCreated)
    async def on_created(self, message: MessageOf[UserCreated]) -> None:
        self.seen.append(f"created {message.payload().name}")

    @MessageHandler(UserRemoved, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    async def on_removed(self, message: MessageOf[UserRemoved]) -> None:
        self.seen.append(f"removed {message.payload().name} {message.attempt}")
        if message.attempt == 1:
            raise ValueError("once")

    @MessageHandler(Notified)
    async def on_notified(self, message: MessageOf[Notified]) -> None:
        self.seen.append(f"notified {message.payload().name} {message.parameters['channel']}")


PATTERNS = (f"{PREFIX}.user.*", f"{PREFIX}.notification.user.*")


@pytest.fixture
async def config(broker_url: str) -> AsyncIterator[AioPikaWorkerConfig]:
    queue = f"{PREFIX}_queue_{uuid4().hex[:6]}"
    made = AioPikaWorkerConfig(broker_url, f"{PREFIX}_ex", queue, PATTERNS)
    yield made
    if not broker_url.startswith("memory:"):
        more = (f"{queue}.count", f"{queue}.count.dead-letters")
        await delete_queues(broker_url, queue, f"{queue}.dead-letters", *more)


@asynccontextmanager
async def consuming(consumer: AioPikaMicroserviceConsumer) -> AsyncIterator[None]:
    ready = asyncio.Event()
    task = asyncio.create_task(consumer.consume(ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    yield
    consumer.shutdown_event.set()
    assert await task
    await consumer.wait_all_tasks_done()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("in vain")


@asynccontextmanager
async def publishing(config: AioPikaWorkerConfig) -> AsyncIterator[Publisher]:
    separator = "&" if "?" in config.url else "?"
    async with Publisher.connect(f"{config.url}{separator}exchange={config.exchange}") as publisher:
        yield publisher


async def test_one_queue_bound_by_patterns_dispatches_by_topic(
    config: AioPikaWorkerConfig, caplog: pytest.LogCaptureFixture
) -> None:
    users = Users()
    consumer = AioPikaMicroserviceConsumer(config, handlers_of_instance(users))
    assert set(consumer.incoming_map) == {
        kind.MESSAGE_TOPIC for kind in (UserCreated, UserRemoved, Notified)
    }
    caplog.set_level(logging.WARNING, "jararaca.worker")
    async with consuming(consumer), publishing(config) as publisher:
        await publisher.publish(UserRenamed(name="eve"))
        await publisher.publish(UserCreated(name="ada"))
        await publisher.publish(UserRemoved(name="bob"))
        await publisher.publish(Notified(name="cy"), parameters={"channel": "mail"})
        await until(lambda: len(users.seen) == 4)
    assert sorted(users.seen) == [
        "created ada",
        "notified cy mail",
        "removed bob 1",
        "removed bob 2",
    ]
    told = [record.getMessage() for record in caplog.records]
    assert sum(f"{PREFIX}.user.renamed" in text for text in told) == 1
    assert not any("dead-lettered" in text for text in told)


@MessageBusController()
class Analytics:
    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    @MessageHandler(UserCreated, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    async def count(self, message: MessageOf[UserCreated]) -> None:
        self.seen.append(f"counted {message.payload().name} {message.attempt}")
        if message.attempt == 1:
            raise ValueError("once")


async def test_a_second_handler_of_an_event_gets_each_message_too(
    config: AioPikaWorkerConfig,
) -> None:
    users = Users()
    both = handlers_of_instance(users) | handlers_of_instance(Analytics(users.seen))
    app = Microservice(controllers=[users, Analytics(users.seen)])
    consumer = AioPikaMicroserviceConsumer(config, both, app=app)
    queues = {each.queue_name for each in consumer.callbacks}
    assert queues == {config.queue, f"{config.queue}.count"}
    async with consuming(consumer), publishing(config) as publisher:
        await publisher.publish(UserCreated(name="ada"))
        await until(lambda: len(users.seen) == 3)
    assert sorted(users.seen) == ["counted ada 1", "counted ada 2", "created ada"]


async def test_a_worker_has_its_own_context_container_and_lifecycle(
    config: AioPikaWorkerConfig,
) -> None:
    noted: list[str] = []

    @MessageBusController()
    class Greeter:
        def __init__(self, greeting: str) -> None:
            self.greeting = greeting

        @MessageHandler(UserCreated)
        async def on_created(self, message: MessageOf[UserCreated]) -> None:
            noted.append(f"{self.greeting} {message.payload().name}")

    class Around(UnitOfWorkContextProvider):
        @asynccontextmanager
        async def _around(self, context: MessageBusAppContext) -> AsyncIterator[None]:
            noted.append(f"before {context.handler.rpartition('.')[2]} {context.topic}")
            yield

        def __call__(self, context: MessageBusAppContext):  # type: ignore[no-untyped-def]
            return self._around(context)

    class Lifecycle(AppLifecycle):
        async def start(self) -> None:
            noted.append("started")

    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: "hello", provides=str)
    worker = MessageBusWorker(
        Microservice(controllers=[Greeter]),
        config,
        container=Container(provider),
        lifecycle=Lifecycle(),
        uow_context_provider=Around(),
    )
    stop = asyncio.Event()
    ready = asyncio.Event()
    task = asyncio.create_task(worker.start_async(ready.set, stop))
    await asyncio.wait_for(ready.wait(), 30)
    async with publishing(config) as publisher:
        await publisher.publish(UserCreated(name="ada"))
    await until(lambda: len(noted) == 3)
    stop.set()
    assert await task
    assert noted == ["started", f"before on_created {UserCreated.MESSAGE_TOPIC}", "hello ada"]


async def test_a_factory_chooses_the_handlers_of_a_controller() -> None:
    def only_created(controller: Users) -> set[MessageHandlerData]:
        every = handlers_of_instance(controller)
        return {data for data in every if data.message_type is UserCreated}

    class Chosen(Users):
        pass

    MessageBusController(only_created)(Chosen)
    worker = MessageBusWorker(
        Microservice(controllers=[Chosen]), AioPikaWorkerConfig("memory://chosen", queue="q")
    )
    assert [data.message_type for data in worker.message_handler_set] == [UserCreated]


def test_a_handler_whose_topic_does_not_come_is_refused() -> None:
    config = AioPikaWorkerConfig("memory://x", "ex", "q", [f"{PREFIX}.user.*"])
    with pytest.raises(ConfigurationError, match=r"on_notified takes .* no binding key"):
        AioPikaMicroserviceConsumer(config, handlers_of_instance(Users()))


async def test_a_callback_passes_its_deliveries_on_and_forgets_what_is_done(
    config: AioPikaWorkerConfig, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = AioPikaMicroserviceConsumer(config, handlers_of_instance(Users()))
    callback = next(c for c in consumer.callbacks if c.message_handler.message_type is UserCreated)
    assert (callback.queue_name, callback.routing_key) == (config.queue, UserCreated.MESSAGE_TOPIC)
    other = Delivery("elsewhere", "elsewhere", "", b"{}", Properties(), {}, False, None)
    async with consuming(consumer):
        await callback.message_consumer(other)
        assert len(consumer.tasks) == 1
        await consumer.wait_all_tasks_done()
        assert "a delivery was not settled" in caplog.text
        with pytest.raises(ConfigurationError, match="elsewhere is not consumed"):
            await callback.handle_reject_message(other)
