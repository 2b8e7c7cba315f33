"""How messages to a person count things."""

from __future__ import annotations

from collections.abc import Sequence

LISTED = 5
"""How many names a message lists, where there are more."""


def count(number: int, noun: str) -> str:
    """`1 file`, `3 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def first(names: Sequence[str]) -> str:
    """The names, where they are few; else the first of them and how many more there are."""
    listed = names if len(names) <= LISTED + 1 else names[:LISTED]
    more = len(names) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")
