"""What a queue's consumer asks RabbitMQ to wait for an ack follows from its handlers' timeouts."""

from __future__ import annotations

from typing import Any

import pytest
from jararaca import Message, MessageHandler, MessageOf, RetryPolicy
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.messagebus.consumer_timeout import MARGIN_SECONDS, consumer_timeout
from jararaca.transport import Consumer
from jararaca.transport.amqp.subscription import Subscription
from jararaca.transport.memory.transport import MemoryTransport

from tests.unit.test_handling import Bench, Job

HOUR = 3_600.0
HALF_AN_HOUR = 1_800.0


class Tick(Message):
    MESSAGE_TOPIC = "tick"


def handler(timeout: float | None, **options: Any) -> HandlerSpec:
    """A handler's options."""
    return MessageHandler(Tick, timeout=timeout, **options).spec


THRICE = RetryPolicy(max_retries=2, initial_delay=100, backoff_factor=3, jitter=0)


@pytest.mark.parametrize(
    ("handlers", "seconds"),
    [
        ([handler(HOUR)], HOUR + MARGIN_SECONDS),
        ([handler(1)], HALF_AN_HOUR),
        ([handler(1), handler(HOUR), handler(2)], HOUR + MARGIN_SECONDS),
        ([handler(HOUR), handler(None)], None),
        ([handler(None)], None),
        # A batch of four that fails is divided: once the four, twice two, four times one.
        ([handler(HOUR, batch=4, within=5)], 7 * HOUR + 5 + MARGIN_SECONDS),
        # All tries are made in its place, and the waiting between them is part of it.
        ([handler(HOUR, ordered=True, retry=THRICE)], 3 * HOUR + 100 + 300 + MARGIN_SECONDS),
        (
            [handler(HOUR, ordered_by=str, retry=RetryPolicy(max_retries=1, initial_delay=250))],
            2 * HOUR + 300 + MARGIN_SECONDS,
        ),
    ],
)
def test_a_consumer_asks_for_as_long_as_its_slowest_handler_may_take(
    handlers: list[HandlerSpec], seconds: float | None
) -> None:
    assert consumer_timeout(handlers) == seconds


async def test_the_worker_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, float | None] = {}
    consume = MemoryTransport.consume

    async def watched(
        self: MemoryTransport, queue: str, *args: Any, timeout: float | None = None, **more: Any
    ) -> Consumer:
        asked[queue] = timeout
        return await consume(self, queue, *args, timeout=timeout, **more)

    monkeypatch.setattr(MemoryTransport, "consume", watched)

    async def body(message: MessageOf[Job]) -> None:
        return None

    await Bench(body, timeout=HOUR).run(Job(), until=1)
    assert asked == {"jobs": HOUR + MARGIN_SECONDS, "notes": None}


def test_rabbitmq_is_told_in_milliseconds() -> None:
    told = Subscription.of("q", 10, 0, timeout=HOUR + 0.0001)
    assert told.arguments == {"x-consumer-timeout": 3_600_001}
    assert Subscription.of("q", 10, 0).arguments == {}


@pytest.mark.parametrize("ordered", [False, True])
async def test_consumers_begin_with_one_message_at_a_time_but_where_they_keep_the_order(
    ordered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, bool] = {}
    consume = MemoryTransport.consume

    async def watched(
        self: MemoryTransport, queue: str, *args: Any, careful: bool = False, **more: Any
    ) -> Consumer:
        asked[queue] = careful
        return await consume(self, queue, *args, careful=careful, **more)

    monkeypatch.setattr(MemoryTransport, "consume", watched)

    async def body(message: MessageOf[Job]) -> None:
        return None

    await Bench(body, ordered=ordered).run(Job(), until=1)
    assert asked == {"jobs": not ordered, "notes": True}
