"""aio-pika's channel on the application's own connection: what becomes of it, and of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity
from jararaca import (
    BrokerUnreachableError,
    Host,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    NoAmqpError,
    Publisher,
    Service,
    Worker,
    route,
    use_amqp,
)
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.fault.proxy import Proxy
from tests.support.brokers import Broker, delete_queues
from tests.support.services import service_of

PATIENCE = 30


class Archive(Message):
    MESSAGE_TOPIC = "archive.{name}"
    MESSAGE_TYPE = "task"


@MessageBusController()
class Archiver:
    """What it takes it gives on to a queue that no document knows."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self.channels: list[AbstractChannel] = []

    @MessageHandler(Archive)
    async def archive(self, message: MessageOf[Archive]) -> None:
        channel = await use_amqp()
        self.channels.append(channel)
        await channel.default_exchange.publish(aio_pika.Message(b"archived"), self._queue)


def service(name: str) -> Service:
    return service_of(
        route(
            operation="archive",
            queue=f"archive.{name}",
            binding_keys=(f"archive.{name}",),
            message=Archive,
            controller=Archiver,
            handler=Archiver.archive,
            parameters=(("name", 1),),
        )
    )


@pytest.fixture(params=TRANSPORTS)
def url(each_broker: Broker, request: pytest.FixtureRequest) -> str:
    """Each broker over each transport."""
    return with_transport(each_broker.url, request.param)


@asynccontextmanager
async def hosted(url: str) -> AsyncIterator[Host]:
    host = Host(Microservice(name="mine"), transport_for(url))
    await host.start()
    try:
        yield host
    finally:
        await host.stop()


@pytest.fixture
async def proxy(each_broker: Broker) -> AsyncIterator[Proxy]:
    """What stands before the broker, and can cut its connections."""
    made = Proxy(urlsplit(each_broker.url).port or 5672)
    await made.start()
    yield made
    await made.close()


def through(proxy: Proxy, url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()


async def works(channel: AbstractChannel) -> bool:
    """Whether a queue of its own can be made, published to and read."""
    queue = await channel.declare_queue(exclusive=True)
    await channel.default_exchange.publish(aio_pika.Message(b"mine"), queue.name)
    message = await queue.get()
    await message.ack()
    await queue.delete(if_empty=False)
    return message.body == b"mine"


@pytest.mark.broker
async def test_a_handler_uses_what_the_framework_does_not_cover(url: str) -> None:
    name = uuid4().hex[:8]
    archiver, made = Archiver(f"archived-{name}"), service(name)
    worker = Worker(Microservice(made, controllers=[archiver]), transport_for(url))
    await worker.start()
    async with worker.host.unit_of_work() as work:
        queue = await (await use_amqp()).declare_queue(f"archived-{name}", durable=True)
        for _ in range(2):
            await work.publisher.publish(Archive(), parameters={"name": name})
    async with asyncio.timeout(PATIENCE), queue.iterator() as messages:
        for _ in range(2):
            message = await anext(messages)
            await message.ack()
            assert message.body == b"archived"
    assert archiver.channels[0] is archiver.channels[1], "it is opened once"
    await queue.delete(if_unused=False, if_empty=False)
    await worker.stop()
    assert archiver.channels[0].is_closed
    await delete_queues(url, *(each.name for each in made.topology.queues))


@pytest.mark.broker
async def test_what_the_broker_refuses_there_closes_that_channel_alone(url: str) -> None:
    name = uuid4().hex[:8]
    archiver, made = Archiver(f"archived-{name}"), service(name)
    worker = Worker(Microservice(made, controllers=[archiver]), transport_for(url))
    await worker.start()
    before = await worker.host.amqp()
    queue = await before.declare_queue(f"archived-{name}", durable=True)
    with pytest.raises(ChannelNotFoundEntity):
        await before.declare_queue("nobody-made-it", passive=True)
    assert before.is_closed and worker.host.transport.ready
    after = await worker.host.amqp()
    async with worker.host.unit_of_work() as work:
        await work.publisher.publish(Archive(), parameters={"name": name})
    again = await after.get_queue(queue.name)
    async with asyncio.timeout(PATIENCE), again.iterator() as messages:
        message = await anext(messages)
        await message.ack()
    assert archiver.channels == [after]
    await again.delete(if_unused=False)
    await worker.stop()
    await delete_queues(url, *(each.name for each in made.topology.queues))


@pytest.mark.broker
async def test_after_a_lost_connection_the_channel_is_made_again_as_it_was(
    url: str, proxy: Proxy
) -> None:
    came: asyncio.Queue[bytes] = asyncio.Queue()

    async def consumer(message: AbstractIncomingMessage) -> None:
        await message.ack()
        came.put_nowait(message.body)

    async with hosted(through(proxy, url)) as host:
        channel = await host.amqp()
        await channel.set_qos(prefetch_count=7)
        bills = await channel.declare_exchange(f"bills-{uuid4().hex[:8]}", auto_delete=True)
        own = await channel.declare_queue(exclusive=True)
        await own.bind(bills, "bill")
        await own.consume(consumer)
        for number in range(2):
            await lost(channel, proxy)
            # Nobody asks for it again: a consumer must not depend on that.
            async with asyncio.timeout(PATIENCE):
                await until_published(url, bills.name, b"%d" % number, came)
        assert await host.amqp() is channel
        assert await works(channel)


async def lost(channel: AbstractChannel, proxy: Proxy) -> None:
    """Cut the connection, and wait until it is noticed."""
    proxy.cut()
    async with asyncio.timeout(PATIENCE):
        while not channel.is_closed:
            await asyncio.sleep(0)


async def until_published(url: str, exchange: str, body: bytes, came: asyncio.Queue[bytes]) -> None:
    """Publish over a connection of somebody else's until it comes: the exchange comes back too."""
    connection = await aio_pika.connect(url.partition("?")[0])
    async with connection:
        while True:
            channel = await connection.channel(publisher_confirms=False)
            found = await channel.get_exchange(exchange, ensure=False)
            await found.publish(aio_pika.Message(body), "bill")
            try:
                assert await asyncio.wait_for(came.get(), 0.3) == body
            except TimeoutError:
                continue
            while not came.empty():
                came.get_nowait()
            return


@pytest.mark.broker
async def test_what_cannot_be_made_again_is_told_and_the_next_call_gives_another_channel(
    url: str, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"changed-{uuid4().hex[:8]}"
    async with hosted(through(proxy, url)) as host:
        channel = await host.amqp()
        await channel.declare_queue(name, durable=True)
        await delete_queues(url, name)
        connection = await aio_pika.connect(url.partition("?")[0])
        async with connection:
            other = await connection.channel()
            await other.declare_queue(name, durable=True, arguments={"x-max-length": 1})
        await lost(channel, proxy)
        async with asyncio.timeout(PATIENCE):
            while "cannot be made again as it was" not in caplog.text:
                await asyncio.sleep(0.01)
        after = await host.amqp()
        assert after is not channel
        assert await works(after)
    await delete_queues(url, name)


@pytest.mark.broker
async def test_what_fails_in_a_consumer_of_the_applications_own_is_logged(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def consumer(message: AbstractIncomingMessage) -> None:
        raise ValueError("no paper")

    async with hosted(url) as host:
        channel = await host.amqp()
        queue = await channel.declare_queue(exclusive=True)
        await queue.consume(consumer)
        await channel.default_exchange.publish(aio_pika.Message(b"mine"), queue.name)
        async with asyncio.timeout(PATIENCE):
            while "no paper" not in caplog.text:
                await asyncio.sleep(0.01)


@pytest.mark.broker
async def test_a_channel_is_not_waited_for_without_end(url: str, proxy: Proxy) -> None:
    async with hosted(f"{through(proxy, url)}&publish_timeout=0.5") as host:
        await host.amqp()
        await proxy.close()
        with pytest.raises(BrokerUnreachableError, match=r"no connection to the broker for 0\.5 s"):
            while True:
                await host.amqp()
                await asyncio.sleep(0.01)


@pytest.mark.broker
async def test_another_event_loop_is_told_where_the_channel_lives(url: str) -> None:
    async with hosted(url) as host:
        with pytest.raises(NoAmqpError, match="in the event loop that the application"):
            await asyncio.to_thread(asyncio.run, host.amqp())


@pytest.mark.broker
async def test_a_script_has_one_too(url: str) -> None:
    async with Publisher.connect(url) as publisher:
        assert await works(await publisher.amqp())


async def test_on_the_memory_broker_it_says_that_it_needs_rabbitmq() -> None:
    async with hosted("memory://use-amqp") as host, host.unit_of_work():
        with pytest.raises(NoAmqpError, match="memory://.*RabbitMQ"):
            await use_amqp()


async def test_outside_of_a_unit_of_work_it_says_where_to_call_it() -> None:
    with pytest.raises(NoAmqpError, match=r"in a message handler.*host\.amqp\(\)"):
        await use_amqp()
