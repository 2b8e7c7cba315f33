"""The table of docs/reliability.md, written by the run that measured it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fault.load import Outcome

HEAD = """# Reliability

Written by `make soak`; do not edit. Each row is a fault test of `tests/fault/` against real
RabbitMQ servers, under a load of numbered tasks, once for each version.

- **Lost** is what the broker confirmed, and what was neither handled nor dead-lettered.
- **Harmed** is what was not handled although nothing was the matter with it: its neighbour killed
  the worker, its publisher sent something else that RabbitMQ refuses, what its handler depends on
  was out.
- **Twice** counts messages that were handled more than once. That is bounded by what is in flight
  during the incidents: prefetch x workers x incidents.

"""
SHARE = float(os.environ.get("SOAK_SHARE", "1"))
"""How much of the soak is run, 0 to 1: SOAK_SHARE=0.1 makes a tenth of the incidents."""

FIGURES = ("confirmed", "dead letters", "twice / in flight", "harmed", "lost")

BEGUN = time.monotonic()


def in_soak(count: int) -> int:
    """How many incidents, or messages, of so many in the whole soak."""
    return max(1, round(count * SHARE))


def write(path: Path, by_version: Mapping[str, Sequence[Outcome]]) -> None:
    """Write the report; what `make mutants` has written behind it stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    minutes = (time.monotonic() - BEGUN) / 60
    share = "the whole soak" if SHARE == 1 else f"{SHARE:.0%} of the soak (`SOAK_SHARE={SHARE:g}`)"
    told = f"This run made {share}, in {minutes:.0f} minutes on {os.cpu_count()} cores.\n\n"
    before = path.read_text("utf-8") if path.exists() else ""
    _, heading, rest = before.partition("\n## ")
    path.write_text(HEAD + told + table(by_version) + heading + rest, encoding="utf-8")


def table(by_version: Mapping[str, Sequence[Outcome]]) -> str:
    """A line a scenario, and columns a version; what a scenario measured stands in its cell."""
    versions = sorted(by_version, key=lambda each: [int(part) for part in each.split(".")])
    scenarios = {_name(each): None for found in by_version.values() for each in found}
    headings = [f"{version}: {what}" for version in versions for what in FIGURES]
    lines = [["scenario", *headings], ["---", *["--:"] * len(headings)]]
    for scenario in scenarios:
        cells = [_cells(by_version[version], scenario) for version in versions]
        lines.append([scenario, *(cell for each in cells for cell in each)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(outcomes: Sequence[Outcome], scenario: str) -> list[str]:
    for each in outcomes:
        if _name(each) == scenario:
            measured = each.scenario.partition(": ")[2]
            handled = f"{each.confirmed} ({measured})" if measured else str(each.confirmed)
            twice = f"{each.duplicates} / {each.in_flight}"
            return [handled, str(each.dead_lettered), twice, str(each.harmed), str(each.lost)]
    return ["not run"] * len(FIGURES)


def _name(outcome: Outcome) -> str:
    return outcome.scenario.partition(": ")[0]
