"""Requests over a line that breaks: answers wait for the connection that comes back."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from jararaca import MessageOf, Publisher, Worker
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

from tests.fault.proxy import Proxy
from tests.support.brokers import delete_queues
from tests.support.quotes import GetQuote, Quote, quotes

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_an_answer_that_comes_while_the_connection_is_lost_is_not_lost(
    scratch_broker_url: str, transport: str
) -> None:
    received, cut = asyncio.Event(), asyncio.Event()

    async def answer(message: MessageOf[GetQuote]) -> Quote:
        received.set()
        await cut.wait()
        return Quote(item=message.payload().item, price=7)

    app = quotes(answer)
    worker = Worker(app, transport_for(scratch_broker_url))
    parts = urlsplit(scratch_broker_url)
    proxy = Proxy(parts.port or 5672)
    await proxy.start()
    await worker.start()
    through = f"amqp://guest:guest@127.0.0.1:{proxy.port}{parts.path}?transport={transport}"
    async with Publisher.connect(through):
        asking = asyncio.create_task(GetQuote(item="lamp").request(timeout=60))
        await received.wait()
        proxy.cut()
        cut.set()
        assert await asking == Quote(item="lamp", price=7)
        # And those after it are answered too.
        assert await GetQuote(item="desk").request(timeout=60) == Quote(item="desk", price=7)
    await worker.stop()
    await proxy.close()
    queues = [queue.name for queue in topology_of(app.services[0]).queues]
    await delete_queues(scratch_broker_url, *queues)
