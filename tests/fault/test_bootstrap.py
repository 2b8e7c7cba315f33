"""A queue that is filled with history while its workers are killed and publishers do not wait."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from jararaca import Publisher
from jararaca.contract.topology import Topology
from jararaca.messagebus.streams.bootstrap import GROUP
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.fault.filling import PREFETCH, SERVICE, STREAM, Fill
from tests.support.rabbitmqs import BOTH

pytestmark = pytest.mark.broker
HISTORY, KILLS, PATIENCE = 3_000, 3, 120
RATE = 1_500
"""Events that may be sent again after a kill: what was sent since the place was stored, which is
once a second, or what waits at most in the queue."""


def handled(notes: Path) -> Counter[int]:
    """How often each number was noted; a last line that was cut off is none."""
    text = "".join(file.read_text() for file in notes.glob("*.notes"))
    return Counter(int(line) for line in text.split())


class Publishing:
    """Publishes numbers without a pause until it is told to stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.number = 0
        self.over = asyncio.Event()

    async def go_on(self, until: int | None = None) -> None:
        async with Publisher.connect(self.url) as publisher:
            while not self.over.is_set() and self.number != until:
                await publisher.publish(Fill(number=self.number))
                self.number += 1


@pytest.mark.parametrize(
    ("broker", "transport"), [*zip(BOTH, TRANSPORTS, strict=True)], ids=["amqp", "newest"]
)
async def test_no_event_is_missing_where_a_worker_is_killed_while_it_fills_its_queue(
    broker: str, transport: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = with_transport(request.getfixturevalue(broker).url, transport)
    publishing = Publishing(url)
    await keep_the_stream(url)
    await publishing.go_on(HISTORY)
    at_work = asyncio.create_task(publishing.go_on())
    for _ in range(KILLS):
        worker = await started(url, tmp_path)
        before = len(handled(tmp_path))
        async with asyncio.timeout(PATIENCE):
            while len(handled(tmp_path)) < before + 300:
                await asyncio.sleep(0.02)
        worker.kill()
        await worker.wait()
    worker = await started(url, tmp_path)
    publishing.over.set()
    await at_work
    expected = {*range(publishing.number)}
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while handled(tmp_path).keys() != expected:
                await asyncio.sleep(0.2)
    worker.kill()
    await worker.wait()
    found = handled(tmp_path)
    assert expected - found.keys() == set()
    twice = sum(count - 1 for count in found.values())
    print(f"{publishing.number} events, {KILLS} kills: {twice} came again")
    assert twice <= KILLS * (PREFETCH + RATE + GROUP)


async def keep_the_stream(url: str) -> None:
    """Declare the stream alone: the queue is not there before its first worker."""
    made = topology_of(SERVICE)
    transport = transport_for(url)
    await transport.connect()
    await transport.declare(
        Topology(
            made.exchanges,
            tuple(each for each in made.queues if each.name == STREAM),
            tuple(each for each in made.bindings if each.queue == STREAM),
        )
    )
    await transport.close()


async def started(url: str, notes: Path) -> asyncio.subprocess.Process:
    """A worker, once it is ready."""
    command = (sys.executable, "-m", "tests.fault.filling", url, str(notes))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process
