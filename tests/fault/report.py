"""The table of docs/reliability.md, written by the run that measured it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fault.load import Outcome

HEAD = """# Reliability

Written by `make soak`; do not edit. Each row is a fault test of `tests/fault/` against real
RabbitMQ servers, under a steady load of numbered tasks, once for each version.

A message counts as lost if the broker confirmed it and it was neither handled nor dead-lettered.
The number of duplicates is bounded by the messages in flight during the incidents:
prefetch x workers x incidents.

"""
SHARE = float(os.environ.get("SOAK_SHARE", "1"))
"""How much of the soak is run, 0 to 1: SOAK_SHARE=0.1 makes a tenth of the incidents."""

FIGURES = ("confirmed", "dead-lettered", "duplicates / in flight", "lost")


def in_soak(count: int) -> int:
    """How many incidents, or messages, of so many in the whole soak."""
    return max(1, round(count * SHARE))


def write(path: Path, by_version: Mapping[str, Sequence[Outcome]]) -> None:
    """Write the report; what `make mutants` has written behind it stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = "" if SHARE == 1 else f"This run made {SHARE:.0%} of the soak (SOAK_SHARE).\n\n"
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
            return [handled, str(each.dead_lettered), twice, str(each.lost)]
    return ["not run"] * len(FIGURES)


def _name(outcome: Outcome) -> str:
    return outcome.scenario.partition(": ")[0]
