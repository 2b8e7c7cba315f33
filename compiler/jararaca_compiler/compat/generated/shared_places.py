"""Where the shared schemas of two revisions stand, by their classes, and what leads to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from jararaca_compiler import ir
from jararaca_compiler.compat.proof.schema import Lookup
from jararaca_compiler.emit.models import class_names
from jararaca_compiler.references.schema_refs import refs_in

Side = tuple[ir.Service, Lookup]
"""A service and how its references are followed."""


class SharedPlaces:
    """The classes of `schemas.py`; `renamed` are the new names of those called differently."""

    def __init__(self, sides: tuple[Side, Side], renamed: Mapping[str, str]) -> None:
        self._sides = sides
        self._renamed = renamed
        self._reached: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """Where the schema of a class stands, or stood."""
        return self._by_class.get(name, frozenset())

    def behind(self, refs: Iterable[str]) -> frozenset[str]:
        """Every place that references lead to, in the old contract or in the new one."""
        return frozenset(place for ref in refs for place in self._behind(ref))

    @cached_property
    def _by_class(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for service, lookup in self._sides:
            for place, name in class_names(service, lookup).items():
                now = self._renamed.get(name, name)
                found[now] = found.get(now, frozenset()) | {place}
        return found

    def _behind(self, ref: str) -> frozenset[str]:
        if ref not in self._reached:
            places, waiting, seen = set[str](), [ref], set[str]()
            while waiting:
                each = waiting.pop()
                for _, lookup in self._sides if each not in seen else ():
                    try:
                        found = lookup(each)
                    except LookupError:
                        continue
                    places.add(f"{found.path}#{found.pointer}")
                    waiting += refs_in(found.value)
                seen.add(each)
            self._reached[ref] = frozenset(places)
        return self._reached[ref]
