"""The table of docs/reliability.md, written by the runs that measured it.

A run adds what it found to build/reliability.json, so that the soak may be made a version at a
time: `python -m pytest -m soak -k newest`. `make soak` begins anew.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.fault.load import ROOT, Outcome

RESULTS = ROOT / "build" / "reliability.json"

HEAD = """# Reliability

Written by `make soak`; do not edit. Each row is a fault test of `tests/fault/` against real
RabbitMQ servers, under a load of numbered tasks, once for each version.

- **Lost** is what the broker confirmed, and what was neither handled nor dead-lettered.
- **Harmed** is what was not handled although nothing was the matter with it: its neighbour killed
  the worker, its publisher sent something else that RabbitMQ refuses, what its handler depends on
  was out.
- **Twice** counts messages that were handled more than once. That is bounded by what is in flight
  during the incidents (prefetch x workers x incidents), and by what timed out and was sent again.

"""
SHARE = float(os.environ.get("SOAK_SHARE", "1"))
"""How much of the soak is run, 0 to 1: SOAK_SHARE=0.1 makes a tenth of the incidents."""

FIGURES = ("confirmed", "dead letters", "twice / in flight", "harmed", "lost")


def in_soak(count: int) -> int:
    """How many incidents, or messages, of so many in the whole soak."""
    return max(1, round(count * SHARE))


@dataclass
class Column:
    """What was found on one version, how much of the soak that was, and how long it took."""

    share: float = 1.0
    seconds: float = 0.0
    cores: int = os.cpu_count() or 1
    outcomes: list[Outcome] = field(default_factory=list)


def add(page: Path, version: str, found: Sequence[Outcome], seconds: float) -> None:
    """Add what a test found on a version, and write the page of all that is known."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Another run may be at another version.
        columns = known()
        column = columns.get(version)
        if column is None or column.share != SHARE:
            column = columns[version] = Column(SHARE)
        names = {_name(each) for each in found}
        column.outcomes = [each for each in column.outcomes if _name(each) not in names]
        column.outcomes.extend(found)
        column.seconds += seconds
        RESULTS.write_text(json.dumps({name: asdict(each) for name, each in columns.items()}))
        write(page, columns)


def known() -> dict[str, Column]:
    """What the runs so far have found, by version."""
    if not RESULTS.exists():
        return {}
    return {name: _column(**told) for name, told in json.loads(RESULTS.read_text()).items()}


def _column(outcomes: Sequence[Mapping[str, Any]], **told: Any) -> Column:
    return Column(outcomes=[Outcome(**each) for each in outcomes], **told)


def write(page: Path, columns: Mapping[str, Column]) -> None:
    """Write the page; what `make mutants` has written behind it stays."""
    page.parent.mkdir(parents=True, exist_ok=True)
    before = page.read_text("utf-8") if page.exists() else ""
    _, heading, rest = before.partition("\n## ")
    versions = sorted(columns, key=lambda each: [int(part) for part in each.split(".")])
    sizes = "".join(f"- RabbitMQ {each}: {_size(columns[each])}\n" for each in versions)
    rows = table({each: columns[each].outcomes for each in versions})
    page.write_text(f"{HEAD}{sizes}\n{rows}{heading}{rest}", encoding="utf-8")


def _size(column: Column) -> str:
    share = "the whole soak" if column.share == 1 else f"{column.share:.0%} of the soak"
    how = "" if column.share == 1 else f" (`SOAK_SHARE={column.share:g}`)"
    return f"{share}{how}, in {column.seconds / 60:.0f} minutes, on {column.cores} cores."


def table(by_version: Mapping[str, Sequence[Outcome]]) -> str:
    """A line a scenario, and columns a version; what a scenario measured stands in its cell."""
    scenarios = {_name(each): None for found in by_version.values() for each in found}
    headings = [f"{version}: {what}" for version in by_version for what in FIGURES]
    lines = [["scenario", *headings], ["---", *["--:"] * len(headings)]]
    for scenario in scenarios:
        cells = [_cells(found, scenario) for found in by_version.values()]
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
