"""Connections that break: what a publisher and a worker's log promise, over a proxy that cuts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from jararaca import (
    BrokerUnreachableError,
    ConfigurationError,
    Exchange,
    PublishTimeoutError,
    Queue,
    QueueBinding,
    Topology,
)
from jararaca.transport import Delivery, Properties, Publication, Transport
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import Inbox
from tests.fault.proxy import Proxy
from tests.support.brokers import delete_queues

pytestmark = pytest.mark.broker


@dataclass
class Line:
    """A transport whose line can be cut, one that stays whole, and a queue."""

    proxy: Proxy
    broken: Transport
    whole: Transport
    queue: str

    def message(self, body: bytes = b"{}", message_id: str | None = None) -> Publication:
        """A publication for the queue."""
        return Publication(
            self.queue, body, "", properties=Properties(message_id=message_id), mandatory=True
        )


@pytest.fixture(params=["fast", "plain"])
async def line(scratch_broker_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    parts = urlsplit(scratch_broker_url)
    proxy = Proxy(parts.port or 5672)
    await proxy.start()
    through = f"amqp://guest:guest@127.0.0.1:{proxy.port}{parts.path}"
    broken = transport_for(f"{through}?publish_timeout=5&transport={request.param}")
    whole = transport_for(scratch_broker_url)
    queue = f"recovery-{uuid4().hex[:8]}"
    await broken.connect()
    await whole.connect()
    await broken.declare(
        Topology(
            (Exchange("jararaca", shared=True),),
            (Queue(queue, arguments={"x-queue-type": "quorum"}),),
            (QueueBinding("jararaca", queue, queue),),
        )
    )
    yield Line(proxy, broken, whole, queue)
    await broken.close()
    await whole.close()
    await proxy.close()


async def until(condition: object) -> None:
    async with asyncio.timeout(20):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_a_publication_waits_for_the_connection_to_come_back(line: Line) -> None:
    line.proxy.cut()
    await line.broken.publish(line.message(b"waited"))
    found = await line.whole.fetch(line.queue)
    assert found is not None
    assert found.body == b"waited"
    await line.whole.ack(found)


async def test_a_publication_without_a_connection_ends_at_its_deadline(line: Line) -> None:
    line.proxy.stall()
    line.proxy.cut()
    with pytest.raises(PublishTimeoutError, match="not confirmed in 5 s"):
        await line.broken.publish(line.message())


async def test_a_publication_whose_confirm_was_lost_is_sent_again_with_its_id(line: Line) -> None:
    """The broker has it, the confirm never comes: it is there twice, and known by its id."""
    await line.broken.publish(line.message(b"opens the channel", "first"))
    line.proxy.stall_answers()
    publishing = asyncio.create_task(line.broken.publish(line.message(b"once", "the-id")))
    await asyncio.sleep(0.5)
    assert not publishing.done()
    line.proxy.resume()
    line.proxy.cut()
    await publishing
    ids: list[str | None] = []
    async with asyncio.timeout(20):
        while len(ids) < 3:
            found = await line.whole.fetch(line.queue)
            if found is not None:
                ids.append(found.properties.message_id)
                await line.whole.ack(found)
    assert ids == ["first", "the-id", "the-id"]


async def test_a_consumer_resumes_and_readiness_tells_when(line: Line) -> None:
    inbox = Inbox(line.broken.ack)
    await line.broken.consume(line.queue, 5, inbox)
    assert line.broken.ready
    line.proxy.cut()
    await until(lambda: not line.broken.ready)
    await until(lambda: line.broken.ready)
    await line.whole.publish(line.message(b"after"))
    assert await inbox.bodies(1) == [b"after"]


async def test_an_ack_of_before_the_cut_settles_nothing_after_it(line: Line) -> None:
    inbox = Inbox()
    await line.broken.consume(line.queue, 5, inbox)
    await line.whole.publish(line.message(b"1"))
    stale = await inbox.next()
    line.proxy.cut()
    again: Delivery = await inbox.next()
    assert again.redelivered
    await line.broken.ack(stale)
    await line.broken.requeue(again)
    third = await inbox.next()
    assert third.body == b"1", "the stale ack has settled the new delivery"
    await line.broken.ack(third)


async def test_each_event_of_a_connection_is_one_clear_line(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    line.proxy.cut()
    await until(lambda: "is back" in caplog.text and line.broken.ready)
    await until(lambda: caplog.text.count("is back") == 2)
    told = [record.getMessage() for record in caplog.records]
    assert sum("lost the publishing connection" in each for each in told) == 1
    assert sum("lost the consuming connection" in each for each in told) == 1
    assert all(record.exc_info is None for record in caplog.records)
    assert "guest:guest" not in caplog.text


async def test_several_hosts_are_tried_in_turn_at_the_start_and_after_a_loss(
    scratch_broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(scratch_broker_url)
    first, second = Proxy(parts.port or 5672), Proxy(parts.port or 5672)
    for proxy in (first, second):
        await proxy.start()
    nodes = f"127.0.0.1:1,127.0.0.1:{first.port},127.0.0.1:{second.port}"
    transport = transport_for(parts._replace(netloc=f"guest:guest@{nodes}").geturl())
    await transport.connect()
    name = f"hosts-{uuid4().hex[:8]}"
    await transport.declare(Topology(queues=(Queue(name, arguments={"x-queue-type": "quorum"}),)))
    await first.close()
    await transport.publish(Publication(name, b"over the second", "", mandatory=True))
    await until(lambda: transport.ready)
    assert "no connection to amqp://127.0.0.1:1/" in caplog.text
    assert "guest:guest" not in caplog.text
    await transport.close()
    await second.close()
    await delete_queues(scratch_broker_url, name)


@pytest.mark.parametrize("hosts", ["a,,b", "a:1,:2", "a:x,b", "a,b:x"])
def test_a_list_of_hosts_that_is_none_is_told(hosts: str) -> None:
    with pytest.raises(ConfigurationError, match="broker URL is invalid"):
        transport_for(f"amqp://guest:guest@{hosts}/")


async def test_no_broker_at_the_start_says_where_it_was_looked_for() -> None:
    with pytest.raises(BrokerUnreachableError, match=r"amqp://127\.0\.0\.1:1/"):
        await transport_for("amqp://guest:guest@127.0.0.1:1/").connect()
