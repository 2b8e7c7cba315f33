"""The line that counts on a terminal while a broker is listened to."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.listening.heard import Counts

AGAIN_SECONDS = 0.25


class Live:
    """One line on stderr, written anew a few times a second; nothing where it is no terminal."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._next = 0.0
        self._is_shown = sys.stderr.isatty()

    def __enter__(self) -> Live:
        if self._is_shown:
            print("\r\x1b[Klistening ... (Ctrl-C ends it)", end="", file=sys.stderr, flush=True)
        return self

    def show(self, gathered: Gathered, counts: Counts) -> None:
        """What was heard so far."""
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + AGAIN_SECONDS
        print(f"\r\x1b[K{line(gathered, counts, self._ends - now)}", end="", file=sys.stderr)
        sys.stderr.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def line(gathered: Gathered, counts: Counts, left: float) -> str:
    """`1,204 messages, 8 topics, 3 kinds, 0 dropped, 34 s left`."""
    topics = [streams for each in gathered.exchanges.values() for streams in each.values()]
    kinds = sum(len(streams) for streams in topics)
    dropped = "some" if counts.dropped is None else f"{counts.dropped:,}"
    return (
        f"{count(counts.heard, 'message')} on {count(len(topics), 'topic')}, "
        f"{count(kinds, 'kind')}, "
        f"{dropped} dropped, {max(0.0, left):.0f} s left"
    )
