"""Binary bodies over RabbitMQ, to and from programs that know nothing of Jararaca."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import aio_pika
import fastavro
import pytest
from google.protobuf import json_format
from jararaca import MessageBusController, MessageHandler, MessageOf, Microservice, Worker, route
from jararaca.messages.base_message import from_json, to_json
from jararaca.publishing.publisher import Publisher
from jararaca.transport.connect import transport_for

from tests.encodings import test_avro as avro
from tests.encodings import test_protobuf as protobuf
from tests.encodings.test_protobuf import theirs
from tests.support.models import imported, sources
from tests.support.services import service_of

__all__ = ["theirs"]
PATIENCE = 30
TOPICS = {"avro": "avro.order", "protobuf": "proto.order"}


def order_class(language: str, folder: Path) -> Any:
    made = avro.document() if language == "avro" else protobuf.document(written_proto())
    return imported(folder, sources(folder, made)).Order


def written_proto() -> str:
    return protobuf.PROTO.format(package="broker.v1")


def value_of(language: str) -> dict[str, Any]:
    return avro.VALUES[2] if language == "avro" else protobuf.FULL


def written(language: str, protoc: ModuleType) -> bytes:
    """The value as a plain program writes it, with the language's own library."""
    if language == "avro":
        return avro.written(avro.native(value_of(language)))
    return protobuf.body_of(protoc, value_of(language))


def read(language: str, protoc: ModuleType, body: bytes) -> Any:
    """A body as a plain program reads it; written as `written` by the same library."""
    if language == "avro":
        schema = fastavro.parse_schema(avro.ORDER)
        return fastavro.schemaless_reader(BytesIO(body), schema, None)
    return json_format.MessageToDict(protoc.Order.FromString(body))


@asynccontextmanager
async def working(url: str, language: str, order: Any) -> AsyncIterator[asyncio.Queue[Any]]:
    """A worker that takes the messages; the queue has what its handler was given."""
    taken: asyncio.Queue[Any] = asyncio.Queue()

    @MessageBusController()
    class Orders:
        @MessageHandler(order)
        async def on_order(self, message: MessageOf[Any]) -> None:
            taken.put_nowait(message.payload())

    row = route(
        operation="onOrder",
        queue=f"encodings-{language}",
        binding_keys=(TOPICS[language],),
        message=order,
        controller=Orders,
        handler=Orders.on_order,
    )
    worker = Worker(Microservice(service_of(row)), transport_for(url))
    await worker.start()
    yield taken
    await worker.stop()


@pytest.mark.broker
@pytest.mark.parametrize("language", TOPICS)
async def test_what_is_published_is_read_without_jararaca(
    language: str, theirs: ModuleType, scratch_broker_url: str, tmp_path: Path
) -> None:
    order = order_class(language, tmp_path)
    transport = transport_for(scratch_broker_url)
    connection = await aio_pika.connect(scratch_broker_url.partition("?")[0])
    async with working(scratch_broker_url, language, order), connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange_of(scratch_broker_url), TOPICS[language])
        await transport.connect()
        message = from_json(order, json.dumps(value_of(language)).encode())
        await Publisher(transport).publish(message)
        async with asyncio.timeout(PATIENCE):
            while (found := await queue.get(no_ack=True, fail=False)) is None:
                await asyncio.sleep(0.02)
        await transport.close()
    assert (found.content_type, found.type) == (order.MESSAGE_CONTENT_TYPE, "Order")
    assert read(language, theirs, found.body) == read(language, theirs, written(language, theirs))


@pytest.mark.broker
@pytest.mark.parametrize("language", TOPICS)
async def test_what_is_written_without_jararaca_is_handled(
    language: str, theirs: ModuleType, scratch_broker_url: str, tmp_path: Path
) -> None:
    order = order_class(language, tmp_path)
    connection = await aio_pika.connect(scratch_broker_url.partition("?")[0])
    async with working(scratch_broker_url, language, order) as taken, connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(exchange_of(scratch_broker_url))
        kind = order.MESSAGE_CONTENT_TYPE
        message = aio_pika.Message(written(language, theirs), content_type=kind)
        await exchange.publish(message, TOPICS[language])
        found = json.loads(to_json(await asyncio.wait_for(taken.get(), PATIENCE)))
    sent = value_of(language)
    plain = {key: item for key, item in sent.items() if not isinstance(item, dict | list)}
    assert plain and {key: found[key] for key in plain} == plain


def exchange_of(url: str) -> str:
    """The application's exchange: the URL's, where the virtual host is not the tests' own."""
    return url.partition("exchange=")[2] or "jararaca"
