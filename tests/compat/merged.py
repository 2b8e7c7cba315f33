"""Two changes of one document at once, as two people make them, and who hides whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jararaca_compiler.compat.change import Change

_MISSING: Any = object()
_AWAY = frozenset(
    {
        *("message-removed", "operation-removed", "service-removed", "service-renamed"),
        *("topic-changed", "kind-changed", "message-renamed", "class-renamed", "handler-renamed"),
        "message-added",
        "message-added-to-channel",
    }
)
"""What takes all of something away, or calls it otherwise."""
_OF_ALL = frozenset({"schema-changed", "constraint-changed"})
"""What stands for the smallest schema that could be told apart: with more changes, another one."""
_WRITTEN_OUT = ".root"
"""The end of the name of a shared union: others are written out in it, and told as theirs."""


class ConflictError(Exception):
    """Both changed the same."""


def merged(base: Any, one: Any, other: Any) -> Any:
    """The document with the changes of both; raises ConflictError where they meet."""
    texts = [repr(each) for each in (base, one, other)]
    if texts[1] == texts[2] or texts[0] == texts[2]:
        return one
    if texts[0] == texts[1]:
        return other
    if all(isinstance(each, dict) for each in (base, one, other)):
        names = dict.fromkeys([*base, *one, *other])
        parts = {n: merged(*(e.get(n, _MISSING) for e in (base, one, other))) for n in names}
        return {name: part for name, part in parts.items() if part is not _MISSING}
    are_lists = all(isinstance(each, list) for each in (base, one, other))
    if are_lists and len(base) == len(one) == len(other):
        return [merged(*parts) for parts in zip(base, one, other, strict=True)]
    raise ConflictError


def hidden(
    alone: Sequence[Change], others: Sequence[Change], both: Sequence[Change]
) -> Iterator[Change]:
    """The changes that were told alone, do not meet the others, and are not told beside them."""
    moved = {str(o.values["old"]) for o in others if "old" in o.values} | {
        o.group for o in others if o.code in _AWAY
    }
    for change in alone:
        meets = change.group in moved or any(_is_near(change, other) for other in others)
        if meets or change.code in _OF_ALL or change.subject.endswith(_WRITTEN_OUT):
            continue
        near = [each for each in both if _is_near(change, each)]
        whom = {one for each in near for one in each.breaks}
        if not near or not set(change.breaks) <= whom:
            yield change


def _is_near(one: Change, other: Change) -> bool:
    """Whether two changes are about the same place, or one lies in the other's, or is of all."""
    if one.group == other.group and other.subject == other.group and "code" in other.breaks:
        return True
    a, b = one.subject, other.subject
    return a.startswith(b) or b.startswith(a) or one.span == other.span
