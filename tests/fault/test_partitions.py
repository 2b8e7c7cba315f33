"""Steps of many walkers over partitions, while workers are killed and leaders are lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from jararaca import BrokerError
from jararaca.publishing.publication import publication_of
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

from tests.fault.report import in_soak
from tests.fault.stepping import COUNT, QUEUE, SERVICE, Step
from tests.support.nodes import Node, leader_of

pytestmark = pytest.mark.broker
ROOT = Path(__file__).parents[2]
PREFETCH = 50
WORKERS = 3
SIDE_BY_SIDE = 100
PATIENCE = 600


@dataclass(frozen=True)
class Walked:
    """What the notes of all workers say together."""

    distinct: int
    twice: int
    out_of_order: int


def walked(notes: Path) -> Walked:
    """By the clock that all processes have: no walker skips a step."""
    lines = [
        line.split()
        for file in notes.glob("*.steps")
        for line in file.read_text().splitlines()
        if line.count(" ") == 2
    ]
    lines.sort(key=lambda line: int(line[0]))
    reached: dict[str, int] = defaultdict(lambda: -1)
    skipped = twice = 0
    for _, walker, text in lines:
        number = int(text)
        skipped += number > reached[walker] + 1
        twice += number <= reached[walker]
        reached[walker] = max(reached[walker], number)
    return Walked(sum(number + 1 for number in reached.values()), twice, skipped)


class Walkers:
    """Processes that make the steps, and one publisher of them."""

    def __init__(self, url: str, notes: Path) -> None:
        self.url = url
        self.notes = notes
        self.workers: list[subprocess.Popen[bytes]] = []
        self.confirmed = 0
        self.sent_again = 0

    async def start_worker(self) -> None:
        """One more worker, once it is ready."""
        process = self._spawn()
        self.workers.append(process)
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n", self.notes

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.fault.stepping"]
        arguments = [self.url, str(self.notes), str(PREFETCH)]
        with (self.notes / f"worker-{len(self.workers)}.log").open("wb") as log:
            return subprocess.Popen(
                [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=log
            )

    async def kill_worker(self) -> None:
        """The oldest that lives is killed, and another one comes."""
        next(each for each in self.workers if each.poll() is None).kill()
        await self.start_worker()

    async def publish(self, walkers: int, steps: int) -> None:
        """Each walker's steps one after the other, many walkers side by side."""
        transport = transport_for(self.url)
        await transport.connect()
        await transport.declare(topology_of(SERVICE))
        slots = asyncio.Semaphore(SIDE_BY_SIDE)

        async def walk(name: str) -> None:
            async with slots:
                for number in range(steps):
                    publication = publication_of(Step(walker=name, number=number))
                    while True:
                        try:
                            await transport.publish(publication)
                        except BrokerError:
                            self.sent_again += 1
                            await asyncio.sleep(0.1)
                        else:
                            break
                    self.confirmed += 1

        await asyncio.gather(*(walk(f"walker-{number}") for number in range(walkers)))
        await transport.close()

    async def until(self, count: int) -> None:
        """Until so many steps were published."""
        while self.confirmed < count:
            await asyncio.sleep(0.05)

    async def settled(self, steps: int) -> Walked:
        """Once all steps were made, or none was for a long time."""
        last, since = walked(self.notes), time.monotonic()
        while last.distinct < steps and time.monotonic() - since < PATIENCE / 10:
            await asyncio.sleep(0.5)
            now = walked(self.notes)
            if now.distinct > last.distinct:
                since = time.monotonic()
            last = now
        return last

    def end(self) -> None:
        """Kill what lives."""
        for process in self.workers:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
async def walkers(node: Node, tmp_path: Path) -> AsyncIterator[Walkers]:
    for vhost in ("delete_vhost", "add_vhost"):
        node.control(vhost, "/")
    node.control("set_permissions", "guest", ".*", ".*", ".*")
    made = Walkers(node.url, tmp_path)
    yield made
    made.end()


async def walk(
    made: Walkers, walkers: int, steps: int, incidents: Sequence[Callable[[], Awaitable[None]]]
) -> Walked:
    """Publish all, with the incidents spread over it; what came of it."""
    for _ in range(WORKERS):
        await made.start_worker()
    every = walkers * steps
    publishing = asyncio.create_task(made.publish(walkers, steps))
    for place, incident in enumerate(incidents):
        await made.until(every * (place + 1) // (len(incidents) + 2))
        await incident()
    await publishing
    found = await made.settled(every)
    print(f"{walkers} walkers, {steps} steps each: {found}; sent again: {made.sent_again}")
    return found


async def test_killed_workers_disturb_no_order_and_lose_nothing(walkers: Walkers) -> None:
    kills = 2
    found = await walk(walkers, 60, 50, [walkers.kill_worker] * kills)
    assert (found.distinct, found.out_of_order) == (3_000, 0)
    assert found.twice <= PREFETCH * COUNT * kills + walkers.sent_again


@pytest.mark.soak
async def test_killed_workers_and_lost_leaders_disturb_no_order(
    nodes: list[Node], tmp_path: Path
) -> None:
    """Clients stand on the first node, as behind a load balancer; it is not killed."""
    made = Walkers(nodes[0].url, tmp_path)
    lost = 0

    async def lose_leader() -> None:
        nonlocal lost
        queue = f"{QUEUE}.p{lost}"
        async with asyncio.timeout(60):
            while (leader := await asyncio.to_thread(leader_of, nodes, queue)) is nodes[0]:
                members = ", ".join(f"{{'%2F_{queue}', '{node.name}'}}" for node in nodes[:2])
                with suppress(RuntimeError):
                    await asyncio.to_thread(
                        nodes[0].control, "eval", f"ra:transfer_leadership({members})."
                    )
                await asyncio.sleep(1)
        await asyncio.to_thread(leader.kill)
        await asyncio.sleep(3)
        await asyncio.to_thread(leader.start)
        lost += 1

    kills = [made.kill_worker] * 3
    incidents = [*kills, lose_leader, *kills, lose_leader, *kills, lose_leader, made.kill_worker]
    steps = in_soak(1_000)
    try:
        found = await walk(made, 1_000, steps, incidents)
    finally:
        made.end()
    assert (found.distinct, found.out_of_order, lost) == (1_000 * steps, 0, 3)
    assert found.twice <= PREFETCH * COUNT * 13 + made.sent_again
