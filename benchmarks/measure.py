"""What a peer's process measures of itself, from its first message to its last."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable


class Meter:
    """Counts messages; at the last one it prints its figures as a line of JSON and calls `done`."""

    def __init__(self, count: int, done: Callable[[], None]) -> None:
        self._count = count
        self._done = done
        self._seen = 0
        self.start()

    def start(self) -> None:
        """Begin here: for publishers, whose first message is no event."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def one(self) -> None:
        """A message was handled."""
        self._seen += 1
        if self._seen == 1:
            self.start()
        if self._seen == self._count:
            self.finish()

    def finish(self) -> None:
        """Print the figures."""
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        report(rate=self._count / wall, cpu=cpu / self._count * 1e6)
        self._done()


def report(**figures: float) -> None:
    """One line of figures, with the memory that the process has needed at most (MiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "rss": peak}), flush=True)
