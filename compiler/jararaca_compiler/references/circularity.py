"""Schemas that refer to themselves for the very same value: they say nothing about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jararaca_compiler.references.schema_refs import applied_in_place


class Circularity:
    """Remembers which references end; `lookup` gives the schema that a reference leads to."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        self._lookup = lookup
        self._ending: set[str] = set()

    def is_circular(self, ref: str) -> bool:
        """Whether following a reference in place leads back to it, however long the way is."""
        way: list[tuple[str, Iterator[str]]] = []
        above: set[str] = set()
        following: str | None = None if ref in self._ending else ref
        while following is not None or way:
            if following is None:
                ended, _ = way.pop()
                above.discard(ended)
                self._ending.add(ended)
            elif following in above:
                return True
            else:
                above.add(following)
                way.append((following, applied_in_place(self._lookup(following))))
            rest = way[-1][1] if way else iter(())
            following = next((each for each in rest if each not in self._ending), None)
        return False
