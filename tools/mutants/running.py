"""Running the tests that come through a changed line, and those alone, the cheapest first."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, cast

from tools.mutants.mutations import Mutation
from tools.mutants.processes import begun, ended
from tools.mutants.rooms import ROOT, test_files
from tools.mutants.server import NOT_APPLIED
from tools.mutants.tracing import FOLDER, Coverage

PATIENCE = 20
"""Seconds that a change may hang for, beyond three times what its tests took."""
LONGER = 4
"""What no test has noticed is given so many times as many seconds of tests."""

NOTICED = (1, 2, 4, None)
"""pytest's status: a failed test, no import of a test, no import at all, or none since it hangs."""

Verdict = Literal["killed", "survived", "never run"]


class Judge:
    """Says of changes whether a test notices them; the tests are collected once, at the first."""

    def __init__(self, found: Coverage) -> None:
        self._found = found
        self._process: subprocess.Popen[bytes] | None = None

    def verdict(self, mutation: Mutation) -> Verdict:
        """Whether a test notices a change; one that makes a test hang is noticed."""
        found = self._judged(mutation, self._found)
        if found != "survived":
            return found
        return self._judged(mutation, replace(self._found, enough=LONGER * self._found.enough))

    def _judged(self, mutation: Mutation, coverage: Coverage) -> Verdict:
        tests = coverage.of(mutation)
        if not tests:
            return "never run"
        patience = PATIENCE + 3 * coverage.seconds(tests)
        status: int | None = NOT_APPLIED
        if not mutation.at_import:
            status = self._asked(mutation, tests, patience)
        if status == NOT_APPLIED:
            change = {"MUTANTS_APPLY": f"{ROOT / mutation.path}:{mutation.number}"}
            status = ended(begun(tests, change, "-x"), patience)
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
        tests = [str(each) for each in test_files()]
        settings = {"MUTANTS_SERVE": f"{asked},{answered}"}
        self._process = begun(tests, settings, "-s", pass_fds=(asked, answered))
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
