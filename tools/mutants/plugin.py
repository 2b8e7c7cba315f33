"""pytest's side: tells which tests come through which lines, or loads a module with a change.

`MUTANTS_TRACE=file` writes a line of JSON for each test: its name, its seconds, whether it needs a
broker, and the lines that it came through of the files in `MUTANTS_FILES`. Of one that fails the
name alone.
`MUTANTS_APPLY=path:number` loads the module at that path with one change.
`MUTANTS_SERVE=in,out` judges changes as it is asked to over these pipes (`tools.mutants.server`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from time import perf_counter
from types import CodeType
from typing import Any

import pytest

from tools.mutants.mutations import mutated
from tools.mutants.server import Server


class Changed(SourceFileLoader):
    """Loads a module's source with one change, from no cache and into none."""

    number = 0

    def get_code(self, fullname: str) -> CodeType | None:
        """The changed module's code."""
        path = self.get_filename(fullname)
        return compile(mutated(Path(path).read_text("utf-8"), self.number), path, "exec")


class Finder(MetaPathFinder):
    """Finds the one module that is changed."""

    def __init__(self, path: Path, number: int) -> None:
        self._path = path
        self._number = number

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The module's spec with the other loader; None for all other modules."""
        if fullname.rpartition(".")[2] not in (self._path.stem, self._path.parent.name):
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None or Path(found.origin) != self._path:
            return None
        loader = Changed(fullname, found.origin)
        loader.number = self._number
        assert isinstance(loader, Loader)
        found.loader = loader
        return found


class Tracer:
    """Notes the lines that each test comes through, with coverage.py, whose tracer is in C."""

    def __init__(self, out: Path, files: list[str]) -> None:
        from coverage import Coverage

        self._out = out
        # SQLAlchemy switches between greenlets: their lines would be taken for another file's.
        within = ["thread", "greenlet"]
        self._coverage = Coverage(data_file=None, include=files, messages=False, concurrency=within)
        self._passed = False
        self._failed = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Trace one test, its fixtures included, in all threads."""
        self._passed = self._failed = False
        began = perf_counter()
        with self.tracing() as lines:
            yield
        if self._failed:
            self._note([item.nodeid])
            return
        if not self._passed:
            return
        broker = item.get_closest_marker("broker") is not None
        self._note([item.nodeid, perf_counter() - began, broker, lines])

    @contextmanager
    def tracing(self) -> Iterator[list[tuple[str, int]]]:
        """The files and lines that the block comes through, once it has ended."""
        lines: list[tuple[str, int]] = []
        self._coverage.erase()
        self._coverage.start()
        try:
            yield lines
        finally:
            self._coverage.stop()
        data = self._coverage.get_data()
        lines += [
            (path, line)
            for path in data.measured_files()
            for line in sorted(data.lines(path) or ())
        ]

    def _note(self, record: list[Any]) -> None:
        with self._out.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails, or is skipped, notices nothing."""
        self._failed = self._failed or report.failed
        if report.when == "call":
            self._passed = report.passed
        elif not report.passed:
            self._passed = False


def pytest_configure(config: pytest.Config) -> None:
    """Trace or serve, where that is asked for."""
    if (out := os.environ.get("MUTANTS_TRACE")) is not None:
        files = os.environ["MUTANTS_FILES"].split(os.pathsep)
        config.pluginmanager.register(Tracer(Path(out), files))
    if (pipes := os.environ.get("MUTANTS_SERVE")) is not None:
        asked, answered = map(int, pipes.split(","))
        config.pluginmanager.register(Server(asked, answered))


if (asked := os.environ.get("MUTANTS_APPLY")) is not None:
    changed, _, position = asked.rpartition(":")
    sys.meta_path.insert(0, Finder(Path(changed), int(position)))
