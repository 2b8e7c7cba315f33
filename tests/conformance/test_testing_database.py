"""The testing kit with a database: sessions commit and roll back, and the outbox is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from jararaca import MessageOf, use_session
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.testing import TestBus
from sqlalchemy import func, select

from tests.support.orders import Bench, Order, Place, Placed, place


async def orders(bus: TestBus) -> int:
    async with bus.host.unit_of_work():
        return await use_session().scalar(select(func.count()).select_from(Order)) or 0


@pytest.fixture(params=["file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    place = f"/{tmp_path}/orders.db" if request.param == "file" else ""
    return f"sqlite+aiosqlite://{place}"


@pytest.fixture(autouse=True)
def slow_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that takes its time, so that nothing depends on its being quick."""
    send = Relay._send

    async def slowly(self: Relay, *arguments: Any) -> Any:
        await asyncio.sleep(0.2)
        return await send(self, *arguments)

    monkeypatch.setattr(Relay, "_send", slowly)


async def test_what_a_handler_commits_and_publishes_is_there_once_it_settles(url: str) -> None:
    async with TestBus(Bench(url).microservice()) as bus:
        for number in range(5):
            await bus.publish(Place(number=number))
        await bus.settle()
        assert await orders(bus) == 5
        assert sorted(placed.number for placed in bus.published(Placed)) == [0, 1, 2, 3, 4]
        assert len(bus.handled(Placed)) == 5


async def test_what_fails_leaves_no_row_and_no_publication(url: str) -> None:
    async def fails(message: MessageOf[Place]) -> None:
        await place(message)
        raise ValueError("no")

    async with TestBus(Bench(url, fails).microservice()) as bus:
        await bus.publish(Place(number=1))
        await bus.settle()
        assert await orders(bus) == 0
        assert bus.published(Placed) == []
        assert len(bus.dead_letters) == 1
