"""How a message's queues are divided: partitions that came, went or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change

_ORDER = "Messages of one key may overtake each other, and workers of both contracts refuse to mix."


def partitions(old: ir.Message, new: ir.Message, made: Callable[..., Change]) -> Iterator[Change]:
    """What changed; `made(code, breaks, **values)` makes the changes of the message."""
    was, now = old.partitions, new.partitions
    if was == now:
        return
    values = {"old": _shown(was), "new": _shown(now)}
    yield made("partitions-changed", ("consumers", "stored"), why=_ORDER, **values)


def of_partitions(topology: ir.Topology) -> frozenset[str]:
    """The queues and exchanges that stand for partitioned queues: told of their messages."""
    return frozenset(
        part for each in topology.partitioned for part in parts_of(each.queue, topology)
    )


def parts_of(queue: str, topology: ir.Topology) -> Iterator[str]:
    """What a partitioned queue has besides itself."""
    for each in topology.partitioned:
        if each.queue == queue:
            yield from (f"{queue}.p{number}" for number in range(each.count))
            yield from (f"{queue}.partitions", f"{queue}.of-{each.count}")
            if topology.workers:
                yield topology.workers


def _shown(partitions: ir.Partitions | None) -> str:
    if partitions is None:
        return "not divided"
    return f"divided into {partitions.count} by `{partitions.by}`"
