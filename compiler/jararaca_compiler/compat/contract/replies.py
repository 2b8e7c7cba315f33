"""What an operation is answered with: answers that came, went, or go elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, change

_UNANSWERED = "none"


def replies(old: ir.Operation, new: ir.Operation, names: Callable[[str], str]) -> Iterator[Change]:
    """The change of an operation's reply; a first reply breaks nobody: none waits for it."""
    was, now = _shown(old.reply, names), _shown(new.reply, lambda name: name)
    if was == now:
        return
    if was == _UNANSWERED:
        yield change("reply-added", new.id, new.id, new.span, new=now)
        return
    yield change(
        "reply-changed", new.id, new.id, new.span,
        breaks=("producers", "consumers"), old=was, new=now,
    )  # fmt: skip


def _shown(reply: ir.Reply | None, names: Callable[[str], str]) -> str:
    if reply is None:
        return _UNANSWERED
    words = [*map(names, reply.messages), *([f"to {reply.address}"] if reply.address else [])]
    return ", ".join(words) or "any message"
