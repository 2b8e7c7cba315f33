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


def _shown(partitions: ir.Partitions | None) -> str:
    if partitions is None:
        return "not divided"
    return f"divided into {partitions.count} by `{partitions.by}`"
