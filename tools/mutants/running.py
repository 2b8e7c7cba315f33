"""Running the tests that come through a changed line, and those alone, the cheapest first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from tools.mutants.mutations import Mutation
from tools.mutants.rooms import LEFT_OUT, ROOMS, ROOT, TESTS

FOLDER = ROOT / "build/mutants"
ONE_BROKER = "not newest"
"""The second RabbitMQ of the tests would notice the same, and be started for each change."""
FIRST = 25
"""Tests that a change is given at first: most are noticed by one of the cheapest."""
ENOUGH = 25
"""Seconds of tests, as they were traced, that a change is given in all."""
PATIENCE = 45
"""Seconds that a change may hang for, beyond five times what its tests took."""
NOTICED = (1, 2, 4, None)
"""pytest's status: a failed test, no import of a test, no import at all, or none since it hangs."""

Verdict = Literal["killed", "survived", "never run"]


@dataclass(slots=True)
class Coverage:
    """By file and line the tests that come through it; by test whether it is dear, its seconds."""

    tests: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    cost: dict[str, tuple[bool, float]] = field(default_factory=dict)

    def of(self, mutation: Mutation) -> list[str]:
        """The tests of a change, those without a broker first, and of these the quickest."""
        path = str(ROOT / mutation.path)
        if mutation.at_import:
            found = {
                test for (where, _), some in self.tests.items() if where == path for test in some
            }
        else:
            found = {test for line in mutation.lines for test in self.tests.get((path, line), ())}
        return list(self._enough(sorted(found, key=lambda each: (*self.cost[each], each))))

    def _enough(self, tests: Sequence[str]) -> Iterator[str]:
        seconds = 0.0
        for each in tests:
            seconds += self.cost[each][1]
            if seconds > ENOUGH:
                return
            yield each


def coverage(*, with_broker: bool) -> Coverage:
    """What the tests come through; traced once for the code and the tests as they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = [path for room in ROOMS for path in room.paths()]
    tests = [path for each in TESTS for path in [ROOT / each, *(ROOT / each).rglob("*.py")]]
    out = FOLDER / f"{_digest([*files, *filter(Path.is_file, tests)])}.trace"
    if not out.exists():
        print("tracing the tests", flush=True)
        part = out.with_suffix(".part")
        part.unlink(missing_ok=True)
        watched = os.pathsep.join(map(str, files))
        _pytest(TESTS, {"MUTANTS_TRACE": str(part), "MUTANTS_FILES": watched}, None)
        part.replace(out)
    found = Coverage()
    for line in out.read_text("utf-8").splitlines():
        test, seconds, broker, lines = json.loads(line)
        if broker and not with_broker:
            continue
        found.cost[test] = (broker, seconds)
        for path, number in lines:
            found.tests.setdefault((path, number), set()).add(test)
    return found


def verdict(mutation: Mutation, found: Coverage) -> Verdict:
    """Whether a test notices a change; one that makes a test hang is noticed."""
    tests = found.of(mutation)
    if not tests:
        return "never run"
    change = {"MUTANTS_APPLY": f"{ROOT / mutation.path}:{mutation.number}"}
    for some in (tests[:FIRST], tests[FIRST:]):
        patience = PATIENCE + 5 * sum(found.cost[each][1] for each in some)
        if some and (status := _pytest(some, change, patience, "-x")) != 0:
            if status not in NOTICED:
                raise RuntimeError(f"{mutation.name}: pytest ended with {status}")
            return "killed"
    return "survived"


def results() -> Iterator[tuple[str, str, Verdict]]:
    """What earlier runs found: the change, the digest of what was around it, and the verdict."""
    place = FOLDER / "results.jsonl"
    for line in place.read_text("utf-8").splitlines() if place.exists() else ():
        name, digest, found = json.loads(line)
        yield name, digest, found


def remember(name: str, digest: str, found: Verdict) -> None:
    """Keep a verdict for the next run."""
    with (FOLDER / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, digest, found]) + "\n")


def _pytest(
    tests: Sequence[str], settings: dict[str, str], patience: float | None, *options: str
) -> int | None:
    """Run tests in a process group of their own; their status, None where they hang."""
    usual = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not soak", "-k", ONE_BROKER]
    usual += [f"--ignore-glob={ROOT / each}" for each in LEFT_OUT]
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


def _digest(paths: Sequence[Path]) -> str:
    """A digest of files' contents."""
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest()[:16]
