"""An answer goes to a queue for answers only, whatever queue a stranger's `reply_to` names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import aiormq
import pytest
from jararaca import MessageOf, Microservice, Queue, Topology, Worker, reject
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.publishing.publication import publication_of
from jararaca.routing.declarations import topology_of
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE
from tests.support.brokers import delete_queues
from tests.support.quotes import TOPIC, GetQuote, Quote, quotes

OTHERS = ("billing.charge", "unanswered", "x.amq.gen-1", "answers.dead-letters", "amq.reply")


async def priced(message: MessageOf[GetQuote]) -> Quote:
    """A price, unless there is no such item."""
    item = message.payload().item
    return Quote(item=item, price=1) if item else reject("no such item")


@asynccontextmanager
async def serving(
    url: str, app: Microservice, *queues: str
) -> AsyncIterator[tuple[Transport, asyncio.Queue[Handled]]]:
    """A worker, and a stranger's connection beside it, with queues that are others'."""
    outcomes: asyncio.Queue[Handled] = asyncio.Queue()
    worker = Worker(app, transport_for(url), listener=outcomes.put_nowait)
    await worker.start()
    stranger = transport_for(url)
    await stranger.connect()
    others = tuple(Queue(each) for each in queues if not each.startswith("amq."))
    await stranger.declare(Topology(topology_of(app.services[0]).exchanges, others, ()))
    try:
        yield stranger, outcomes
    finally:
        await worker.stop()
        await stranger.close()
        if not url.startswith("memory:"):
            names = [each for each in queues if not each.startswith("amq.")]
            await delete_queues(url, TOPIC, dead_letter_queue(TOPIC), *names)


async def ask(transport: Transport, item: str, reply_to: str) -> None:
    """A request as a stranger makes it, who wants to be told of a failure too."""
    publication = publication_of(GetQuote(item=item))
    properties = replace(publication.properties, reply_to=reply_to)
    asked = {headers.REQUEST: True}
    await transport.publish(replace(publication, properties=properties, headers=asked))


@pytest.mark.parametrize("queue", OTHERS)
@pytest.mark.parametrize(("item", "outcome"), [("lamp", "handled"), ("", "dead-lettered")])
async def test_neither_an_answer_nor_a_refusal_goes_to_a_queue_of_others(
    broker_url: str, queue: str, item: str, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    if not broker_url.startswith("memory:") and queue.startswith("amq."):
        pytest.skip("the broker lets nobody declare a queue of that name")
    async with serving(broker_url, quotes(priced), queue) as (stranger, outcomes):
        await ask(stranger, item, queue)
        assert (await asyncio.wait_for(outcomes.get(), PATIENCE)).outcome == outcome
        await asyncio.sleep(0.1)
        assert queue.startswith("amq.") or await stranger.count(queue) == 0
    if item:
        assert f"its answer does not go to {queue}" in caplog.text


@pytest.mark.parametrize(
    ("names", "queue"),
    [(("billing.told",), "billing.told"), (("*.told",), "billing.told")],
)
async def test_the_application_says_which_other_queues_are_for_answers(
    broker_url: str, names: tuple[str, ...], queue: str
) -> None:
    app = Microservice(*quotes(priced).services, reply_queues=names)
    async with serving(broker_url, app, queue) as (stranger, outcomes):
        await ask(stranger, "lamp", queue)
        await ask(stranger, "", queue)
        for _ in range(2):
            await asyncio.wait_for(outcomes.get(), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while await stranger.count(queue) < 2:
                await asyncio.sleep(0.02)


@pytest.mark.broker
async def test_direct_reply_to_and_queues_that_the_broker_named_are_for_answers(
    scratch_broker_url: str,
) -> None:
    async with serving(scratch_broker_url, quotes(priced)) as (stranger, _):
        connection = await aiormq.connect(scratch_broker_url)
        channel = await connection.channel()
        named = (await channel.queue_declare("", exclusive=True)).queue
        assert named
        for queue in ("amq.rabbitmq.reply-to", named):
            assert await answered(channel, stranger.exchange, queue) == b'{"item":"lamp","price":1}'
        await connection.close()


async def answered(channel: aiormq.abc.AbstractChannel, exchange: str, queue: str) -> bytes:
    """The body of the answer that comes to a queue."""
    bodies: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive(message: aiormq.abc.DeliveredMessage) -> None:
        bodies.put_nowait(message.body)

    await channel.basic_consume(queue, receive, no_ack=True)
    properties = aiormq.spec.Basic.Properties(
        reply_to=queue, correlation_id=str(uuid4()), message_type="GetQuote"
    )
    await channel.basic_publish(
        b'{"item":"lamp"}', exchange=exchange, routing_key=TOPIC, properties=properties
    )
    return await asyncio.wait_for(bodies.get(), PATIENCE)
