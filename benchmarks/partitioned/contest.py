"""One contender on one broker: workers come one by one, and between them windows are measured."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aio_pika
from jararaca import Publisher
from jararaca.routing.declarations import topology_of
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for

from benchmarks.environment import ROOT
from benchmarks.partitioned.cases import KEYS
from benchmarks.partitioned.notes import Window, handled, window
from benchmarks.partitioned.services import messages_of, service
from benchmarks.partitioned.step import OPEN, SHUT

AGREED = 3.0
"""Seconds after which a worker that has come has its share of the partitions."""

QUIET = 0.1
"""Seconds in which nothing more is handled once a queue is empty."""


@dataclass
class Contest:
    """The queues of one contender, and its workers."""

    urls: Sequence[str]
    kind: str
    count: int
    prefetch: int
    folder: Path
    transport: Transport
    queue: str = field(default_factory=lambda: f"bench-{uuid4().hex[:8]}")
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def notes(self) -> list[Path]:
        """The file of each worker."""
        return [self.folder / f"{self.queue}-{number}" for number in range(len(self.workers))]

    async def add_worker(self) -> None:
        """One more, once it is ready and has its share."""
        notes = self.folder / f"{self.queue}-{len(self.workers)}"
        url = self.urls[len(self.workers) % len(self.urls)]
        asked = (self.kind, url, self.queue, str(self.count), str(self.prefetch), str(notes))
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.partitioned.worker", *asked),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        self.workers.append(worker)
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n", f"{self.kind}: no worker"
        if self.kind == "partitions":
            await asyncio.sleep(AGREED if len(self.workers) > 1 else AGREED / 3)

    async def measured(self, work: str, supply: int, seconds: float) -> Window:
        """One window: messages are laid ready before a shut gate, and then it opens."""
        self._all(SHUT)
        messages = messages_of(self.kind, self.count)
        await Publisher(self.transport).publish_many(
            messages[n % len(messages)](key=f"key-{n % KEYS}", number=n // KEYS, work=work)
            for n in range(supply)
        )
        before, begin = handled(self.notes), time.monotonic()
        self._all(OPEN)
        # Nobody tells it what is handled: that would cost the workers something.
        until = before + supply
        while time.monotonic() - begin < seconds and handled(self.notes) < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        end = time.monotonic()
        await self._emptied()
        return window(self.notes, begin, end)

    def _all(self, signal: int) -> None:
        for worker in self.workers:
            worker.send_signal(signal)

    async def _emptied(self) -> None:
        """Nothing is left for the next window."""
        connection = await aio_pika.connect(self.urls[0])
        channel = await connection.channel()
        for each in service(self.kind, self.queue, self.count).topology.queues:
            if not each.name.endswith(".workers"):
                await (await channel.get_queue(each.name, ensure=False)).purge()
        await connection.close()
        last = -1
        while (now := handled(self.notes)) > last:
            last = now
            await asyncio.sleep(QUIET)

    async def end(self) -> None:
        """Leave nothing behind."""
        for worker in self.workers:
            worker.terminate()
        await asyncio.gather(*(worker.wait() for worker in self.workers))
        topology = topology_of(service(self.kind, self.queue, self.count))
        exchanges = [each.name for each in topology.exchanges]
        await self.transport.remove([each.name for each in topology.queues], exchanges)


@asynccontextmanager
async def contest(
    urls: Sequence[str], kind: str, count: int, prefetch: int, folder: Path
) -> AsyncIterator[Contest]:
    """A contest whose queues are there, and no worker yet; `urls` are a cluster's nodes."""
    transport = transport_for(urls[0])
    await transport.connect()
    made = Contest(urls, kind, count, prefetch, folder, transport)
    await transport.declare(topology_of(service(kind, made.queue, count)))
    try:
        yield made
    finally:
        await made.end()
        await transport.close()
