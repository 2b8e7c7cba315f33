"""An ordered message that the broker takes back between two tries goes on with its count."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca import MessageOf
from jararaca.handling.middlewares import tried_messages
from jararaca.handling.middlewares.tried_messages import TriedMessages
from jararaca.transport import Delivery, Properties
from jararaca.transport.memory.queue import Token

from tests.unit.test_handling import QUICK, Bench, Job


def taken_back(delivery: Delivery) -> None:
    """As RabbitMQ does when a connection is lost; its queue delivers it again a turn later."""
    token: Token = delivery.token
    del token.consumer.unsettled[token.place]
    queue = token.consumer.queue

    def again() -> None:
        queue.put_back(token.place, token.stored, failed=False)
        queue.pump()

    asyncio.get_running_loop().call_later(0.01, again)


@pytest.mark.parametrize(
    "options", [{"ordered": True}, {"ordered_by": lambda job: job.number}], ids=["all", "by key"]
)
async def test_what_is_taken_back_while_it_waits_goes_on_with_its_next_try(
    options: dict[str, Any],
) -> None:
    tries: list[tuple[int, int]] = []
    held: list[Delivery] = []

    async def body(message: MessageOf[Job]) -> None:
        tries.append((message.payload().number, message.attempt))
        held.append(message.delivery)
        if message.payload().number:
            raise ValueError("always")

    async def pause(seconds: float, until: asyncio.Event) -> None:
        taken_back(held[-1])

    bench = Bench(body, pause=pause, retry=QUICK, **options)
    outcomes = await bench.run(Job(number=1), Job(number=0), until=3)
    assert sorted(tries) == [(0, 1), (1, 1), (1, 2)]
    assert sorted(outcomes) == ["dead-lettered", "handled", "retried"]


def receipt(message_id: str | None, *, redelivered: bool, body: bytes = b"{}") -> Delivery:
    """One receipt of a message."""
    return Delivery("q", "tick", "ex", body, Properties(message_id), {}, redelivered, object())


def test_only_the_same_message_goes_on_and_only_when_it_is_delivered_again() -> None:
    tried = TriedMessages()
    tried.failed(receipt("1", redelivered=False), 3)
    assert tried.next_try(receipt("1", redelivered=True), 1) == 3
    assert tried.next_try(receipt("2", redelivered=True), 1) == 1
    assert tried.next_try(receipt("1", redelivered=True, body=b"[]"), 1) == 1
    assert tried.next_try(receipt("1", redelivered=True), 5) == 5
    # Published again, perhaps from the dead letters: its tries begin anew, and stay so.
    assert tried.next_try(receipt("1", redelivered=False), 1) == 1
    assert tried.next_try(receipt("1", redelivered=True), 1) == 1


def test_what_failed_last_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried_messages, "MOST_REMEMBERED", 2)
    tried = TriedMessages()
    receipts = {each: receipt(each, redelivered=True) for each in "123"}
    for each in "1213":
        tried.failed(receipts[each], 2)
    assert [tried.next_try(receipts[each], 1) for each in "123"] == [2, 1, 2]
