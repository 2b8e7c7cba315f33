"""What a fresh sample found: changes that nobody had looked at, so that no test was for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date

from tools.mutants.tracing import FOLDER

SAMPLES = FOLDER / "fresh.jsonl"
ROW = re.compile(r"^\| ([^|]+?) \| \d{4}-\d\d-\d\d \| .+$", re.MULTILINE)
HEAD = """
Tests were written for what the table above found, so that it says more than a fresh sample would.
Here is what was noticed, at the first look, of changes that nobody had tried before: the last
sample of each room, without a broker.

| room | day | seed | changes | noticed | equivalent | noticed of what matters |
|---|---|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A sample of a room, and what was not noticed of it when it was first looked at."""

    room: str
    seed: int
    changes: int
    unnoticed: tuple[str, ...]
    day: str

    def row(self, known: dict[str, tuple[bool, str]]) -> str:
        """Its line of the page."""
        equivalent = sum(known.get(each, (False, ""))[0] for each in self.unnoticed)
        noticed, matter = self.changes - len(self.unnoticed), self.changes - equivalent
        share = f"{100 * noticed // matter} %" if matter else "-"
        figures = (self.day, self.seed, self.changes, noticed, equivalent, share)
        return f"| {self.room} | {' | '.join(map(str, figures))} |"


def keep(room: str, seed: int, changes: int, unnoticed: Iterable[str]) -> None:
    """Remember a sample for the report of this run and the next."""
    made = Fresh(room, seed, changes, tuple(unnoticed), date.today().isoformat())
    with SAMPLES.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(made)) + "\n")


def samples() -> Iterator[Fresh]:
    """What was remembered, the oldest first."""
    for line in SAMPLES.read_text("utf-8").splitlines() if SAMPLES.exists() else ():
        kept = json.loads(line)
        yield Fresh(**{**kept, "unnoticed": tuple(kept["unnoticed"])})


def section(found: Iterable[Fresh], known: dict[str, tuple[bool, str]], before: str) -> str:
    """A line for each room's last sample; those of rooms that have none here stay."""
    rows = {row[1]: row[0] for row in ROW.finditer(before)}
    rows |= {each.room: each.row(known) for each in found}
    return HEAD + "".join(f"{row}\n" for row in rows.values()) if rows else ""
