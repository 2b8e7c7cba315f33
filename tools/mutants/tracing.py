"""Which tests come through which lines: traced once for each file of tests, and kept."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path

from tools.mutants.mutations import Mutation
from tools.mutants.processes import begun
from tools.mutants.rooms import ROOMS, ROOT, test_files

FOLDER = ROOT / "build/mutants"
ENOUGH = 10
"""Seconds of tests without a broker, and with one, that a change is given, as they were traced."""
AT_A_TIME = 20
"""Files of tests that are traced by one process: one that is stopped loses no more than these."""

RAN = (0, 1, 5)
"""pytest's status: all passed, some failed, or there was none to run."""

BESIDE = 6
"""Lines before and after a change that are looked at for tests that come where few others do."""


@dataclass(slots=True)
class Coverage:
    """By file and line the tests that come through it; by test whether it is dear, its seconds."""

    tests: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    cost: dict[str, tuple[bool, float]] = field(default_factory=dict)
    enough: float = ENOUGH
    """Seconds of tests of each kind that a change is given."""

    def of(self, mutation: Mutation) -> list[str]:
        """The tests of a change: those without a broker first, then as many seconds with one.

        The tracer loses a coroutine that an error is thrown into, so that those which come through
        the function follow those which were seen on the line.
        """
        path = str(ROOT / mutation.path)
        if mutation.at_import:
            found = {
                test for (where, _), some in self.tests.items() if where == path for test in some
            }
            found |= {test for test in self.cost if _imports(test, mutation.path)}
        else:
            found = self._through(path, mutation.lines)
        beside = self._through(path, mutation.within) - found
        chosen = [*self._chosen(found, mutation, path), *self._chosen(beside, mutation, path)]
        dear = sorted(each for each in chosen if self.cost[each][0])
        # Those with a broker stay together by their files: each file has a virtual host of its own.
        return [*(each for each in chosen if not self.cost[each][0]), *dear]

    def _through(self, path: str, lines: range) -> set[str]:
        return {test for line in lines for test in self.tests.get((path, line), ())}

    def _chosen(self, tests: set[str], mutation: Mutation, path: str) -> Iterator[str]:
        """Of the tests of each kind as many seconds as a change is given."""
        rare = {test: self._rarity(test, path, mutation.lines) for test in tests}
        near = {test: _kinship(test, mutation.path) for test in tests}
        for is_dear in (False, True):
            some = [each for each in tests if self.cost[each][0] is is_dear]
            yield from self._enough(some, rare, near)

    def _rarity(self, test: str, path: str, lines: range) -> int:
        """How many tests come where few do beside the change: what it decides is seen there."""
        beside = range(lines.start - BESIDE, lines.stop + BESIDE)
        through = (self.tests.get((path, line), set()) for line in beside)
        return min((len(some) for some in through if test in some), default=len(self.cost))

    def seconds(self, tests: Sequence[str]) -> float:
        """What they took when they were traced."""
        return sum(self.cost[each][1] for each in tests)

    def _enough(
        self, tests: Iterable[str], rare: dict[str, int], near: dict[str, int]
    ) -> Iterator[str]:
        """The rarest, the quickest and those of its name in turn that go into the seconds.

        One that would take all of them is left out, unless there is no other.
        """
        quickest = sorted(tests, key=lambda each: (self.cost[each][1], each))
        quickest = [each for each in quickest if self.cost[each][1] <= self.enough] or quickest[:1]
        rarest = sorted(quickest, key=lambda each: rare[each])
        nearest = sorted(rarest, key=lambda each: -near[each])
        seconds = 0.0
        for each in dict.fromkeys(chain.from_iterable(zip(rarest, nearest, quickest, strict=True))):
            if seconds == 0 or seconds + self.cost[each][1] <= self.enough:
                seconds += self.cost[each][1]
                yield each


def _kinship(test: str, path: str) -> int:
    """How many words the names of a test and its file, and of a module, share."""
    of_test = set(re.findall("[a-z]{4,}", test))
    return len(of_test & set(re.findall("[a-z]{4,}", path.removeprefix("runtime/jararaca"))))


def _imports(test: str, path: str) -> bool:
    """Whether a test's file names a module, and may read its constants without a call."""
    module = path.removeprefix("runtime/").removesuffix(".py").removesuffix("/__init__")
    return module.replace("/", ".") in _imported(test.partition("::")[0])


@cache
def _imported(tests: str) -> set[str]:
    """The modules and the names of modules that a file of tests imports."""
    named: set[str] = set()
    for each in ast.walk(ast.parse((ROOT / tests).read_text("utf-8"))):
        if isinstance(each, ast.Import):
            named |= {name.name for name in each.names}
        elif isinstance(each, ast.ImportFrom):
            named |= {str(each.module), *(f"{each.module}.{name.name}" for name in each.names)}
    return named


def coverage(*, with_broker: bool, enough: float = ENOUGH) -> Coverage:
    """What the tests come through.

    A file of tests is traced anew once it, what it uses or a file that it came through is another.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    found, files = Coverage(enough=enough), test_files()
    for which in ("not broker", "broker") if with_broker else ("not broker",):
        stale = [each for each in files if not _is_fresh(_trace_of(each, which))]
        for first in range(0, len(stale), AT_A_TIME):
            _trace(stale[first : first + AT_A_TIME], which)
        for each in files:
            _, *records = _trace_of(each, which).read_text("utf-8").splitlines()
            for test, seconds, broker, lines in map(json.loads, records):
                found.cost[test] = (broker, seconds)
                for path, number in lines:
                    found.tests.setdefault((path, number), set()).add(test)
    return found


def _trace_of(tests: Path, which: str) -> Path:
    """Where the trace of a file of tests is: a line of digests, then a line for each test."""
    return FOLDER / "traces" / which / f"{tests.relative_to(ROOT)}".replace("/", ".")


def _is_fresh(trace: Path) -> bool:
    if not trace.exists():
        return False
    with trace.open(encoding="utf-8") as lines:
        digests: dict[str, str] = json.loads(next(lines))
    return all(Path(path).exists() and _digest(Path(path)) == was for path, was in digests.items())


def _trace(tests: Sequence[Path], which: str) -> None:
    print(f"tracing {len(tests)} files of tests: {which}", flush=True)
    part = FOLDER / f"{which}.part"
    part.write_text("")
    files = os.pathsep.join(str(path) for room in ROOMS for path in room.paths())
    settings = {"MUTANTS_TRACE": str(part), "MUTANTS_FILES": files}
    status = begun([*map(str, tests)], settings, "-m", f"not soak and {which}").wait()
    if status not in RAN:
        raise RuntimeError(f"the tests could not be traced: pytest ended with {status}")
    records: dict[Path, list[str]] = {each: [] for each in tests}
    for line in part.read_text("utf-8").splitlines():
        test, *found = json.loads(line)
        if found:
            records[ROOT / test.partition("::")[0]].append(line)
        else:
            print(f"judges nothing, since it fails as it is: {test}", flush=True)
    for each, lines in records.items():
        through = {path for line in lines for path, _ in json.loads(line)[3]}
        digests = {str(path): _digest(Path(path)) for path in [each, *_helpers(each), *through]}
        trace = _trace_of(each, which)
        trace.parent.mkdir(parents=True, exist_ok=True)
        trace.write_text("\n".join([json.dumps(digests), *lines, ""]), encoding="utf-8")


def _helpers(tests: Path) -> Iterator[Path]:
    """The fixtures and the support that a file of tests may use."""
    yield from (ROOT / "tests/support").glob("*.py")
    yield from (place for each in tests.parents if (place := each / "conftest.py").exists())


@cache
def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
