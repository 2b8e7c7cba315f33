"""What a message's stream is filtered by: a value that came, went or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom

_STORED = "The broker holds the values of stored events against those that readers ask for now."


def stream_filters(
    old: ir.Message, new: ir.Message, made: Callable[..., Change]
) -> Iterator[Change]:
    """What changed; events without a value are always read, so that only another one breaks."""
    was, now = old.filter_by, new.filter_by
    if was == now:
        return
    values = {"old": f"`{was}`" if was else "nothing", "new": f"`{now}`" if now else "nothing"}
    breaks: tuple[Whom, ...] = ("consumers", "stored") if was and now else ()
    yield made("stream-filter-changed", breaks, why=_STORED if breaks else None, **values)
