"""A message kills the processes that handle it, one after another: it alone is a dead letter."""

from __future__ import annotations

import asyncio

import pytest
from jararaca.messagebus.blame import verdict
from jararaca.operations import dead_letters

from tests.fault.load import Load, Outcome
from tests.fault.working import QUEUE

pytestmark = pytest.mark.broker
NEIGHBOURS = 60
KILLER = NEIGHBOURS // 2
WORKERS = 2


async def restarted(load: Load) -> None:
    """Start a worker for each that has died, as whoever keeps them running does."""
    while True:
        living = [process for process in load.workers if process.poll() is None]
        for _ in range(WORKERS - len(living)):
            await load.start_worker(ready=False)
        await asyncio.sleep(0.2)


async def test_a_message_that_kills_its_worker_harms_none_of_its_neighbours(
    load: Load, outcomes: list[Outcome]
) -> None:
    transport = await load.connected()
    load.prefetch = NEIGHBOURS
    await load.publish(transport, range(KILLER), seconds=0.01)
    await load.publish(transport, range(KILLER, KILLER + 1), kills=True)
    await load.publish(transport, range(KILLER + 1, NEIGHBOURS + 1), seconds=0.01)
    keeping = asyncio.create_task(restarted(load))
    await load.settled(dead=1)
    async with asyncio.timeout(60):
        while not (letters := await dead_letters.list_dead_letters(transport, QUEUE)):
            await asyncio.sleep(0.2)
    keeping.cancel()
    await transport.close()
    await load.stop_workers()
    deaths = [process.returncode for process in load.workers].count(9)
    handled = load.handled()
    outcomes.append(
        Outcome(
            f"a message kills its worker, beside {NEIGHBOURS} others: {deaths} deaths",
            *(load.published, len(load.confirmed), len(handled), len(letters)),
            *(handled.total() - len(handled), NEIGHBOURS - len(handled), NEIGHBOURS * deaths),
        )
    )
    assert deaths == verdict.CULPRIT
    assert [letter.reason.partition(":")[0] for letter in letters] == [
        "it seems to end the process or the connection that handles it"
    ]
    assert handled.keys() == set(range(NEIGHBOURS + 1)) - {KILLER}
