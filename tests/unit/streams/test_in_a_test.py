"""Streams under the testing kit's bus: nothing happens by the clock on the wall."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from jararaca import (
    From,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    QueueBinding,
    RetryPolicy,
    fail,
    route,
)
from jararaca.messagebus.streams import bootstrap
from jararaca.testing import TestBus

from tests.support.services import service_of


class Kept(Message):
    MESSAGE_TOPIC = "kept"
    number: int


def app(controller: Any) -> Microservice:
    """The application of one handler, `take`, and the stream of what it takes."""
    made = service_of(
        route(
            operation="take",
            queue="takes",
            binding_keys=("kept",),
            message=Kept,
            controller=controller,
            handler=controller.take,
            stream="kept.stream",
        )
    )
    kept = Queue("kept.stream", arguments={"x-queue-type": "stream"})
    bound = QueueBinding("jararaca", "kept.stream", "kept")
    queues, bindings = (*made.topology.queues, kept), (*made.topology.bindings, bound)
    topology = replace(made.topology, queues=queues, bindings=bindings)
    return Microservice(replace(made, topology=topology))


async def test_a_handler_that_asks_for_history_gets_each_message_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is none: the broker is new. What the test publishes came again after a second."""
    monkeypatch.setattr(bootstrap, "SEAM_SECONDS", 0.05)
    taken: list[int] = []

    @MessageBusController()
    class Takes:
        @MessageHandler(Kept, bootstrap=From.first())
        async def take(self, message: MessageOf[Kept]) -> None:
            taken.append(message.payload().number)

    async with TestBus(app(Takes)) as bus:
        for number in range(3):
            await bus.publish(Kept(number=number))
        await asyncio.sleep(1)
        await bus.settle()
    assert taken == [0, 1, 2]


async def test_batches_behind_one_that_was_tried_for_long_are_handled_too() -> None:
    """Those of a batch leave the line one after the other, and nobody is at work meanwhile."""
    taken: list[list[int]] = []
    retry = RetryPolicy(max_retries=1, initial_delay=60, jitter=0)

    @MessageBusController()
    class Takes:
        @MessageHandler(Kept, stream=From.first(), batch=5, within=0.05, retry=retry)
        async def take(self, messages: list[MessageOf[Kept]]) -> None:
            for each in messages:
                if each.payload().number == 3:
                    fail(each, ValueError("3"))
            taken.append([each.payload().number for each in messages])

    async with TestBus(app(Takes)) as bus:
        for number in range(7):
            await bus.publish(Kept(number=number))
        await bus.settle()
        await bus.advance(120)
    assert taken[-2:] == [[4], [5, 6]]
