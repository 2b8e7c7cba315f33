"""The section of docs/reliability.md about the tests' tests, and the list of survivors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutants import fresh
from tools.mutants.mutations import Mutation
from tools.mutants.rooms import ROOT
from tools.mutants.running import Verdict
from tools.mutants.tracing import ENOUGH

SURVIVORS = ROOT / "tests/mutants/survivors.toml"
REPORT = ROOT / "docs/reliability.md"
ROW = re.compile(r"^\| ([^|]+?) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)
HEADING = "\n## What the tests notice\n"
HEAD = """
Written by `make mutants`; do not edit. One expression of the runtime is changed at a time, and of
the tests that come through it those are run that come where few others do, and the quickest:
{seconds} seconds of those without a broker and, in runs with one, which not all were, as many of
those with one; four times as many where none of these notices it. A change that none of them
notices is equivalent (it changes nothing that can be seen) or a gap, as is one that none of them
comes through; `tests/mutants/survivors.toml` says why, where that is known.

"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A change of a room, and whether a test noticed it."""

    room: str
    mutation: Mutation
    verdict: Verdict


def reasons(path: Path = SURVIVORS) -> dict[str, tuple[bool, str]]:
    """By a survivor's name whether it is equivalent, and why. Raises ValueError for others."""
    found = {}
    for each in tomllib.loads(path.read_text("utf-8")).get("survivor", []):
        if each.keys() != {"change", "equivalent", "reason"} or not each["reason"]:
            raise ValueError(f"{path.name}: {each}: change, equivalent and reason, and no more")
        found[each["change"]] = (bool(each["equivalent"]), str(each["reason"]))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was tried in a room, noticed, and is equivalent."""

    room: str
    tried: int
    killed: int
    equivalent: int

    def __str__(self) -> str:
        matter = self.tried - self.equivalent
        share = f"{100 * self.killed // matter} %" if matter else "-"
        figures = (self.tried, self.killed, self.equivalent, matter - self.killed, share)
        return f"| {self.room} | {' | '.join(map(str, figures))} |"


def write(judged: Sequence[Judged], samples: Sequence[fresh.Fresh] = ()) -> None:
    """Put the section into the page; what stands before it stays.

    So do the lines of rooms of which nothing was judged here: verdicts are kept where they were
    found, and not everybody judges all rooms. Nor with a broker: the text claims that of no line.
    """
    head = HEAD.format(seconds=ENOUGH)
    page, _, before = REPORT.read_text("utf-8").partition(HEADING)
    known = reasons()
    rows = _table(_rows(judged, known, before))
    beside = fresh.section(samples, known, before)
    REPORT.write_text(f"{page}{HEADING}{head}{rows}{beside}", encoding="utf-8")


def table(judged: Sequence[Judged], known: dict[str, tuple[bool, str]]) -> str:
    """A line a room, and one for all."""
    return _table(_rows(judged, known))


def _table(rows: Sequence[Row]) -> str:
    tried, killed, equivalent = (
        sum(getattr(row, name) for row in rows) for name in ("tried", "killed", "equivalent")
    )
    lines = [
        "| room | changes tried | noticed | equivalent | gaps | noticed of what matters |",
        "|---|--:|--:|--:|--:|--:|",
        *map(str, rows),
        str(Row("all", tried, killed, equivalent)),
    ]
    return "\n".join(lines) + "\n"


def _rows(
    judged: Sequence[Judged], known: dict[str, tuple[bool, str]], before: str = ""
) -> list[Row]:
    found = {
        name: Row(name, int(tried), int(killed), int(equivalent))
        for name, tried, killed, equivalent in ROW.findall(before)
        if name != "all"
    }
    for room in dict.fromkeys(each.room for each in judged):
        of_room = [each for each in judged if each.room == room]
        survived = [each.mutation.name for each in of_room if each.verdict != "killed"]
        equivalent = sum(known.get(each, (False, ""))[0] for each in survived)
        found[room] = Row(room, len(of_room), len(of_room) - len(survived), equivalent)
    return list(found.values())


def unexplained(judged: Sequence[Judged], known: dict[str, tuple[bool, str]]) -> list[str]:
    """The survivors that the list does not have."""
    survived = (each.mutation.name for each in judged if each.verdict != "killed")
    return [name for name in survived if name not in known]
