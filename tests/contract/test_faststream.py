"""FastStream's own documents, end to end on a real broker: their subscribers, our publishers, and
the other way round."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.specification import AsyncAPI
from jararaca import Publisher, Worker
from jararaca.transport.connect import transport_for
from pydantic import BaseModel

from tests.contract.compiling import Package, compiled

pytestmark = pytest.mark.broker
PATIENCE = 20


class Mail(BaseModel):
    to: str


def document(broker: RabbitBroker, version: Any) -> str:
    return json.dumps(AsyncAPI(broker, schema_version=version).to_specification().to_jsonable())


@pytest.fixture
def tag() -> Iterator[str]:
    yield uuid4().hex[:8]


@pytest.mark.parametrize("version", ["2.6.0", "3.0.0"])
async def test_their_subscribers_get_what_we_publish(
    tmp_path: Path, scratch_broker_url: str, tag: str, version: str
) -> None:
    broker = RabbitBroker(scratch_broker_url, logger=None)
    seen: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def listen(name: str, queue: RabbitQueue, exchange: RabbitExchange | None = None) -> None:
        @broker.subscriber(queue, exchange, title=name)
        async def handle(mail: Mail) -> None:
            await seen.put((name, mail.to))

    listen("plain", RabbitQueue(f"plain_{tag}"))
    listen(
        "direct", RabbitQueue(f"direct_{tag}", routing_key=f"k_{tag}"), RabbitExchange(f"d_{tag}")
    )
    topic = RabbitExchange(f"t_{tag}", type=ExchangeType.TOPIC)
    listen("topic", RabbitQueue(f"topic_{tag}", routing_key=f"mail.{tag}.sent"), topic)
    fanout = RabbitExchange(f"f_{tag}", type=ExchangeType.FANOUT)
    listen("fanout", RabbitQueue(f"fanout_{tag}"), fanout)
    text = document(broker, version)
    async with asyncio.timeout(PATIENCE * 3), broker:
        await broker.start()
        with compiled(tmp_path, text, perspective="client", name="mailer.json") as mailer:
            async with Publisher.connect(scratch_broker_url):
                for kind in mailer.service.messages:
                    await kind.model_validate({"to": kind.MESSAGE_NAME}).publish()
                found = [await asyncio.wait_for(seen.get(), PATIENCE) for _ in range(4)]
    assert sorted(name for name, _ in found) == ["direct", "fanout", "plain", "topic"]


@pytest.mark.parametrize("version", ["2.6.0", "3.0.0"])
async def test_our_worker_gets_what_they_publish(
    tmp_path: Path, scratch_broker_url: str, tag: str, version: str
) -> None:
    broker = RabbitBroker(scratch_broker_url, logger=None)
    topic = RabbitExchange(f"t_{tag}", type=ExchangeType.TOPIC)
    publishers = [
        broker.publisher(f"out_{tag}", title="plain", schema=Mail),
        broker.publisher(f"mail.{tag}", topic, title="topic", schema=Mail),
        broker.publisher(f"key_{tag}", RabbitExchange(f"d_{tag}"), title="direct", schema=Mail),
    ]
    text = document(broker, version)
    with compiled(tmp_path, text, perspective="client", name="mailer.json") as mailer:
        async with asyncio.timeout(PATIENCE * 3), broker:
            await broker.start()
            worker = Worker(mailer.app, transport_for(scratch_broker_url))
            await worker.start()
            try:
                for publisher in publishers:
                    await publisher.publish(Mail(to="ada"), correlation_id="c-1")
                await until(mailer, len(publishers))
            finally:
                await worker.stop()
    assert [message.payload().to for _, message in mailer.handled] == ["ada"] * 3
    assert {message.correlation_id for _, message in mailer.handled} == {"c-1"}


async def until(package: Package, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(package.handled) < count:
            await asyncio.sleep(0.02)


OF_0_6 = """
    {"asyncapi": "3.0.0", "info": {"title": "FastStream", "version": "0.1.0"},
     "channels": {"told": {"address": "told",
       "messages": {"Message": {"$ref": "#/components/messages/told:Message"}},
       "bindings": {"amqp": {"is": "routingKey", "exchange": EXCHANGE}}}},
     "operations": {"told": {"action": "send", "channel": {"$ref": "#/channels/told"},
       "bindings": {"amqp": {"cc": CC, "ack": true, "bindingVersion": "0.3.0"}}}},
     "components": {"messages": {
       "told:Message": {"title": "TITLE", "payload": {"type": "string"}}}}}
    """
TITLE = "told:Message"
NAMED = '{"name": "e", "type": "topic", "vhost": "/"}'
DEFAULT = '{"type": "default", "vhost": "/"}'


@pytest.mark.parametrize(
    ("exchange", "cc", "title", "key"),
    [
        (DEFAULT, '["mails"]', TITLE, "mails"),
        (DEFAULT, '"mails"', TITLE, "mails"),
        (NAMED, '["mail.sent"]', TITLE, "mail.sent"),
        (NAMED, '["mail.sent", "copy"]', TITLE, "told"),
        (NAMED, '["mail.sent"]', "Mail", "told"),
    ],
)
def test_a_titled_publisher_of_older_documents_is_heard(
    tmp_path: Path, exchange: str, cc: str, title: str, key: str
) -> None:
    """The title stands where the routing key should, which the `cc` says, in a list."""
    text = OF_0_6.replace("EXCHANGE", exchange).replace("CC", cc).replace("TITLE", title)
    with compiled(tmp_path, text, perspective="client", name="told.json") as mailer:
        (route,) = mailer.service.routes
        bound = {binding.routing_key for binding in mailer.lowered.topology.bindings}
    assert (route.queue if exchange == DEFAULT else bound) == (
        key if exchange == DEFAULT else {key}
    )


async def test_a_text_that_they_publish_is_a_text(
    tmp_path: Path, scratch_broker_url: str, tag: str
) -> None:
    broker = RabbitBroker(scratch_broker_url, logger=None)
    publisher = broker.publisher(f"note_{tag}", title="note", schema=str)
    with compiled(
        tmp_path, document(broker, "3.0.0"), perspective="client", name="note.json"
    ) as notes:
        async with asyncio.timeout(PATIENCE * 3), broker:
            await broker.start()
            worker = Worker(notes.app, transport_for(scratch_broker_url))
            await worker.start()
            try:
                for text in ("hello", "5", "naïve", ""):
                    await publisher.publish(text)
                await until(notes, 4)
            finally:
                await worker.stop()
    # They are handled side by side.
    assert sorted(m.payload().root for _, m in notes.handled) == ["", "5", "hello", "naïve"]
