"""The section of docs/reliability.md about the tests' tests, and the list of survivors."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.mutations import Mutation
from tools.mutants.rooms import ROOT
from tools.mutants.running import Verdict
from tools.mutants.tracing import ENOUGH

SURVIVORS = ROOT / "tests/mutants/survivors.toml"
REPORT = ROOT / "docs/reliability.md"
HEADING = "\n## What the tests notice\n"
HEAD = """
Written by `make mutants`; do not edit. One expression of the runtime is changed at a time, and of
the tests that come through it those are run that come where few others do, and the quickest:
{which};
four times as many where none of these notices it. A change that none of them notices is equivalent
(it changes nothing that can be seen) or a gap, as is one that none of them comes through;
`tests/mutants/survivors.toml` says why, where that is known.

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


def write(judged: Sequence[Judged], *, with_broker: bool) -> None:
    """Put the section into the page; what stands before it stays."""
    some = f"{ENOUGH} seconds without a broker"
    head = HEAD.format(which=f"{some}, and as many with one" if with_broker else some)
    page = REPORT.read_text("utf-8").partition(HEADING)[0]
    REPORT.write_text(f"{page}{HEADING}{head}{table(judged, reasons())}", encoding="utf-8")


def table(judged: Sequence[Judged], known: dict[str, tuple[bool, str]]) -> str:
    """A line a room, and one for all."""
    lines = [
        "| room | changes tried | noticed | equivalent | gaps | noticed of what matters |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    rooms = list(dict.fromkeys(each.room for each in judged))
    for room in rooms:
        lines.append(_line(room, [each for each in judged if each.room == room], known))
    lines.append(_line("all", judged, known))
    return "\n".join(lines) + "\n"


def unexplained(judged: Sequence[Judged], known: dict[str, tuple[bool, str]]) -> list[str]:
    """The survivors that the list does not have."""
    survived = (each.mutation.name for each in judged if each.verdict != "killed")
    return [name for name in survived if name not in known]


def _line(name: str, judged: Sequence[Judged], known: dict[str, tuple[bool, str]]) -> str:
    killed = sum(each.verdict == "killed" for each in judged)
    survived = [each.mutation.name for each in judged if each.verdict != "killed"]
    equivalent = sum(known.get(each, (False, ""))[0] for each in survived)
    matter = len(judged) - equivalent
    share = f"{100 * killed / matter:.0f} %" if matter else "-"
    gaps = len(survived) - equivalent
    return f"| {name} | {len(judged)} | {killed} | {equivalent} | {gaps} | {share} |"
