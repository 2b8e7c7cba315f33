"""What other frameworks publish, on a real broker at once, and what is found of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import aio_pika
import pytest
from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.discovering.writing.files import found
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.description import Exchange
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import choose
from jararaca_compiler.listening.ears import Ears
from jararaca_shared.broker_url import BrokerUrl, parse_broker_url

from tests.support.nodes import Node

pytestmark = pytest.mark.broker
EACH = 120


@pytest.fixture
def url(managed_node: Node) -> Iterator[BrokerUrl]:
    managed_node.control("add_vhost", "strangers")
    managed_node.control("set_permissions", "-p", "strangers", "guest", ".*", ".*", ".*")
    managed_node.control("trace_on", "-p", "strangers")
    yield parse_broker_url(f"{managed_node.url}strangers")
    managed_node.control("trace_off", "-p", "strangers")
    managed_node.control("delete_vhost", "strangers")


async def faststream(url: str) -> None:
    from faststream.rabbit import RabbitBroker, RabbitExchange

    broker = RabbitBroker(url)
    await broker.start()
    exchange = RabbitExchange("faststream")
    await broker.declare_exchange(exchange)
    for number in range(EACH):
        await broker.publish({"user": number, "mail": "m"}, "user-signed-up", exchange=exchange)
    await broker.stop()


async def by_hand(url: str) -> None:
    """aio-pika: MassTransit's envelope to a fanout exchange, and CloudEvents to a topic one."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        bus = await channel.declare_exchange("Shop:OrderPlaced", "fanout")
        events = await channel.declare_exchange("events", "topic")
        for number in range(EACH):
            envelope = {
                "messageId": str(number),
                "messageType": ["urn:message:Shop:OrderPlaced"],
                "message": {"orderId": number},
            }
            await bus.publish(_message(envelope, "application/vnd.masstransit+json"), "")
            event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.shop.paid"}
            told = _message({**event, "data": {"n": number}}, "application/cloudevents+json")
            await events.publish(told, f"shop.{number}.paid")


def _message(value: Any, content_type: str) -> aio_pika.Message:
    return aio_pika.Message(json.dumps(value).encode(), content_type=content_type)


def plain_pika(url: str) -> None:
    import pika

    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.exchange_declare("pika", "topic")
    for number in range(EACH):
        channel.basic_publish("pika", "stock.counted", json.dumps({"n": number}).encode())
    connection.close()


def celery(url: str) -> None:
    celery = pytest.importorskip("celery")
    app = celery.Celery("legacy", broker=url)
    for number in range(EACH):
        app.send_task("shop.pay", args=[number], kwargs={"currency": "EUR"})
    app.close()


def dramatiq(url: str) -> None:
    dramatiq = pytest.importorskip("dramatiq")
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    broker = RabbitmqBroker(url=url)
    actor = dramatiq.actor(lambda number: None, broker=broker, actor_name="mail")
    for number in range(EACH):
        actor.send(number)
    broker.close()


async def taskiq(url: str) -> None:
    module = pytest.importorskip("taskiq_aio_pika")
    broker = module.AioPikaBroker(url)
    task = broker.task(task_name="shop:pack")(lambda number: None)
    await broker.startup()
    for number in range(EACH):
        await task.kiq(number)
    await broker.shutdown()


async def test_all_frameworks_at_once_are_found_under_their_own_names(
    url: BrokerUrl, managed_node: Node
) -> None:
    broker_url = f"{managed_node.url}strangers"
    management = Management.of(url, managed_node.management_url)
    choice = choose(await describe(url, management), trace=True)
    gathered = Gathered()
    async with Ears(url, choice.ears, management=management) as ears:

        async def publish_all() -> None:
            await asyncio.gather(
                faststream(broker_url),
                by_hand(broker_url),
                taskiq(broker_url),
                *(asyncio.to_thread(run, broker_url) for run in (plain_pika, celery, dramatiq)),
            )
            ears.stop()

        publishing = asyncio.create_task(publish_all())
        async for message in ears:
            gathered.add(message)
        await publishing
    assert ears.counts.dropped == 0
    broker = await describe(url, management)
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for name in gathered.exchanges:
        exchange = broker.exchange(name)
        document = found(
            exchange or Exchange(name, "direct"),
            gathered,
            broker,
            ears.counts,
            lambda path: None,
            output="schemas",
        ).document
        for each in document["components"]["messages"].values():
            told[name, each["name"]] = each
    expected = {
        ("faststream", "userSignedUp"): "",
        ("Shop:OrderPlaced", "OrderPlaced"): "MassTransit",
        ("events", "com.shop.paid"): "CloudEvents",
        ("pika", "stockCounted"): "",
        ("", "shop.pay"): "Celery 2",
        ("", "mail"): "dramatiq",
        ("taskiq", "shop:pack"): "taskiq",
    }
    assert {key: value["x-evidence"].get("envelope", "") for key, value in told.items()} == expected
    for key, each in told.items():
        assert each["x-evidence"]["messages"] == EACH, key
        assert "payload" in each or key[0] == "taskiq"
    assert told["", "shop.pay"]["x-message-type"] == "task"
