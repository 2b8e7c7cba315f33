"""Runs every contender with one to four workers, on one node and on three; page and chart."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environment import ROOT
from benchmarks.page import put_section
from benchmarks.partitioned.brokers import nodes
from benchmarks.partitioned.cases import CONTENDERS, QUICK, SIZES, WORKERS, WORKS, Contender
from benchmarks.partitioned.chart import chart
from benchmarks.partitioned.contest import contest
from benchmarks.partitioned.page import page
from benchmarks.partitioned.results import SETTINGS, Results
from tests.support.installations import newest

PREFETCH, COUNT = 200, 60_000
"""Of the worker with many queues or handlers, of all queues; and how many messages it gets."""

LONGEST = 20.0
"""Seconds that these may take."""

SECTION = """## Partitions, queues and handlers

![Rates over workers, and CPU over queues and handlers](growth.svg)

`python -m benchmarks.partitioned` draws it; [Partitions, measured](partitions-measured.md) has the
figures, and what was measured. It was on {cores} cores, which RabbitMQ and all workers shared.
"""


class Run:
    """What was asked for."""

    def __init__(self, folder: Path, asked: argparse.Namespace) -> None:
        self.folder = folder
        self.quick: bool = asked.quick
        self.seconds = 0.7 if asked.quick else float(asked.seconds)
        self.workers = (1, 2) if asked.quick else WORKERS
        self.contenders = QUICK if asked.quick else CONTENDERS


async def raced(results: Results, at: int, urls: Sequence[str], who: Contender, run: Run) -> None:
    """One contender's windows, with ever more workers."""
    async with contest(urls, who.kind, who.partitions, who.prefetch, run.folder) as made:
        steps = who.steps(run.workers)
        for number in range(1, max(steps) + 1):
            await made.add_worker()
            for work in WORKS if number in steps else ():
                supply = who.supply(work, number, run.seconds)
                found = await made.measured(work, supply, run.seconds)
                results.windows[at, work, who.name, number] = found
                print(f"{SETTINGS[at]}: {who.name}, {number} workers, {work}: {found}", flush=True)


async def grown(results: Results, urls: Sequence[str], run: Run) -> None:
    """One worker with ever more queues, or handlers of one queue."""
    for kind in ("queues", "handlers"):
        for size in SIZES:
            prefetch = PREFETCH // size if kind == "queues" else PREFETCH
            async with contest(urls, kind, size, prefetch, run.folder) as made:
                await made.add_worker()
                await made.measured("nothing", COUNT, LONGEST)
                found = await made.measured("nothing", COUNT, LONGEST)
                results.growth[kind, size] = found
                print(f"{size} {kind}: {found}", flush=True)


async def all_of(run: Run) -> Results:
    """Everything, a broker after the other."""
    results = Results()
    for at in (1,) if run.quick else tuple(SETTINGS):
        with nodes(at, run.folder / f"nodes-{at}") as there:
            urls = [each.url for each in there]
            for each in run.contenders:
                await raced(results, at, urls, each, run)
            if at == 1:
                await grown(results, urls, run)
    return results


def main() -> None:
    """Run all, and write the page and the chart."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partitioned", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each window (1.5)")
    parser.add_argument("--quick", action="store_true", help="one node, and few of all; no page")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jararaca-bench-") as folder:
        run = Run(Path(folder), asked)
        results = asyncio.run(all_of(run))
    about = {
        "minutes": round((time.monotonic() - began) / 60),
        "cores": os.cpu_count(),
        "version": newest().version(),
        "seconds": run.seconds,
    }
    written = page(results, run.contenders, **about) + (f"\n{asked.note}\n" if asked.note else "")
    print(written)
    if not run.quick:
        (ROOT / "docs" / "partitions-measured.md").write_text(written, encoding="utf-8")
        svg = chart(results, run.contenders)
        (ROOT / "docs" / "growth.svg").write_text(svg, encoding="utf-8")
        title, _, text = SECTION.format(cores=os.cpu_count()).partition("\n")
        put_section(title, f"{title}\n{text}")


if __name__ == "__main__":
    main()
