"""Running the tests that come through a changed line, and those alone, the quickest first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from tools.mutants.mutations import Mutation
from tools.mutants.rooms import ROOT, Room

FOLDER = ROOT / "build/mutants"
WITHOUT_BROKER = "not broker and not soak"
FIRST = 40
"""Tests that a change is given at first: most are noticed by one of the quickest."""
PATIENCE = 60
"""Seconds that a change may hang for, beyond ten times what its tests took."""

Verdict = Literal["killed", "survived"]


@dataclass(slots=True)
class Coverage:
    """By file and line the tests that come through it; by test its seconds."""

    tests: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, mutation: Mutation) -> list[str]:
        """The tests of a change, the quickest first."""
        found = self.tests.get((str(ROOT / mutation.path), mutation.line), [])
        return sorted(found, key=lambda each: (self.seconds[each], each))


def coverage(room: Room, *, fresh: bool) -> Coverage:
    """What the room's tests come through; traced once, and then kept."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = FOLDER / f"{room.name.replace(' ', '-')}.trace"
    if fresh or not out.exists():
        part = out.with_suffix(".part")
        part.unlink(missing_ok=True)
        files = os.pathsep.join(map(str, room.paths()))
        _pytest(room.tests, {"MUTANTS_TRACE": str(part), "MUTANTS_FILES": files}, None)
        part.replace(out)
    found = Coverage()
    for line in out.read_text("utf-8").splitlines():
        test, seconds, lines = json.loads(line)
        found.seconds[test] = seconds
        for path, number in lines:
            found.tests.setdefault((path, number), []).append(test)
    return found


def verdict(mutation: Mutation, found: Coverage) -> Verdict:
    """Whether a test notices a change; one that makes a test hang is noticed."""
    tests = found.of(mutation)
    change = {"MUTANTS_APPLY": f"{ROOT / mutation.path}:{mutation.number}"}
    for some in (tests[:FIRST], tests[FIRST:]):
        patience = PATIENCE + 10 * sum(found.seconds[each] for each in some)
        if some and _pytest(some, change, patience, "-x") != 0:
            return "killed"
    return "survived"


def results() -> Iterator[tuple[str, str, Verdict]]:
    """What earlier runs found: the change, the digest of its file then, and the verdict."""
    place = FOLDER / "results.jsonl"
    for line in place.read_text("utf-8").splitlines() if place.exists() else ():
        name, digest, found = json.loads(line)
        yield name, digest, found


def remember(name: str, digest: str, found: Verdict) -> None:
    """Keep a verdict for the next run."""
    with (FOLDER / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, digest, found]) + "\n")


def _pytest(
    tests: list[str] | tuple[str, ...],
    settings: dict[str, str],
    patience: float | None,
    *options: str,
) -> int | None:
    """Run tests in a process group of their own; their status, None where they hang."""
    usual = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", WITHOUT_BROKER)
    command = [sys.executable, "-m", "pytest", "-p", "tools.mutants.plugin", *usual, *options]
    process = subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def digest_of(path: Path) -> str:
    """A digest of a file's content."""
    return sha256(path.read_bytes()).hexdigest()[:16]
