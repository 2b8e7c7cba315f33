"""The file of a recording, while messages are heard."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from jararaca_shared.recording import head_line

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.observing.observer import Heard
from jararaca_compiler.observing.recording.recorder import Recorder
from jararaca_compiler.project.config import ConfigError


class RecordFile:
    """Keeps each message that may be kept; at the end it says what was left out."""

    def __init__(
        self, path: Path, recorder: Recorder, source: str, option: str = "--record"
    ) -> None:
        self._recorder = recorder
        self._path = path
        try:
            # It is open for as long as the observation is, and nobody else's to read.
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file: TextIO = os.fdopen(number, "w", encoding="utf-8")
        except FileExistsError:
            raise ConfigError(f"{option} {path}: it is there already; name another file") from None
        except OSError as error:
            raise ConfigError(f"{option} {path}: {error.strerror}") from error
        print(head_line(source, datetime.now(UTC).isoformat(timespec="seconds")), file=self._file)

    def __enter__(self) -> RecordFile:
        return self

    def keep(self, message: Heard) -> None:
        """Write a message, if it may be kept."""
        line = self._recorder.line(message)
        if line is not None:
            print(line, file=self._file)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is not None and not self._recorder.kept:
            self._path.unlink()
            return
        kept = count(self._recorder.kept, "message")
        print(f"{kept} recorded, masked, in {self._path.name}", file=sys.stderr)
        for why, number in sorted(self._recorder.left_out.items()):
            print(f"{count(number, 'message')} left out: {why}", file=sys.stderr)
