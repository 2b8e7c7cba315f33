"""What a terminal gets and a file does not: colour, and progress."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from threading import Timer

_PATIENCE = 1.0
"""Seconds without a word before progress is shown."""


def coloured(stream: TextIO) -> bool:
    """Whether colour is welcome: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


class Progress:
    """One line on a terminal's stderr that tells what is going on, once it takes a while.

    A clock shows it: whatever is being done when the time is up may take long as well.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._text = ""
        self._shown = False
        self._clock: Timer | None = None
        if sys.stderr.isatty():
            from threading import Timer

            self._clock = Timer(patience, self._show)
            self._clock.daemon = True

    def __enter__(self) -> Progress:
        if self._clock is not None:
            self._clock.start()
        return self

    def __call__(self, text: str) -> None:
        """What is being done now."""
        self._text = text
        if self._shown:
            self._show()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock.join()
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self) -> None:
        self._shown = True
        print(f"\r\x1b[K{self._text} ...", end="", file=sys.stderr, flush=True)
