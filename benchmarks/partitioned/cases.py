"""What is compared: who consumes, of how many queues, with how many workers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

KEYS = 500
PREFETCH = 5
BURNT, WAITED = 0.001, 0.005
"""Seconds of CPU, or of waiting, that a handler takes."""

WORKERS = (1, 2, 3, 4)
FEW = (1, 4)
"""For those of whom only one works, however many there are."""

FASTEST = 5_000
"""Messages a second that no case gets beyond on a small machine; more are not laid ready."""

Work = Literal["computes", "waits"]
WORKS: tuple[Work, ...] = ("computes", "waits")


@dataclass(frozen=True)
class Contender:
    """A kind of consumer; `line` says how the chart draws it."""

    name: str
    kind: str
    partitions: int = 0
    prefetch: int = PREFETCH
    one_works: bool = False
    line: str = "#9aa3ab"

    def steps(self, workers: tuple[int, ...]) -> tuple[int, ...]:
        """With how many workers it is measured: more than it has partitions stand by."""
        if self.one_works:
            return tuple(number for number in workers if number in FEW)
        return tuple(n for n in workers if not self.partitions or n <= self.partitions)

    def supply(self, work: Work, workers: int, seconds: float) -> int:
        """How many messages it may handle in so many seconds, and some more."""
        at_work = 1 if self.one_works else workers
        queues = self.partitions or at_work
        cores = min(at_work, os.cpu_count() or 1)
        rate = cores / BURNT if work == "computes" else queues * self.prefetch / WAITED
        return int(min(rate, FASTEST) * seconds * 1.1) + KEYS


CONTENDERS = (
    *(
        Contender(f"{count} partition{'s' if count > 1 else ''}", "partitions", count, line=line)
        for count, line in ((1, "#a6d9bd"), (2, "#5fb98a"), (4, "#2c8f5c"), (8, "#0f5132"))
    ),
    Contender("one queue, no order", "plain", line="#1f5fa8"),
    Contender("one queue, `ordered_by=`", "ordered_by", one_works=True, line="#7aa7d9"),
    Contender("aio-pika, no order", "aio-pika", line="#c2571a"),
    Contender("aio-pika, in order", "aio-pika-single", prefetch=1, one_works=True, line="#e8a87c"),
    Contender("FastStream, no order", "faststream", line="#6b4ea0"),
    Contender(
        "FastStream, in order", "faststream-single", prefetch=1, one_works=True, line="#b3a0d6"
    ),
)
QUICK = tuple(each for each in CONTENDERS if each.partitions not in (1, 2))
SIZES = (1, 10, 100)
"""How many queues, or handlers of one queue, a worker has for the chart of growth."""
