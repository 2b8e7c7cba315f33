"""Streams against the log: whatever connections are lost and messages fail, nothing is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from jararaca import RetryPolicy

from tests.conformance.conftest import PATIENCE, Bench
from tests.conformance.event_log import Log

EVENTS = 60
REPEATED = 100
"""What comes again after a crash at most: an offset is stored after so many."""


@pytest.mark.parametrize("seed", range(8))
async def test_every_event_is_handled_or_a_dead_letter_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    bench = Bench(f"memory://streams-{seed}")
    batch: dict[str, Any] = {"batch": chance.choice((2, 5)), "within": 0.02} if seed % 2 else {}
    log = Log(bench, retry=RetryPolicy(max_retries=1, initial_delay=0.1), **batch)
    given_up = set(chance.sample(range(EVENTS), 3))
    log.failing |= dict.fromkeys(chance.sample(range(EVENTS), 3), 1)
    log.failing |= dict.fromkeys(given_up, 10_000)
    workers = [log.worker() for _ in range(2)]
    for worker in workers:
        await worker.start()
    expected = set(range(EVENTS)) - given_up
    async with asyncio.timeout(PATIENCE):
        for number in range(EVENTS):
            await log.publish(number)
            if chance.random() < 0.08:
                # Its connection goes, whatever it is at; another process takes its place.
                dead = workers.pop(chance.randrange(len(workers)))
                await dead._transport.close()
                workers.append(log.worker())
                await workers[-1].start()
                asyncio.get_running_loop().create_task(dead.stop())
        while not expected <= set(log.seen):
            await asyncio.sleep(0.01)
    for worker in workers:
        await worker.stop()
    firsts = list(dict.fromkeys(log.seen))
    assert set(firsts) == expected
    assert firsts == sorted(firsts)
    lost = [each.message for each in log.told if each.outcome == "dead-lettered"]
    letters = {each.model_dump()["number"] for each in lost if each is not None}
    assert letters == given_up
    backwards = [before - after for before, after in zip(log.seen, log.seen[1:], strict=False)]
    assert max(backwards, default=0) < REPEATED
    await bench.close()
