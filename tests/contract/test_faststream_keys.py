"""FastStream's subscribers of a topic with a parameter and of a headers exchange hear of us."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from faststream import Path as FromKey
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from jararaca import Publisher

from tests.contract.compiling import compiled
from tests.contract.test_faststream import PATIENCE, Mail, document

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("version", ["2.6.0", "3.0.0"])
async def test_their_subscribers_by_key_and_by_headers_get_what_we_publish(
    tmp_path: Path, scratch_broker_url: str, version: str
) -> None:
    """Their document of 3.0 names the queue and no exchange: publications go straight to it."""
    tag = uuid4().hex[:8]
    broker = RabbitBroker(scratch_broker_url, logger=None)
    seen: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    topic = RabbitExchange(f"t_{tag}", type=ExchangeType.TOPIC)
    headers = RabbitExchange(f"h_{tag}", type=ExchangeType.HEADERS)
    asked = {"x-match": "all", "kind": "mail"}

    @broker.subscriber(RabbitQueue(f"keyed_{tag}", routing_key="mail.{region}.sent"), topic)
    async def keyed(mail: Mail, region: str = FromKey()) -> None:
        await seen.put(("keyed", region))

    @broker.subscriber(
        RabbitQueue(f"topic_{tag}", routing_key="read.{region}"), topic, title="topic"
    )
    async def unread(mail: Mail) -> None:
        await seen.put(("topic", mail.to))

    @broker.subscriber(
        RabbitQueue(f"headers_{tag}", bind_arguments=asked), headers, title="headers"
    )
    async def by_headers(mail: Mail) -> None:
        await seen.put(("headers", mail.to))

    wanted = [("headers", "ada"), ("topic", "ada"), ("keyed", "eu")]
    text = document(broker, version)
    async with asyncio.timeout(PATIENCE * 3), broker:
        await broker.start()
        with compiled(tmp_path, text, perspective="client", name="mailer.json") as mailer:
            if version == "3.0.0":
                assert mailer.codes.count("parameter-beside-queue") == 2
                wanted = wanted[:2]  # Whoever reads the key gets no value of it: that is told.
            async with Publisher.connect(scratch_broker_url):
                for kind in mailer.service.messages:
                    message = kind.model_validate({"to": "ada"})
                    more = {"region": "eu"} if "{region}" in kind.MESSAGE_TOPIC else {}
                    await message.publish(headers={"kind": "mail"}, **more)  # type: ignore[arg-type]
                found = [await asyncio.wait_for(seen.get(), PATIENCE) for _ in wanted]
    assert sorted(found) == sorted(wanted)
