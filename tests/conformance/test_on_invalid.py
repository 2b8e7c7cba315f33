"""`on_invalid="warn"`: what can be typed is handled and told; all else is a dead letter as ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Model,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport import Properties, Publication, Transport
from jararaca.transport.connect import transport_for
from pydantic import ConfigDict, Field

from tests.conformance.conftest import ONE_OF_EACH, PATIENCE
from tests.support.brokers import delete_queues
from tests.support.services import service_of


class Line(Model):
    model_config = ConfigDict(extra="forbid")
    sku: Annotated[str, Field(pattern="^[A-Z]+$")]


class Placed(Message):
    MESSAGE_TOPIC = "placed"
    number: Annotated[int, Field(le=9)]
    lines: list[Line] = Field(default_factory=list)


class Kept(Placed):
    MESSAGE_NAME = "Placed"
    MESSAGE_ON_INVALID = "warn"


LONG = b'{"number":10,"lines":[{"sku":"A","colour":"red"},{"sku":"secret"}]}'
WHAT = {
    ("Placed", "number", "less_than_equal"),
    ("Placed", "lines[].colour", "extra_forbidden"),
}


class Bench:
    """A worker with one handler, and a stranger who publishes to it."""

    def __init__(self, stranger: Transport, queue: str) -> None:
        self.queue = queue
        self.stranger = stranger
        self.seen: list[MessageOf[Any]] = []
        self.outcomes: asyncio.Queue[Handled] = asyncio.Queue()

    async def become(self, body: bytes) -> Handled:
        """What becomes of a message with this body."""
        properties = Properties(message_id=str(uuid4()), type="Placed")
        await self.stranger.publish(Publication(self.queue, body, None, properties))
        return await asyncio.wait_for(self.outcomes.get(), PATIENCE)


@asynccontextmanager
async def handling(
    url: str, kind: type[Placed], fails: int = 0, **options: Any
) -> AsyncIterator[Bench]:
    bench = Bench(transport_for(url), f"invalid-{uuid4().hex[:8]}")
    await bench.stranger.connect()

    @MessageBusController()
    class Orders:
        @MessageHandler(kind, retry=RetryPolicy(initial_delay=0.1, jitter=0), **options)
        async def placed(self, message: MessageOf[Any]) -> None:
            bench.seen.append(message)
            if message.attempt <= fails:
                raise ValueError("as it was told to")

    row = route(
        operation="placed",
        queue=bench.queue,
        binding_keys=(bench.queue,),
        message=kind,
        controller=Orders,
        handler=Orders.placed,
    )
    app = Microservice(service_of(row))
    worker = Worker(app, transport_for(url), listener=bench.outcomes.put_nowait)
    await worker.start()
    try:
        yield bench
    finally:
        await worker.stop()
        await bench.stranger.close()
        if not url.startswith("memory:"):
            await delete_queues(url, bench.queue, dead_letter_queue(bench.queue))


@ONE_OF_EACH
@pytest.mark.parametrize(
    ("kind", "options"), [(Placed, {"on_invalid": "warn"}), (Kept, {})], ids=["handler", "message"]
)
async def test_what_can_be_typed_is_handled_and_told(
    broker_url: str,
    kind: type[Placed],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "jararaca.worker")
    async with handling(broker_url, kind, **options) as bench:
        for _ in range(2):
            handled = await bench.become(LONG)
            assert handled.outcome == "handled"
            # A list tells of its first wrong item alone.
            assert set(handled.violations) == WHAT
        assert [each.payload().number for each in bench.seen] == [10, 10]
        assert [line.sku for line in bench.seen[0].payload().lines] == ["A", "secret"]
        assert set(bench.seen[0].violations) == WHAT
    told = [each.getMessage() for each in caplog.records if "violates" in each.getMessage()]
    assert len(told) == 2, "each kind is logged once"
    assert not any("secret" in each or "red" in each for each in told), "no value is logged"


@ONE_OF_EACH
async def test_what_is_of_no_type_is_a_dead_letter_as_ever(broker_url: str) -> None:
    async with handling(broker_url, Placed, on_invalid="warn") as bench:
        for body in (b'{"number":"10"}', b"{}", b"no json", b'{"number":1,"lines":[{}]}'):
            handled = await bench.become(body)
            assert handled.outcome == "dead-lettered"
            assert "not a valid Placed" in (handled.reason or "")
        assert not bench.seen
        assert await bench.stranger.count(dead_letter_queue(bench.queue)) == 4


@ONE_OF_EACH
@pytest.mark.parametrize(
    ("kind", "options"),
    [(Placed, {}), (Kept, {"on_invalid": "dead-letter"})],
    ids=["by default", "as the handler says"],
)
async def test_else_it_is_a_dead_letter_with_its_violations(
    broker_url: str, kind: type[Placed], options: dict[str, Any]
) -> None:
    async with handling(broker_url, kind, **options) as bench:
        handled = await bench.become(LONG)
        assert (handled.outcome, set(handled.violations)) == ("dead-lettered", WHAT)
        assert not bench.seen


@ONE_OF_EACH
async def test_it_is_tried_again_like_any_other(broker_url: str) -> None:
    async with handling(broker_url, Placed, fails=1, on_invalid="warn") as bench:
        assert (await bench.become(LONG)).outcome == "retried"
        handled = await asyncio.wait_for(bench.outcomes.get(), PATIENCE)
        assert (handled.outcome, handled.attempt) == ("handled", 2)
        assert [set(each.violations) for each in bench.seen] == [WHAT, WHAT]


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match='on_invalid is "dead-letter" or "warn", got .log.'):
        MessageHandler(Placed, on_invalid="log")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match='MESSAGE_ON_INVALID is "dead-letter" or "warn"'):

        class Wrong(Message):
            MESSAGE_ON_INVALID = "log"  # type: ignore[assignment]
