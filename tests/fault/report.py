"""The table of docs/reliability.md, written by the run that measured it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.fault.load import Outcome

HEAD = """# Reliability

Written by `make soak`; do not edit. Each row is a fault test of `tests/fault/` against real
RabbitMQ servers, under a steady load of numbered tasks.

A message counts as lost if the broker confirmed it and it was neither handled nor dead-lettered.
The number of duplicates is bounded by the messages in flight during the incidents:
prefetch x workers x incidents.

| scenario | published | confirmed | handled | dead-lettered | duplicates | in flight | lost |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


def write(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write the report."""
    lines = [
        f"| {each.scenario} | {each.published} | {each.confirmed} | {each.handled} "
        f"| {each.dead_lettered} | {each.duplicates} | {each.in_flight} | {each.lost} |"
        for each in outcomes
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
