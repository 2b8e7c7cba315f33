"""A handler that blocks the event loop is told by its name, once."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from uuid import uuid4

import pytest
from jararaca import Message, MessageHandler, MessageOf, Microservice, Publisher, Worker, route
from jararaca.messagebus import blocked_loop
from jararaca.transport.connect import transport_for

from tests.support.services import service_of


class Job(Message):
    MESSAGE_TOPIC = "jobs"
    MESSAGE_TYPE = "task"
    seconds: float


class Jobs:
    """One that blocks, and one that waits as it should, or in a thread."""

    @MessageHandler(Job)
    async def blocks(self, message: MessageOf[Job]) -> None:
        helper(message.payload().seconds)

    @MessageHandler(Job)
    async def waits(self, message: MessageOf[Job]) -> None:
        await asyncio.sleep(message.payload().seconds)

    @MessageHandler(Job)
    def threaded(self, message: MessageOf[Job]) -> None:
        helper(message.payload().seconds)


def helper(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.parametrize(("handler", "told"), [("blocks", 1), ("waits", 0), ("threaded", 0)])
async def test_only_what_blocks_the_loop_is_told_and_once(
    handler: str, told: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(blocked_loop, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(blocked_loop, "BLOCKED_SECONDS", 0.6)
    row = route(
        operation=handler,
        queue="jobs",
        binding_keys=("jobs",),
        message=Job,
        controller=Jobs,
        handler=getattr(Jobs, handler),
    )
    url = f"memory://{uuid4()}"
    worker = Worker(Microservice(service_of(row)), transport_for(url))
    await worker.start()
    with caplog.at_level(logging.ERROR):
        async with Publisher.connect(url):
            await Job(seconds=2.0).publish()
        await asyncio.sleep(0)
        while worker.in_flight:
            await asyncio.sleep(0.02)
    await worker.stop()
    lines = [line for line in caplog.messages if "blocks the event loop" in line]
    assert len(lines) == told
    assert all(
        f"Jobs.{handler} blocks" in line and "test_blocked_loop.py" in line for line in lines
    )


def test_what_blocks_and_is_no_handler_is_told_by_its_own_name() -> None:
    frame = sys._getframe()
    found = blocked_loop.BlockedLoop(())._found(frame)
    assert found == ("test_what_blocks_and_is_no_handler_is_told_by_its_own_name", frame)
