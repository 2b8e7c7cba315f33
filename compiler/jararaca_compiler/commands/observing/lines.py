"""The JSON lines of an observation: each finding when it is first met, the report at the end."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from jararaca_compiler.observing.report import WRONG, Report
from jararaca_compiler.project.config import ConfigError

Kind = tuple[str, str, str, str, str]


class JsonLines:
    """Writes to a file, or to the standard output (`-`)."""

    def __init__(self, target: str | None) -> None:
        self._told: set[Kind] = set()
        self._file: TextIO | None = None
        if target is None:
            return
        try:
            # It is open for as long as the observation is; each line is written out at once.
            self._file = sys.stdout if target == "-" else Path(target).open("w")  # noqa: SIM115
        except OSError as error:
            raise ConfigError(f"--json {target}: {error.strerror}") from error

    def findings(self, report: Report) -> None:
        """Those that are new since the last time."""
        for each in report.of(*WRONG) if self._file is not None else ():
            kind = (each.kind, each.service, each.subject, each.place, each.reason)
            if kind not in self._told:
                self._told.add(kind)
                self._write({"finding": asdict(each)})

    def end(self, report: Report) -> None:
        """The report, and nothing after it."""
        self.findings(report)
        self._write({"report": report.as_json()})
        if self._file is not None and self._file is not sys.stdout:
            self._file.close()

    def _write(self, value: object) -> None:
        if self._file is not None:
            print(json.dumps(value), file=self._file, flush=True)
