"""Runs every number of partitions with every number of workers, in turns; writes the table."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from jararaca import Publisher
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

from benchmarks.environment import ROOT
from benchmarks.partitioned.worker import BURNT, Step, service

KEYS = 500
AGREED = 4.0
"""Seconds after which the workers have shared the partitions."""

HEAD = """# Partitions, measured

`python -m benchmarks.partitioned` writes this page: {count} messages of {keys} keys, handlers that
burn {burnt:g} ms of CPU, one machine for all, RabbitMQ included ({cores} cores). The cases take
turns, in {rounds} round{s}, and the table has their medians. Rates are relative to `ordered_by=` on
one queue in the same run, where one worker at a time has everything; they end where the cores do.
**Largest share** is what the busiest worker handled, of all.

| | workers | rate | CPU ms a message | largest share |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Case:
    """What is run."""

    kind: str
    partitions: int
    workers: int

    @property
    def told(self) -> str:
        """Its first cell."""
        if self.kind == "partitions":
            return f"{self.partitions} partition{'s' if self.partitions > 1 else ''}"
        return "one queue, `ordered_by=`" if self.kind == "ordered_by" else "aio-pika, no order"


@dataclass(frozen=True)
class Run:
    """What came of one run."""

    rate: float
    cpu: float
    share: float


CASES = (
    Case("ordered_by", 0, 1),
    Case("ordered_by", 0, 2),
    *(Case("aio-pika", 0, workers) for workers in (1, 2, 4)),
    *(
        Case("partitions", count, workers)
        for count in (1, 2, 4, 8)
        for workers in (1, 2, 4)
        if workers <= count
    ),
)


async def publish(url: str, case: Case, queue: str, count: int) -> None:
    """All messages, in order for each key."""
    transport = transport_for(url)
    await transport.connect()
    await transport.declare(topology_of(service(case.kind, queue, case.partitions)))
    steps = (Step(key=f"key-{n % KEYS}", number=n // KEYS) for n in range(count))
    await Publisher(transport).publish_many(steps)
    await transport.close()


async def remove(url: str, case: Case, queue: str) -> None:
    """Leave nothing behind."""
    transport = transport_for(url)
    await transport.connect()
    topology = topology_of(service(case.kind, queue, case.partitions))
    names = [each.name for each in topology.exchanges]
    await transport.remove([each.name for each in topology.queues], names)
    await transport.close()


def told(note: Path) -> dict[str, float]:
    """What a worker has written down last."""
    found: dict[str, float] = json.loads(note.read_text()) if note.exists() else {"handled": 0}
    return found


def run(url: str, case: Case, count: int) -> Run:
    """One run: the workers agree, then the messages come."""
    queue = f"bench-{uuid4().hex[:8]}"
    asyncio.run(publish(url, case, queue, 0))
    with tempfile.TemporaryDirectory() as folder:
        notes = [Path(folder) / f"{number}.json" for number in range(case.workers)]
        asked = [case.kind, url, queue, str(case.partitions)]
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.partitioned.worker", *asked, str(note)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            )
            for note in notes
        ]
        for worker in workers:
            assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
        time.sleep(AGREED)
        before = [told(note).get("cpu", 0.0) for note in notes]
        asyncio.run(publish(url, case, queue, count))
        while sum(told(note)["handled"] for note in notes) < count:
            time.sleep(0.1)
        found = [told(note) for note in notes]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
    asyncio.run(remove(url, case, queue))
    busy = [each for each in found if each["handled"]]
    seconds = max(each["last"] for each in busy) - min(each["first"] for each in busy)
    cpu = sum(each["cpu"] for each in found) - sum(before)
    share = max(each["handled"] for each in found) / count
    return Run(count / seconds, cpu / count * 1_000, share)


def main() -> None:
    """Run all, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partitioned", description=__doc__)
    parser.add_argument("--count", type=int, default=3_000, help="messages (3000)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    asked = parser.parse_args()
    url = os.environ.get("BENCH_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672/")
    runs: dict[Case, list[Run]] = {case: [] for case in CASES}
    for _ in range(asked.rounds):
        for case in CASES:
            runs[case].append(run(url, case, asked.count))
            print(case, runs[case][-1], flush=True)
    base = statistics.median(each.rate for each in runs[CASES[0]])
    lines = []
    for case, found in runs.items():
        rate = statistics.median(each.rate for each in found) / base
        cpu = statistics.median(each.cpu for each in found)
        share = statistics.median(each.share for each in found)
        lines.append(f"| {case.told} | {case.workers} | {rate:.2f} | {cpu:.1f} | {share:.0%} |")
    head = HEAD.format(
        count=f"{asked.count:,}",
        keys=KEYS,
        burnt=BURNT * 1_000,
        cores=os.cpu_count(),
        rounds=asked.rounds,
        s="" if asked.rounds == 1 else "s",
    )
    note = f"\n{asked.note}\n" if asked.note else ""
    (ROOT / "docs" / "partitions-measured.md").write_text(head + "\n".join(lines) + "\n" + note)


if __name__ == "__main__":
    main()
