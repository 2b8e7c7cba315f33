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
from itertools import chain
from pathlib import Path
from typing import Literal, cast

from tools.mutants.mutations import Mutation
from tools.mutants.rooms import LEFT_OUT, ROOMS, ROOT, TESTS
from tools.mutants.server import NOT_APPLIED

FOLDER = ROOT / "build/mutants"
ONE_BROKER = "not newest"
"""The second RabbitMQ of the tests would notice the same, and be started for each change."""
ENOUGH = 10
"""Seconds of tests, as they were traced, that a change is given in all."""
BESIDE = 6
"""Lines before and after a change that are looked at for tests that come where few others do."""
PATIENCE = 30
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
        rare = {test: self._rarity(test, path, mutation.lines) for test in found}
        quickest = sorted(found, key=lambda each: (*self.cost[each], each))
        rarest = sorted(found, key=lambda each: (self.cost[each][0], rare[each], *self.cost[each]))
        both = dict.fromkeys(chain.from_iterable(zip(rarest, quickest, strict=True)))
        enough = self._enough(sorted(both, key=lambda each: self.cost[each][0]))
        # Those with a broker stay together by their files: each file has a virtual host of its own.
        return sorted(enough, key=lambda each: each if self.cost[each][0] else "")

    def _rarity(self, test: str, path: str, lines: range) -> int:
        """How many tests come where few do beside the change: what it decides is seen there."""
        beside = range(lines.start - BESIDE, lines.stop + BESIDE)
        through = (self.tests.get((path, line), set()) for line in beside)
        return min((len(some) for some in through if test in some), default=len(self.cost))

    def seconds(self, tests: Sequence[str]) -> float:
        """What they took when they were traced."""
        return sum(self.cost[each][1] for each in tests)

    def _enough(self, tests: Sequence[str]) -> Iterator[str]:
        """Those of them, in their order, that go into the seconds; the first in any case."""
        seconds = 0.0
        for each in tests:
            if each == tests[0] or seconds + self.cost[each][1] <= ENOUGH:
                seconds += self.cost[each][1]
                yield each


def coverage(*, with_broker: bool) -> Coverage:
    """What the tests come through; traced once for the code and the tests as they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = [path for room in ROOMS for path in room.paths()]
    tests = [path for each in TESTS for path in [ROOT / each, *(ROOT / each).rglob("*.py")]]
    digest = _digest([*files, *filter(Path.is_file, tests)])
    found = Coverage()
    for which in ("not broker", "broker") if with_broker else ("not broker",):
        out = FOLDER / f"{digest} {which}.trace"
        if not out.exists():
            _trace(out, which, files)
        for line in out.read_text("utf-8").splitlines():
            test, seconds, broker, lines = json.loads(line)
            found.cost[test] = (broker, seconds)
            for path, number in lines:
                found.tests.setdefault((path, number), set()).add(test)
    return found


def _trace(out: Path, which: str, files: Sequence[Path]) -> None:
    print(f"tracing the tests: {which}", flush=True)
    part = out.with_suffix(".part")
    part.unlink(missing_ok=True)
    settings = {"MUTANTS_TRACE": str(part), "MUTANTS_FILES": os.pathsep.join(map(str, files))}
    _pytest(TESTS, settings, None, "-m", f"not soak and {which}")
    part.replace(out)


class Judge:
    """Says of changes whether a test notices them; the tests are collected once, at the first."""

    def __init__(self, found: Coverage) -> None:
        self._found = found
        self._process: subprocess.Popen[bytes] | None = None

    def verdict(self, mutation: Mutation) -> Verdict:
        """Whether a test notices a change; one that makes a test hang is noticed."""
        tests = self._found.of(mutation)
        if not tests:
            return "never run"
        patience = PATIENCE + 5 * self._found.seconds(tests)
        status: int | None = NOT_APPLIED
        if not mutation.at_import:
            status = self._asked(mutation, tests, patience)
        if status == NOT_APPLIED:
            change = {"MUTANTS_APPLY": f"{ROOT / mutation.path}:{mutation.number}"}
            status = _pytest(tests, change, patience, "-x")
        if status == 0:
            return "survived"
        if status is not None and status not in NOTICED and status > 0:
            raise RuntimeError(f"{mutation.name}: pytest ended with {status}")
        return "killed"

    def _asked(self, mutation: Mutation, tests: Sequence[str], patience: float) -> int | None:
        if self._process is None:
            self._start()
        job = [str(ROOT / mutation.path), mutation.number, tests, patience]
        print(json.dumps(job), file=self._questions, flush=True)
        return cast("int | None", json.loads(self._answers.readline()))

    def _start(self) -> None:
        asked, ask = os.pipe()
        answer, answered = os.pipe()
        self._process = _begun(
            TESTS, {"MUTANTS_SERVE": f"{asked},{answered}"}, "-s", pass_fds=(asked, answered)
        )
        os.close(asked)
        os.close(answered)
        self._questions, self._answers = os.fdopen(ask, "w"), os.fdopen(answer)
        if self._answers.readline() != "ready\n":
            raise RuntimeError("the tests cannot be collected")

    def close(self) -> None:
        """End the process that has collected the tests."""
        if self._process is not None:
            self._questions.close()
            self._process.wait()


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
    process = _begun(tests, settings, *options)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _begun(
    tests: Sequence[str], settings: dict[str, str], *options: str, pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    usual = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not soak", "-k", ONE_BROKER]
    usual += [f"--ignore-glob={ROOT / each}" for each in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-p", "tools.mutants.plugin", *usual, *options]
    return subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=pass_fds,
    )


def _digest(paths: Sequence[Path]) -> str:
    """A digest of files' contents."""
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest()[:16]
