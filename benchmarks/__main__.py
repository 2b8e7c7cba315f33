"""`python -m benchmarks`: installs the peers, runs all in turns, writes tables and a chart."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from benchmarks import compile, environment, report, starting
from benchmarks.page import with_others
from benchmarks.plan import SCENARIOS, Scenario
from benchmarks.running import rounds

DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/"
DOCS = environment.ROOT / "docs"
HEAD = """# Benchmarks

`make bench` writes this page. Every peer runs with its own recommended settings, acks on, the same
pydantic validation and the same queue contents. The peers take turns. Each figure is the median of
{rounds} rounds, with the lowest and the highest in brackets.

Measured with {machine}.
CPU is that of the client process. Throughput depends on the machine and on what else it does; CPU
hardly does.

"""


def main() -> None:
    """Run what is asked for."""
    asked = _arguments()
    environment.prepare()
    url = os.environ.get("BENCH_BROKER_URL", DEFAULT_URL)
    parts: list[str] = []
    head = HEAD.format(rounds=asked.rounds, machine=report.machine("RabbitMQ on the same machine"))
    for scenario in _chosen(asked.only, asked.scale):
        results = rounds(scenario, url, asked.rounds)
        parts.append(report.table(scenario.title, results))
        print(parts[-1])
        _write_page(head + "\n".join(parts), asked)
        if scenario.key == "consume":
            title = "CPU for 1,000 messages: received, validated, handled, acked"
            _write("benchmarks.svg", report.chart(title, results), asked)
    if not asked.only or "start" in asked.only:
        parts.append(starting.table(url, asked.rounds))
        print(parts[-1])
    if not asked.only or "compile" in asked.only:
        parts.append(compile.table(asked.rounds))
    _write_page(head + "\n".join(parts), asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each peer (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the messages (1.0)")
    keys = [scenario.key for scenario in SCENARIOS]
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[*keys, "start", "compile"],
        default=[],
        help="print these, write nothing",
    )
    return parser.parse_args()


def _chosen(only: list[str], scale: float) -> list[Scenario]:
    return [
        replace(each, count=int(each.count * scale))
        for each in SCENARIOS
        if not only or each.key in only
    ]


def _write_page(text: str, asked: argparse.Namespace) -> None:
    before = DOCS / "benchmarks.md"
    others = before.read_text() if before.exists() else ""
    _write("benchmarks.md", with_others(text, others), asked)


def _write(name: str, text: str, asked: argparse.Namespace) -> None:
    if not asked.only:
        DOCS.mkdir(exist_ok=True)
        (DOCS / name).write_text(text)


if __name__ == "__main__":
    main()
