"""A request's way: what is asked, which answer belongs to it, and what each failure says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from jararaca.contract import headers
from jararaca.contract.topology import Topology
from jararaca.errors import (
    NoHandlerError,
    RequestFailedError,
    RequestTimeoutError,
    UnroutableError,
)
from jararaca.publishing.requests import _reply_queues, request
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.home_loop import HomeLoop

ASK = Publication("quotes.get", b"{}", properties=Properties("id", "GetQuote"))


class Broker:
    """A transport on which a test answers, and what was done with it."""

    def __init__(self) -> None:
        self.home = HomeLoop()
        self.home.enter()
        self.asked: list[Publication] = []
        self.declared: list[Topology] = []
        self.acked: list[Delivery] = []
        self.receive: Callable[[Delivery], Any] = lambda delivery: None
        self.fails: Exception | None = None

    async def declare(self, topology: Topology) -> None:
        self.declared.append(topology)

    async def consume(self, queue: str, prefetch: int, receive: Any) -> None:
        self.receive = receive

    async def ack(self, delivery: Delivery) -> None:
        self.acked.append(delivery)

    async def publish(self, publication: Publication) -> None:
        if self.fails:
            raise self.fails
        self.asked.append(publication)

    async def answer(self, known_by: str | None, **told: Any) -> Delivery:
        properties = Properties("answer", "Quote", correlation_id=known_by)
        made = Delivery("answers", "answers", "", b"1", properties, told, False, None)
        await self.receive(made)
        return made

    def waiting(self) -> int:
        return len(_reply_queues[cast(Any, self)].waiting)


async def asking(
    broker: Broker, publication: Publication = ASK, timeout: float = 20
) -> tuple[asyncio.Task[Delivery], Publication]:
    """A request that waits for its answer, and what went out for it."""
    before = len(broker.asked)
    task = asyncio.create_task(request(cast(Any, broker), publication, timeout))
    while len(broker.asked) == before:
        await asyncio.sleep(0)
    return task, broker.asked[before]


async def test_what_is_asked_names_the_queue_of_answers_that_was_declared() -> None:
    broker = Broker()
    task, asked = await asking(broker)
    [queue] = [queue for topology in broker.declared for queue in topology.queues]
    assert dict(queue.arguments) == {"x-queue-type": "classic", "x-expires": 120_000}
    assert queue.name.startswith("jararaca.replies.") and asked.properties.reply_to == queue.name
    assert asked.mandatory and asked.headers == {headers.REQUEST: True}
    answer = await broker.answer(asked.properties.correlation_id)
    assert await task is answer and broker.acked == [answer]
    assert broker.waiting() == 0


async def test_an_answer_without_an_id_of_anybodys_is_acked_and_dropped() -> None:
    broker = Broker()
    task, asked = await asking(broker)
    dropped = [await broker.answer(None), await broker.answer("another's")]
    assert not task.done()
    known_by = asked.properties.correlation_id
    first, second = await broker.answer(known_by), await broker.answer(known_by)
    assert await task is first, "the second one comes too late"
    assert broker.acked == [*dropped, first, second]


async def test_each_request_of_one_id_has_an_answer_of_its_own() -> None:
    broker = Broker()
    known = Publication("quotes.get", b"{}", properties=Properties("id", correlation_id="mine"))
    first, asked_first = await asking(broker, known)
    second, asked_second = await asking(broker, known)
    third, asked_third = await asking(broker)
    ids = [each.properties.correlation_id for each in (asked_first, asked_second, asked_third)]
    assert ids[0] == "mine" and len({*ids}) == 3 and all(ids)
    answers = [await broker.answer(each) for each in reversed(ids)]
    assert [await first, await second, await third] == answers[::-1]
    assert len(broker.declared) == 1


@pytest.mark.parametrize(
    ("told", "handler", "text"),
    [
        (
            {headers.FAILURE: "broken", headers.HANDLER: "Quotes.get"},
            "Quotes.get",
            "GetQuote was given up by Quotes.get: broken",
        ),
        ({headers.FAILURE: "broken"}, None, "GetQuote was given up: broken"),
        ({headers.FAILURE: ""}, None, "GetQuote was given up: "),
    ],
)
async def test_a_refusal_says_why_and_by_whom(
    told: dict[str, Any], handler: str | None, text: str
) -> None:
    broker = Broker()
    task, asked = await asking(broker)
    await broker.answer(asked.properties.correlation_id, **told)
    with pytest.raises(RequestFailedError) as error:
        await task
    assert (str(error.value), error.value.handler) == (text, handler)
    assert error.value.reason == told[headers.FAILURE]


@pytest.mark.parametrize(("type_", "name"), [("GetQuote", "GetQuote"), (None, "quotes.get")])
async def test_a_request_that_fails_is_named_and_waits_no_longer(
    type_: str | None, name: str
) -> None:
    broker = Broker()
    ask = Publication("quotes.get", b"{}", properties=Properties("id", type_))
    task, _ = await asking(broker, ask, 0.01)
    with pytest.raises(RequestTimeoutError, match=f"no reply to {name} within 0.01 s"):
        await task
    broker.fails = UnroutableError("no queue")
    with pytest.raises(NoHandlerError, match=f"nobody handles {name}: no queue"):
        await request(cast(Any, broker), ask, 20)
    broker.fails = TimeoutError("the transport's own")
    with pytest.raises(TimeoutError, match="the transport's own") as error:
        await request(cast(Any, broker), ask, 20)
    assert not isinstance(error.value, RequestTimeoutError), "the time of the request is not over"
    assert broker.waiting() == 0


async def test_who_is_cancelled_while_the_queue_opens_leaves_the_opening_to_others() -> None:
    broker, let = Broker(), asyncio.Event()

    async def slowly(topology: Topology) -> None:
        broker.declared.append(topology)
        await let.wait()

    broker.declare = slowly  # type: ignore[method-assign]
    tasks = [asyncio.create_task(request(cast(Any, broker), ASK, 20)) for _ in range(2)]
    while not broker.declared:
        await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.sleep(0)
    let.set()
    while not broker.asked:
        await asyncio.sleep(0)
    answer = await broker.answer(broker.asked[0].properties.correlation_id)
    assert await tasks[1] is answer and len(broker.declared) == 1
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
