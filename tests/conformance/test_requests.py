"""Requests and their answers: the same promises on every broker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    BrokerUnreachableError,
    Delivery,
    MessageOf,
    Microservice,
    NoHandlerError,
    Publisher,
    RequestFailedError,
    RequestTimeoutError,
    Topology,
    Worker,
    ack,
    implicit_headers,
    reject,
)
from jararaca.contract.topology import Queue
from jararaca.handlers.outcome import Handled
from jararaca.publishing.publication import publication_of
from jararaca.publishing.requests import _reply_queues, request
from jararaca.routing.declarations import topology_of
from jararaca.transport import Publication, Transport
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Inbox
from tests.support.brokers import delete_queues
from tests.support.quotes import GetQuote, OutOfStock, Quote, quotes


async def priced(message: MessageOf[GetQuote]) -> Quote | OutOfStock:
    """Every item costs the length of its name; nothing is not to be had."""
    item = message.payload().item
    return Quote(item=item, price=len(item)) if item else OutOfStock(item=item)


@asynccontextmanager
async def serving(url: str, app: Microservice, **options: Any) -> AsyncIterator[Transport]:
    """A worker that runs an application, and a publisher beside it; its transport."""
    transport, asking = transport_for(url), transport_for(url)
    worker = Worker(app, transport, **options)
    await worker.start()
    try:
        async with Publisher.connect(url):
            yield asking
    finally:
        await worker.stop()
        if not url.startswith("memory:"):
            names = [queue.name for each in app.services for queue in topology_of(each).queues]
            await delete_queues(url, *names)


async def test_a_request_returns_the_typed_answer_of_its_handler(broker_url: str) -> None:
    async with serving(broker_url, quotes(priced)):
        assert await GetQuote(item="lamp").request(timeout=PATIENCE) == Quote(item="lamp", price=4)
        assert await GetQuote(item="").request(timeout=PATIENCE) == OutOfStock(item="")


async def test_answers_reach_those_who_asked_however_many_ask_at_once(broker_url: str) -> None:
    async def shuffled(message: MessageOf[GetQuote]) -> Quote:
        await asyncio.sleep(hash(message.payload().item) % 7 / 100)
        return Quote(item=message.payload().item, price=1)

    async with serving(broker_url, quotes(shuffled)):
        items = [f"item {number}" for number in range(300)]
        answers = await asyncio.gather(*(GetQuote(item=i).request(timeout=60) for i in items))
    assert [answer.item for answer in answers] == items


async def test_a_request_that_nobody_handles_fails_at_once(broker_url: str) -> None:
    async with Publisher.connect(broker_url) as publisher:
        topology = topology_of(quotes(priced).services[0])
        await publisher._transport.declare(Topology(topology.exchanges, (), ()))
        with pytest.raises(NoHandlerError, match="nobody handles GetQuote"):
            await GetQuote(item="lamp").request(timeout=PATIENCE)


async def test_a_request_is_given_up_at_its_timeout_and_the_late_answer_dropped(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "jararaca.requests")
    told = asyncio.Event()

    async def slow(message: MessageOf[GetQuote]) -> Quote | OutOfStock:
        if message.payload().item == "slow":
            await told.wait()
        return await priced(message)

    async with serving(broker_url, quotes(slow)):
        # The queue of answers is there then: on a busy machine that alone may take as long.
        assert await GetQuote(item="b").request(timeout=PATIENCE) == Quote(item="b", price=1)
        with pytest.raises(RequestTimeoutError, match=r"no reply to GetQuote within 1 s"):
            await GetQuote(item="slow").request(timeout=1)
        told.set()
        async with asyncio.timeout(PATIENCE):
            while "came too late" not in caplog.text:
                await asyncio.sleep(0.01)
        assert await GetQuote(item="a").request(timeout=PATIENCE) == Quote(item="a", price=1)
    assert [r for r in caplog.records if r.levelno > logging.INFO and "request" in r.name] == []


async def test_who_asks_is_told_when_the_handler_gives_up(broker_url: str) -> None:
    async def refusing(message: MessageOf[GetQuote]) -> Quote:
        if message.payload().item == "rejected":
            reject("we do not sell that")
        raise LookupError("no such item")

    async with serving(broker_url, quotes(refusing)):
        with pytest.raises(RequestFailedError, match=r"Quotes\.quote: we do not") as rejected:
            await GetQuote(item="rejected").request(timeout=PATIENCE)
        assert rejected.value.reason == "we do not sell that"
        assert (rejected.value.handler or "").endswith("Quotes.quote")
        # Its policy has it tried twice first.
        with pytest.raises(RequestFailedError, match=r"given up after 2 attempts: LookupError"):
            await GetQuote(item="failing").request(timeout=PATIENCE)


async def test_who_asks_is_told_of_a_request_that_cannot_be_read(broker_url: str) -> None:
    async with serving(broker_url, quotes(priced)) as asking:
        await asking.connect()
        unreadable = replace(publication_of(GetQuote(item="lamp")), body=b"{}")
        with pytest.raises(RequestFailedError, match="not a valid GetQuote"):
            await request(asking, unreadable, PATIENCE)
        await asking.close()


async def test_a_failure_that_is_tried_again_is_answered_by_the_try_that_succeeds(
    broker_url: str,
) -> None:
    tries: list[int] = []

    async def second_time(message: MessageOf[GetQuote]) -> Quote | OutOfStock:
        tries.append(message.attempt)
        if message.attempt == 1:
            raise ConnectionError("not now")
        return await priced(message)

    async with serving(broker_url, quotes(second_time)):
        assert await GetQuote(item="lamp").request(timeout=PATIENCE) == Quote(item="lamp", price=4)
    assert tries == [1, 2]


async def test_what_a_handler_returns_must_be_one_of_the_answers(broker_url: str) -> None:
    async def wrong(message: MessageOf[GetQuote]) -> GetQuote | None:
        return message.payload() if message.payload().item else None

    async with serving(broker_url, quotes(wrong)):
        with pytest.raises(RequestFailedError, match="returned GetQuote, but the reply"):
            await GetQuote(item="lamp").request(timeout=PATIENCE)
        with pytest.raises(RequestFailedError, match="returned None"):
            await GetQuote(item="").request(timeout=PATIENCE)


async def test_a_handler_that_asks_while_it_works_gets_its_answer_before_it_ends(
    broker_url: str,
) -> None:
    async def recursive(message: MessageOf[GetQuote]) -> Quote | OutOfStock:
        item = message.payload().item
        if len(item) < 3:
            return await priced(message)
        inner = await GetQuote(item=item[:-1]).request(timeout=PATIENCE)
        assert isinstance(inner, Quote)
        return Quote(item=item, price=inner.price + 100)

    async with serving(broker_url, quotes(recursive)):
        answer = await GetQuote(item="abcd").request(timeout=PATIENCE)
    assert answer == Quote(item="abcd", price=202)


async def test_the_answer_goes_out_though_the_handler_acks_early(broker_url: str) -> None:
    async def early(message: MessageOf[GetQuote]) -> Quote | OutOfStock:
        await ack()
        return await priced(message)

    async with serving(broker_url, quotes(early)):
        assert await GetQuote(item="lamp").request(timeout=PATIENCE) == Quote(item="lamp", price=4)


async def test_headers_that_are_carried_on_come_back_with_the_answer(broker_url: str) -> None:
    async with serving(broker_url, quotes(priced)) as asking:
        await asking.connect()
        queue, inbox = f"answers-{uuid4().hex[:8]}", Inbox()
        await asking.declare(Topology((), (Queue(queue, arguments={"x-expires": 60_000}),), ()))
        await asking.consume(queue, 1, inbox)
        with implicit_headers(tenant="acme"):
            publication = publication_of(GetQuote(item="lamp"))
        await asking.publish(_asking(publication, queue, "of mine"))
        answer = await inbox.next()
        await asking.ack(answer)
        await asking.close()
    assert answer.headers["tenant"] == "acme"
    assert answer.properties.correlation_id == "of mine"
    assert answer.properties.type == "Quote"


async def test_a_request_of_a_foreign_client_is_known_by_its_message_id(broker_url: str) -> None:
    async with serving(broker_url, quotes(priced)) as asking:
        await asking.connect()
        queue, inbox = f"answers-{uuid4().hex[:8]}", Inbox()
        await asking.declare(Topology((), (Queue(queue, arguments={"x-expires": 60_000}),), ()))
        await asking.consume(queue, 1, inbox)
        publication = publication_of(GetQuote(item="lamp"))
        await asking.publish(_asking(publication, queue, None))
        answer = await inbox.next()
        await asking.ack(answer)
        await asking.close()
    assert answer.properties.correlation_id == publication.properties.message_id


async def test_an_answer_for_one_who_is_gone_is_no_failure_of_the_handler(broker_url: str) -> None:
    told: asyncio.Queue[Handled] = asyncio.Queue()
    async with serving(broker_url, quotes(priced), listener=told.put_nowait) as asking:
        await asking.connect()
        publication = publication_of(GetQuote(item="lamp"))
        await asking.publish(_asking(publication, f"gone-{uuid4().hex[:8]}", "of nobody"))
        assert (await asyncio.wait_for(told.get(), PATIENCE)).outcome == "handled"
        await asking.close()


async def test_all_requests_of_a_process_share_one_queue(broker_url: str) -> None:
    async with Publisher.connect(broker_url) as publisher, serving(broker_url, quotes(priced)):
        opened: list[str] = []
        transport = publisher._transport
        consume = transport.consume

        async def counted(queue: str, prefetch: int, on_delivery: Any, **options: Any) -> Any:
            opened.append(queue)
            return await consume(queue, prefetch, on_delivery, **options)

        transport.consume = counted  # type: ignore[method-assign]
        asked = (publisher.request(GetQuote(item=str(n)), timeout=PATIENCE) for n in range(20))
        answers: list[Delivery] = await asyncio.gather(*asked)
        assert len(answers) == 20
        assert opened == [_reply_queues[transport].queue]


def _asking(publication: Publication, queue: str, correlation_id: str | None) -> Publication:
    properties = replace(publication.properties, reply_to=queue, correlation_id=correlation_id)
    return replace(publication, properties=properties)


async def test_a_request_from_another_loop_is_answered_there(broker_url: str) -> None:
    async with serving(broker_url, quotes(priced)) as asking:
        await asking.connect()
        publisher = Publisher(asking)

        async def ask(item: str) -> Quote | OutOfStock:
            asked = GetQuote(item=item)
            return GetQuote.decode_reply(await publisher.request(asked, timeout=PATIENCE))

        async def elsewhere() -> list[Quote | OutOfStock]:
            # A publisher of the thread's own beside it, and one whose request is given up.
            given_up = asyncio.create_task(ask("never"))
            await asyncio.sleep(0)
            given_up.cancel()
            async with Publisher.connect(broker_url):
                own = await GetQuote(item="own").request(timeout=PATIENCE)
            return [own, *await asyncio.gather(*(ask("x" * size) for size in range(1, 6)))]

        found = await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
        assert [each.item for each in found] == ["own", *("x" * size for size in range(1, 6))]
        assert await ask("here") == Quote(item="here", price=4)
        await asking.close()


async def test_a_request_of_a_loop_that_has_ended_is_refused_at_once() -> None:
    transport = transport_for(f"memory://{uuid4()}")
    await asyncio.to_thread(lambda: asyncio.run(transport.connect()))
    with pytest.raises(BrokerUnreachableError, match="does not run any more"):
        await request(transport, publication_of(GetQuote(item="lamp")), PATIENCE)


async def test_an_id_that_was_given_is_kept_and_two_of_one_id_are_told_apart() -> None:
    seen: list[str | None] = []

    async def answered(message: MessageOf[GetQuote]) -> Quote:
        seen.append(message.properties.correlation_id)
        await asyncio.sleep(0.05)
        item = message.payload().item
        return Quote(item=item, price=len(item))

    url = f"memory://{uuid4()}"
    worker = Worker(quotes(answered), transport_for(url))
    await worker.start()
    transport = transport_for(url)
    await transport.connect()

    def asked(item: str) -> Publication:
        made = publication_of(GetQuote(item=item))
        properties = replace(made.properties, correlation_id="mine")
        return replace(made, properties=properties)

    answers = await asyncio.gather(*(request(transport, asked(each), 5) for each in ("a", "bb")))
    assert [Quote.decode(each.body).price for each in answers] == [1, 2]
    assert seen[0] == "mine" and seen[1] not in (None, "mine")
    await transport.close()
    await worker.stop()
