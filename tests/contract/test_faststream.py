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
