"""Messages in order: what is not settled when its worker stops, or loses it, is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from jararaca import Message, MessageHandler, MessageOf, route
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DONE, DeadLetter, Decision, Redeliver, Settlement
from jararaca.handling.middlewares.ordering import Ordering
from jararaca.transport import Delivery, Properties


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"


class Jobs:
    @MessageHandler(Job, ordered=True)
    async def work(self, message: MessageOf[Job]) -> None: ...


ROUTE = route(
    operation="work",
    queue="job",
    binding_keys=("job",),
    message=Job,
    controller=Jobs,
    handler=Jobs.work,
)


class Line:
    """One message's way through an ordering whose tries end as they are told."""

    def __init__(self, *settlements: Settlement) -> None:
        self.handler = BoundHandler(ROUTE, spec_of(Jobs.work), Jobs().work)
        self.message = MessageOf(
            Job(), Delivery("job", "job", "", b"{}", Properties(), {}, False, None), {}, 1
        )
        self.stopping = asyncio.Event()
        self.is_held = True
        self.tries: list[int] = []
        self.pauses: list[float] = []
        self.settled: list[Settlement] = []
        self.reported: list[Settlement] = []
        self._settlements = list(settlements)
        self.ordering = Ordering(
            self._attempt, self, self._report, self, self.stopping, self._pause  # type: ignore[arg-type]
        )

    async def _attempt(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        self.tries.append(message.attempt)
        return Decision(message.delivery, self._settlements.pop(0), handler)

    async def settle(self, decision: Decision) -> None:
        self.settled.append(decision.settlement)

    def _report(self, decision: Decision) -> None:
        self.reported.append(decision.settlement)

    def holds(self, delivery: Delivery) -> bool:
        return self.is_held

    async def _pause(self, seconds: float, until: asyncio.Event) -> None:
        self.pauses.append(seconds)
        self.after_pause()

    def after_pause(self) -> None:
        """What happens while the message waits for its next try."""

    async def run(self) -> None:
        await self.ordering(self.handler, self.message)


async def test_a_failure_is_tried_again_in_its_place_and_then_settled() -> None:
    line = Line(Redeliver(3.0, 2), Redeliver(4.0, 3), DONE)
    await line.run()
    assert (line.tries, line.pauses, line.settled) == ([1, 2, 3], [3.0, 4.0], [DONE])
    assert line.reported == [Redeliver(3.0, 2), Redeliver(4.0, 3)]


@pytest.mark.parametrize("ending", ["stopping", "lost"])
async def test_what_waits_for_its_next_try_is_left_when_the_worker_stops_or_loses_it(
    ending: str,
) -> None:
    line = Line(Redeliver(3.0, 2), DONE)

    def end() -> None:
        line.stopping.set() if ending == "stopping" else setattr(line, "is_held", False)

    line.after_pause = end  # type: ignore[method-assign]
    await line.run()
    assert (line.tries, line.settled) == ([1], [])


async def test_nothing_begins_that_is_not_held_any_more() -> None:
    line = Line(DONE)
    line.is_held = False
    await line.run()
    assert (line.tries, line.settled) == ([], [])


@pytest.mark.parametrize("key", [[], {}])
async def test_what_can_be_no_key_is_a_dead_letter_and_holds_up_nothing(key: object) -> None:
    line = Line(DONE)
    spec: Any = replace(line.handler.spec, ordered_by=lambda _: key)
    line.handler = BoundHandler(ROUTE, spec, line.handler.call)
    await line.run()
    [settled] = line.settled
    assert isinstance(settled, DeadLetter) and "no key to order it by: TypeError" in settled.reason
    assert line.tries == []
