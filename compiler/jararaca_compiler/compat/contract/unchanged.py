"""Whether two schemas are the same text, with all that they refer to."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.compat.proof.schema import Lookup
from jararaca_compiler.references.schema_refs import refs_in


class Unchanged:
    """Compares values of an old and a new contract; remembers what references lead to."""

    def __init__(self, old: Lookup, new: Lookup) -> None:
        self._lookups = (old, new)
        self._same: dict[str, bool] = {}

    def __call__(self, old: Any, new: Any) -> bool:
        """Whether the two are equal, and the same references lead to equal values."""
        if old != new or repr(old) != repr(new):
            return False
        waiting, seen = list(refs_in(old)), set[str]()
        while waiting:
            ref = waiting.pop()
            if ref in seen:
                continue
            seen.add(ref)
            found = self._targets(ref)
            if found is None:
                return False
            waiting += found
        return True

    def _targets(self, ref: str) -> list[str] | None:
        """The references behind one; None where the two sides differ."""
        try:
            old, new = (lookup(ref) for lookup in self._lookups)
        except LookupError:
            return None
        if ref not in self._same:
            self._same[ref] = old.path == new.path and repr(old.value) == repr(new.value)
        return list(refs_in(old.value)) if self._same[ref] else None
