"""With the management API, the ears know what there is to hear and count what they missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import choose
from jararaca_compiler.listening.ear_queue import Bounds
from jararaca_compiler.listening.ears import Ears, Listening
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.heard import HeardMessage
from jararaca_shared.broker_url import BrokerUrl, parse_broker_url

from tests.support.nodes import Node

pytestmark = pytest.mark.broker


@pytest.fixture
def url(managed_node: Node) -> Iterator[BrokerUrl]:
    managed_node.control("add_vhost", "ears")
    managed_node.control("set_permissions", "-p", "ears", "guest", ".*", ".*", ".*")
    yield parse_broker_url(f"{managed_node.url}ears")
    managed_node.control("delete_vhost", "ears")


@pytest.fixture
def management(managed_node: Node, url: BrokerUrl) -> Management:
    return Management.of(url, managed_node.management_url)


@asynccontextmanager
async def publishing(url: BrokerUrl) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(
        host=url.host,
        port=url.port,
        virtualhost=url.vhost,
        client_properties={"connection_name": "legacy"},
    )
    async with connection, connection.channel() as channel:
        yield channel


async def test_the_broker_is_described_with_who_is_connected(
    url: BrokerUrl, management: Management
) -> None:
    async with publishing(url) as channel:
        exchange = await channel.declare_exchange("orders", "topic", durable=True)
        queue = await channel.declare_queue("billing", durable=True)
        await queue.bind(exchange, "orders.*")
        await queue.consume(lambda message: message.ack())
        async with asyncio.timeout(60):
            while not (found := await describe(url, management)).consumers or not found.connections:
                await asyncio.sleep(0.1)
    assert [(b.exchange, b.destination, b.routing_key) for b in found.bindings] == [
        ("orders", "billing", "orders.*")
    ]
    assert found.consumers[0].queue == "billing"
    assert [each.name for each in found.connections] == ["legacy"]
    assert found.is_live and not found.traced


async def test_what_was_dropped_is_counted_exactly(url: BrokerUrl, management: Management) -> None:
    async with publishing(url) as channel:
        exchange = await channel.declare_exchange("flood", "topic")
        broker = await describe(url, management)
        bounds = Listening(bounds=Bounds(messages=100, prefetch=10))
        async with Ears(url, choose(broker).ears, bounds, management) as ears:
            for number in range(500):
                await exchange.publish(aio_pika.Message(b"%d" % number), "x")
            found: list[HeardMessage] = []
            async for message in ears:
                found.append(message)
                if message.body == b"499":
                    ears.stop()
    assert ears.counts.heard == len(found) == 110
    assert ears.counts.dropped == 390


async def test_what_is_dropped_goes_to_nobodys_dead_letters_though_a_policy_says_so(
    managed_node: Node, url: BrokerUrl, management: Management
) -> None:
    managed_node.control("set_policy", "-p", "ears", "all", ".*", '{"dead-letter-exchange":"dead"}')
    async with publishing(url) as channel:
        dead = await channel.declare_exchange("dead", "fanout")
        letters = await channel.declare_queue("letters", durable=True)
        await letters.bind(dead)
        exchange = await channel.declare_exchange("flood", "topic")
        broker = await describe(url, management)
        bounds = Listening(bounds=Bounds(messages=10, prefetch=1))
        async with Ears(url, choose(broker, ["flood"]).ears, bounds):
            for _ in range(50):
                await exchange.publish(aio_pika.Message(b"x"), "x")
        counted = await channel.declare_queue("letters", passive=True)
    assert counted.declaration_result.message_count == 0


async def test_the_firehose_has_the_default_exchange_and_who_publishes(
    managed_node: Node, url: BrokerUrl, management: Management
) -> None:
    off = choose(await describe(url, management), trace=True)
    assert "trace_on -p ears" in off.unheard[0][1]
    managed_node.control("trace_on", "-p", "ears")
    async with publishing(url) as channel:
        await channel.declare_queue("tasks", durable=True)
        choice = choose(await describe(url, management), trace=True)
        assert choice.unheard == ()
        async with Ears(url, choice.ears) as ears:
            sent = aio_pika.Message(b"{}", type="pay", headers={"a": "b"})
            await channel.default_exchange.publish(sent, "tasks")
            found = []
            async for message in ears:
                found.append(message)
                ears.stop()
    managed_node.control("trace_off", "-p", "ears")
    message = found[0]
    assert (message.exchange, message.routing_key, message.queues) == ("", "tasks", ("tasks",))
    assert (message.properties.type, dict(message.headers)) == ("pay", {"a": "b"})
    assert message.user == "guest" and message.connection


async def test_publishers_and_others_are_not_held_while_the_ears_hear_nothing(
    url: BrokerUrl, management: Management, managed_node: Node
) -> None:
    """The ears' reader is stuck; every publication is confirmed and taken all the same."""
    async with publishing(url) as channel:
        exchange = await channel.declare_exchange("busy", "topic")
        queue = await channel.declare_queue("worker", durable=True)
        await queue.bind(exchange, "#")
        taken = 0
        done = asyncio.Event()

        async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            nonlocal taken
            await message.ack()
            taken += 1
            if taken == 2_000:
                done.set()

        await queue.consume(take)
        broker = await describe(url, management)
        body = b"x" * 20_000  # 40 MB in all: more than the ear may hold.
        async with Ears(url, choose(broker).ears):
            await asyncio.gather(
                *(exchange.publish(aio_pika.Message(body), "x") for _ in range(2_000))
            )
            async with asyncio.timeout(120):
                await done.wait()
    assert managed_node.control("eval", "rabbit_alarm:get_alarms().").strip() == "[]"


async def test_an_api_that_does_not_answer_or_refuses_is_told_with_what_to_do(
    url: BrokerUrl, managed_node: Node
) -> None:
    nobody = Management.of(url, "http://127.0.0.1:1")
    with pytest.raises(ListeningError, match="rabbitmq-plugins enable rabbitmq_management"):
        await describe(url, nobody)
    stranger = Management.of(url, managed_node.management_url.replace("//", "//who:what@"))
    with pytest.raises(ListeningError, match="refuses the user 'who'"):
        await describe(url, stranger)
