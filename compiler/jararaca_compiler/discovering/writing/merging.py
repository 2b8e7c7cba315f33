"""What a new run found, merged into a document that people have edited since the last one.

A three-way merge: what stands there as the last run wrote it follows the new run; what somebody has
changed, added or removed stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Merged:
    """What was done: whether anything changed, and the places where the edit won."""

    changed: bool = False
    kept: list[str] = field(default_factory=list)


_ABSENT = object()


def merge(theirs: dict[str, Any], base: Mapping[str, Any], new: Mapping[str, Any]) -> Merged:
    """Change `theirs` in place, which may be a round-trip mapping with comments."""
    done = Merged()
    _merge(theirs, base, new, (), done)
    return done


def _merge(
    theirs: dict[str, Any],
    base: Mapping[str, Any],
    new: Mapping[str, Any],
    place: tuple[str, ...],
    done: Merged,
) -> None:
    for key in [key for key in base if key not in new and key in theirs]:
        if _plain(theirs[key]) == base[key]:
            del theirs[key]
            done.changed = True
        elif _is_told((*place, key)):
            done.kept.append("/".join((*place, key)))
    for key, value in new.items():
        _merge_key(theirs, base, key, value, place, done)


def _merge_key(
    theirs: dict[str, Any],
    base: Mapping[str, Any],
    key: str,
    value: Any,
    place: tuple[str, ...],
    done: Merged,
) -> None:
    here, before, mine = (*place, key), base.get(key, _ABSENT), theirs.get(key, _ABSENT)
    if mine is _ABSENT:
        if before is _ABSENT:
            theirs[key] = value
            done.changed = True
        elif before != value and _is_told(here):
            done.kept.append("/".join(here))
    elif isinstance(mine, dict) and isinstance(value, Mapping):
        _merge(mine, before if isinstance(before, Mapping) else {}, value, here, done)
    elif _plain(mine) == value:
        return
    elif before is not _ABSENT and _plain(mine) == before:
        theirs[key] = value
        done.changed = True
    elif before != value and _is_told(here):
        done.kept.append("/".join(here))


def _is_told(place: tuple[str, ...]) -> bool:
    """Whether somebody wants to know that an edit won: not of the evidence."""
    return "x-evidence" not in place


def _plain(value: Any) -> Any:
    """A round-trip value as plain ones, to compare it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
