"""What a terminal gets and a file does not: colour, and progress."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TextIO

_PATIENCE = 1.0
"""Seconds without a word before progress is shown."""


def coloured(stream: TextIO) -> bool:
    """Whether colour is welcome: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def count(number: int, noun: str) -> str:
    """`1 file`, `3 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Progress:
    """One line on a terminal's stderr that tells what is going on, once it takes a while."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __call__(self, text: str) -> None:
        """What is being done now."""
        if sys.stderr.isatty() and time.monotonic() - self._began > _PATIENCE:
            print(f"\r\x1b[K{text} ...", end="", file=sys.stderr, flush=True)
            self._shown = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
