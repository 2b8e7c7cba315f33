"""What bounds handlers and messages: stubborn ones, long timeouts, large bodies, our errors."""

from __future__ import annotations

import asyncio
import logging

import pytest
from jararaca import MessageOf, RetryPolicy
from jararaca.handling import decoding as decoding_module
from jararaca.handling import timeout as handling_timeout
from jararaca.handling.attempt import decided
from jararaca.handling.decision import Decision
from jararaca.handling.delivery_work import DeliveryWork
from jararaca.handling.handler_result import HandlerResult
from jararaca.messagebus.consumer_timeout import DEFAULT_SECONDS

from tests.unit.test_handling import QUICK, Bench, Job


async def test_a_handler_that_ignores_its_cancellation_is_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(handling_timeout, "STUBBORN_SECONDS", 0.05)

    async def body(message: MessageOf[Job]) -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(0.3)
            except asyncio.CancelledError:
                continue

    await Bench(body, timeout=0.05).run(Job(), until=1)
    assert any("catches CancelledError" in record.message for record in caplog.records)


async def test_a_timeout_beyond_the_brokers_own_is_told_at_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def body(message: MessageOf[Job]) -> None:
        return None

    for timeout, told in ((DEFAULT_SECONDS, 1), (60, 0)):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            await Bench(body, timeout=timeout).run(Job(), until=1)
        assert sum("consumer_timeout" in record.message for record in caplog.records) == told


async def test_a_body_that_is_too_large_is_dead_lettered_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding_module, "MAX_BODY", 5)
    seen: list[int] = []

    async def body(message: MessageOf[Job]) -> None:
        seen.append(1)

    bench = Bench(body)
    assert await bench.run(Job(number=7), until=1) == ["dead-lettered"]
    assert seen == []
    assert "bytes" in (bench.handled[0].reason or "")


async def test_an_error_of_ours_gives_the_delivery_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks, the delivery is settled or given back: a queue is never wedged."""
    monkeypatch.setattr("jararaca.messagebus.queue_receiver.FAILURE_PAUSE", 0.01)
    calls: list[int] = []

    def broken_once(work: DeliveryWork, result: HandlerResult) -> Decision:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return decided(work, result)

    monkeypatch.setattr("jararaca.handling.attempt.decided", broken_once)

    async def body(message: MessageOf[Job]) -> None:
        return None

    assert await Bench(body, retry=QUICK).run(Job(), until=1) == ["handled"]
    assert any("error of ours" in record.message for record in caplog.records)


async def test_a_discarded_message_is_neither_tried_again_nor_kept() -> None:
    async def body(message: MessageOf[Job]) -> None:
        raise KeyError("stale")

    policy = RetryPolicy(discard=(KeyError,))
    assert await Bench(body, retry=policy).run(Job(), until=1) == ["discarded"]
