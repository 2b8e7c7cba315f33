"""Schemas that refer to themselves for the very same value: they say nothing about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jararaca_compiler.references.schema_refs import applied_in_place
from jararaca_compiler.references.targets import LONGEST_CHAIN


class Circularity:
    """Remembers which references end; `lookup` gives the schema that a reference leads to."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        self._lookup = lookup
        self._ending: set[str] = set()

    def is_circular(self, ref: str, above: tuple[str, ...] = ()) -> bool:
        """Whether following a reference in place leads back to it; `above` led here."""
        if ref in self._ending:
            return False
        if ref in above or len(above) > LONGEST_CHAIN:
            return True
        circular = any(
            self.is_circular(following, (*above, ref))
            for following in applied_in_place(self._lookup(ref))
        )
        if not circular:
            self._ending.add(ref)
        return circular
