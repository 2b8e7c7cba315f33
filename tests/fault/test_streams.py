"""A stream's handler whose process dies at any point: what it did in its database happened once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jararaca import Publisher
from jararaca.contract.topology import dead_letter_queue
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_transport
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fault.reading import QUEUE, ROWS, Deaths, Read, metadata, service
from tests.support.rabbitmqs import BOTH

PLACES = ("before", "effect", "committed")
PATIENCE = 90.0

pytestmark = pytest.mark.broker


@asynccontextmanager
async def workers(count: int, *arguments: str, of: str = "reading") -> AsyncIterator[list[int]]:
    """So many processes, each begun again when it ends; how they ended."""
    ends: list[int] = []
    command = (sys.executable, "-m", f"tests.fault.{of}", *arguments)

    async def kept() -> None:
        while True:
            process = await asyncio.create_subprocess_exec(*command)
            try:
                ends.append(await process.wait())
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    tasks = [asyncio.create_task(kept()) for _ in range(count)]
    try:
        yield ends
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(
    ("broker", "transport", "batch"),
    [(BOTH[0], "plain", 0), (BOTH[1], "fast", 7)],
    ids=["one by one", "batches"],
)
async def test_each_message_has_its_row_once_wherever_processes_die(
    broker: str,
    transport: str,
    batch: int,
    postgresql_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    chance = random.Random(20)
    url = with_transport(request.getfixturevalue(broker).url, transport)
    dying = dict(zip(chance.sample(range(200), 6), PLACES * 2, strict=True))
    poison = chance.sample(sorted({*range(200)} - dying.keys()), 3)
    made, _ = service(Deaths(tmp_path), None)
    engine = create_async_engine(postgresql_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    outside = transport_for(url)
    await outside.connect()
    await outside.declare(topology_of(made))
    async with Publisher.connect(url) as publisher:
        for number in range(200):
            message = Read(number=number, dies=dying.get(number, ""), poison=number in poison)
            await publisher.publish(message)
    expected = [number for number in range(200) if number not in poison]
    async with workers(2, url, postgresql_url, str(tmp_path), str(batch)) as ends:
        rows: list[int] = []
        async with asyncio.timeout(PATIENCE):
            while len(rows) < len(expected):
                await asyncio.sleep(0.2)
                async with engine.connect() as connection:
                    rows = [*await connection.scalars(select(ROWS.c.number).order_by(ROWS.c.id))]
            # One that dies after its commit still has to.
            while ends.count(9) < len(dying):
                await asyncio.sleep(0.2)
    assert rows == expected and ends.count(9) == len(dying)
    letters = {(await _fetched(outside)) for _ in poison}
    assert letters == {*poison}
    await outside.close()
    await engine.dispose()


async def _fetched(transport: object) -> int:
    letter = await transport.fetch(dead_letter_queue(QUEUE))  # type: ignore[attr-defined]
    await transport.ack(letter)  # type: ignore[attr-defined]
    return Read.decode(letter.body).number
