"""One publication and the one queue that it is for, whoever else is on the bus."""

from __future__ import annotations

from jararaca.handlers.outcome import Handled
from jararaca.testing.bus import TestBus
from jararaca.transport import Publication

MOST_TRIES = 1_000


async def handled_alone(bus: TestBus, queue: str, publication: Publication) -> Handled:
    """What becomes of it in the queue, with its retries, for which the clock is set forward."""
    before = len(bus.outcomes)
    await bus.send(publication)
    await bus.settle()
    for _ in range(MOST_TRIES):
        last = [each for each in bus.outcomes[before:] if each.queue == queue][-1]
        if last.outcome != "retried" or bus.next_delay is None:
            break
        await bus.advance(bus.next_delay)
    return last
