"""Filling a queue with history: whose turn it is, what is noted, and how much waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest
from jararaca import From, Message, MessageHandler, MessageOf, route
from jararaca.application.progress import Place
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.messagebus.streams import bootstrap as module
from jararaca.messagebus.streams import refill
from jararaca.messagebus.streams.bootstrap import DONE, WANTED, Bootstrap
from jararaca.messagebus.streams.refill import LOOKED_AFTER, WAITING, Refill
from jararaca.transport import Delivery, Properties, Publication, Transport


class Placed(Message):
    MESSAGE_TOPIC = "orders.placed"


class Bills:
    @MessageHandler(Placed, bootstrap=From.first())
    async def bill(self, message: MessageOf[Placed]) -> None: ...


ROUTE = route(
    operation="bill",
    queue="orders.bill",
    binding_keys=("orders.placed",),
    message=Placed,
    controller=Bills,
    handler=Bills.bill,
    stream="orders.stream",
)
ROW = BoundHandler(ROUTE, spec_of(Bills.bill), cast(Any, Bills.bill))


def event(offset: int) -> Delivery:
    told = {"x-stream-offset": offset}
    return Delivery("s", "orders.placed", "", b"{}", Properties(), told, False, None)


class ATurn:
    """A turn that begins and ends when the test says so."""

    end_offset = 9

    def __init__(self) -> None:
        self.held = False
        self.came = asyncio.Event()
        self.loads = 0
        self.kept: list[int] = []

    async def begin(self) -> None: ...

    async def end(self) -> None: ...

    async def taken(self) -> None:
        await self.came.wait()
        self.held = True

    async def load(self, name: str) -> Place:
        self.loads += 1
        return Place(WANTED, 0)

    async def keep(self, offset: int, end: int | None) -> None:
        self.kept.append(offset)


class Broker:
    """Takes what is published, and counts as the test says."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)
        self.published: list[Publication] = []

    async def publish(self, publication: Publication) -> None:
        self.published.append(publication)

    async def count(self, queue: str) -> int:
        return self.counts.pop(0)


def filling(turn: ATurn) -> tuple[Bootstrap, Broker]:
    broker = Broker()
    made = Bootstrap(cast(Transport, broker), [ROW])
    cast(Any, made)._turn = turn
    return made, broker


async def test_who_loses_the_turn_in_the_middle_notes_nothing_and_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn = ATurn()
    turn.held = True

    async def history(*_: Any) -> AsyncGenerator[list[Delivery], None]:
        yield [event(0)]
        turn.held = False
        yield [event(1)]

    monkeypatch.setattr(module, "history", history)
    made, broker = filling(turn)
    assert not await made._is_filled(), "the next worker has to go on"
    assert len(broker.published) == 1
    assert DONE not in turn.kept


async def test_all_of_it_is_noted_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = ATurn()
    turn.held = True

    async def history(*_: Any) -> AsyncGenerator[list[Delivery], None]:
        yield [event(0), event(1)]

    monkeypatch.setattr(module, "history", history)
    made, broker = filling(turn)
    assert await made._is_filled()
    assert len(broker.published) == 2
    assert turn.kept[-1] == DONE


async def test_who_stands_by_asks_for_nothing_before_its_turn() -> None:
    turn = ATurn()
    made, _ = filling(turn)
    await made.start()
    for _ in range(10):
        await asyncio.sleep(0)
    assert turn.loads == 0
    await made.close()


async def test_after_so_many_more_it_waits_until_few_of_them_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refill, "LOOK_SECONDS", 0)
    broker = Broker(WAITING + 1, WAITING + 1, WAITING)
    made = Refill(cast(Transport, broker), "s", "q", quiet=False)
    await made.send([event(number) for number in range(LOOKED_AFTER - 1)])
    assert len(broker.counts) == 3, "it was asked too early"
    await made.send([event(LOOKED_AFTER)])
    assert broker.counts == []
    await made.send([event(LOOKED_AFTER + 1)])
