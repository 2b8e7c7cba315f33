"""A message kills the processes that handle it, one after another: it alone is a dead letter."""

from __future__ import annotations

import asyncio

import pytest
from jararaca.messagebus.blame import verdict
from jararaca.operations import dead_letters

from tests.fault.load import Load, Outcome
from tests.fault.test_faults import judge, times
from tests.fault.working import QUEUE

pytestmark = pytest.mark.broker
NEIGHBOURS = 60
WORKERS = 2


async def restarted(load: Load) -> None:
    """Start a worker for each that has died, as whoever keeps them running does."""
    while True:
        living = [process for process in load.workers if process.poll() is None]
        for _ in range(WORKERS - len(living)):
            await load.start_worker(ready=False)
        await asyncio.sleep(0.2)


@times(1, 5)
async def test_a_message_that_kills_its_worker_harms_none_of_its_neighbours(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    transport = await load.connected()
    load.prefetch = NEIGHBOURS
    keeping = asyncio.create_task(restarted(load))
    killers: list[int] = []
    for _ in range(count):
        before, killer = load.published, load.published + NEIGHBOURS // 2
        after = killer + 1
        killers.append(killer)
        await load.publish(transport, range(before, killer), seconds=0.01)
        await load.publish(transport, range(killer, after), kills=True)
        await load.publish(transport, range(after, before + NEIGHBOURS + 1), seconds=0.01)
        await load.settled(dead=len(killers))
        async with asyncio.timeout(60):
            while await load.dead() < len(killers):
                await asyncio.sleep(0.2)
    letters = await dead_letters.list_dead_letters(transport, QUEUE)
    keeping.cancel()
    await transport.close()
    await load.stop_workers()
    deaths = [process.returncode for process in load.workers].count(9)
    scenario = f"a message kills its worker, beside {NEIGHBOURS} others, {count}x: {deaths} deaths"
    in_flight = NEIGHBOURS * deaths
    judge(outcomes, await load.outcome(scenario, in_flight, culprits=killers))
    assert deaths == verdict.CULPRIT * count
    assert [letter.reason.partition(":")[0] for letter in letters] == [
        "it seems to end the process or the connection that handles it"
    ] * count
    assert load.handled().keys() == set(range(load.published)).difference(killers)
