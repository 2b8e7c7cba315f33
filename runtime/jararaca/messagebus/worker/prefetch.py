"""How many unsettled deliveries a queue's handlers can do with."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca.handling.bound_handler import BoundHandler


def prefetch_of(rows: Sequence[BoundHandler], prefetch: int) -> int:
    """No more than they handle. A batch is one call of its handler, and has to fit."""
    if any(row.spec.ordered for row in rows):
        return 1
    prefetch = max(prefetch, *(row.spec.batch or 1 for row in rows))
    methods = {row.method: row.spec for row in rows}
    limits = [
        spec.concurrency * (spec.batch or 1)
        for spec in methods.values()
        if spec.concurrency is not None
    ]
    return min(prefetch, sum(limits)) if len(limits) == len(methods) else prefetch
