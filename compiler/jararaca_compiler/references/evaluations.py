"""How often the same value would be held against a schema's parts: a chain may double it.

`anyOf: [A, A]` where A is `anyOf: [B, B]`, and so on: with each link a validator has twice as much
to do for one value. Forty links of that are a minute's typing, and years of validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MOST = 100_000
"""The parts of a schema that a validator may hold one value against, with each message."""
_LISTS = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")
_CHECKED = frozenset(
    {"oneOf", "not", "if", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"}
    | {"patternProperties", "additionalProperties", "items", "prefixItems", "contains"}
)
"""What may take a validator; `anyOf` and `allOf` of anything else are types, each made once."""


@dataclass(frozen=True, slots=True)
class Evaluations:
    """How many parts a value is held against, and whether it takes a validator to do so."""

    count: int
    is_checked: bool
    links: int = 0
    """How many references follow one another, all about the same value, at the most."""

    @property
    def are_too_many(self) -> bool:
        """Whether that ends in no reasonable time."""
        return self.is_checked and self.count > MOST


_ONCE = Evaluations(1, False)


class EvaluationCounts:
    """The counts of what references lead to; `lookup` gives the schema of one."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        self._lookup = lookup
        self._counts: dict[str, Evaluations] = {}

    def are_first_too_many(self, ref: str) -> bool:
        """Whether it is here that they become too many: what it is made of has not too many."""
        if not self.of(ref).are_too_many:
            return False
        return not any(self.of(below).are_too_many for below in _refs(self._lookup(ref)))

    def of(self, ref: str) -> Evaluations:
        """What a reference leads to; a schema within itself counts once."""
        way, above = [ref], {ref}
        while way:
            here = way[-1]
            schema = True if here in self._counts else self._lookup(here)
            waiting = [r for r in _refs(schema) if r not in self._counts and r not in above]
            if waiting:
                above.update(waiting[:1])
                way += waiting[:1]
                continue
            if here not in self._counts:
                self._counts[here] = self._of_schema(schema)
            above.discard(way.pop())
        return self._counts[ref]

    def _of_schema(self, schema: Any) -> Evaluations:
        count, is_checked, links, waiting = 0, False, 0, [schema]
        while waiting and count <= MOST:
            part = waiting.pop()
            count += 1
            if not isinstance(part, dict):
                continue
            is_checked = is_checked or not _CHECKED.isdisjoint(part)
            if isinstance(part.get("$ref"), str):
                known = self._counts.get(part["$ref"], _ONCE)
                count += known.count
                is_checked = is_checked or known.is_checked
                links = max(links, known.links + 1)
            waiting += _in_place(part)
        return Evaluations(min(count, MOST + 1), is_checked, links)


def _in_place(schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas within a schema that speak of the same value."""
    for key in _LISTS:
        if isinstance(schema.get(key), list):
            yield from schema[key]
    yield from (schema[key] for key in _ONE if key in schema)
    if isinstance(schema.get("dependentSchemas"), dict):
        yield from schema["dependentSchemas"].values()


def _refs(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            waiting += _in_place(part)
