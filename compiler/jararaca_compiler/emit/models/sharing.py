"""Which schemas have a name of their own in `schemas.py`, and what stands there under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from jararaca_compiler.emit.models.enums import is_enum
from jararaca_compiler.emit.types.builder import is_class
from jararaca_compiler.emit.types.components import components
from jararaca_compiler.emit.types.keywords import reference_among
from jararaca_compiler.emit.types.schemas import Schemas, refs

Form = Literal["class", "enum", "root", "alias"]
"""A class with fields, an enumeration, a class around a value, or another name for a type."""

HEAVIEST = 24
"""How many schemas a type may consist of where it is written out at each place that refers to it.

Above that it is an alias: what refers to it twice would double it, and so on up a chain.
"""


class Sharing:
    """The form of each place (`path#pointer`) that is referred to."""

    def __init__(self, schemas: Schemas, places: Iterable[str]) -> None:
        self._schemas = schemas
        named = frozenset(places)
        # A component that no message refers to may lead to what has no name: another file's.
        self._below = {
            place: [target for target in self._targets(place) if target in named]
            for place in sorted(named)
        }
        self._forms: dict[str, Form | None] = {}
        self._weights: dict[str, int] = {}
        self._levels: dict[str, int] = {}
        self._decide()

    def form(self, place: str) -> Form | None:
        """How a place is written; None where its type is written out at what refers to it."""
        return self._forms.get(place)

    def level(self, place: str) -> int:
        """How many aliases stand on one another in the type of a place, which is evaluated."""
        return self._levels.get(place, 0)

    def _decide(self) -> None:
        named = {place: self._named(place) for place in self._below}
        self._forms |= named
        looped = _looped(self._below)
        bare = {p: [b for b in below if not named[b]] for p, below in self._below.items()}
        for group in components({p: below for p, below in bare.items() if not named[p]}):
            is_recursive = len(group) > 1 or group[0] in bare[group[0]]
            for place in group:
                if is_recursive:
                    self._forms[place] = "root"
                elif self._weight(place) > HEAVIEST or (place in looped and self._narrows(place)):
                    self._forms[place] = "alias"
                self._levels[place] = max(map(self._level_within, self._below[place]), default=0)

    def _level_within(self, target: str) -> int:
        form = self._forms.get(target)
        return self.level(target) + 1 if form == "alias" else 0 if form else self.level(target)

    def _named(self, place: str) -> Form | None:
        value = self._schemas.follow(place).value
        if is_enum(value):
            return "enum"
        return "class" if is_class(self._schemas.flat(value).keywords) else None

    def _targets(self, place: str) -> list[str]:
        found = (self._schemas.follow(ref) for ref in refs(self._schemas.follow(place).value))
        return [f"{each.path}#{each.pointer}" for each in found]

    def _weight(self, place: str) -> int:
        """The schemas in the type of a place; those that have a name count as one."""
        below = (
            1 if self._forms.get(target) else self._weights.get(target, 1)
            for target in self._below[place]
        )
        self._weights[place] = _size(self._schemas.follow(place).value) + sum(below)
        return self._weights[place]

    def _narrows(self, place: str) -> bool:
        """Whether variants are written anew, as they must also be of a `type` beside them."""
        keywords = self._schemas.flat(self._schemas.follow(place).value).keywords
        return "type" in keywords and ("oneOf" in keywords or "anyOf" in keywords)


def _looped(below: Mapping[str, list[str]]) -> set[str]:
    """The places that lead back to themselves, by whatever way."""
    return {
        place
        for group in components(below)
        for place in group
        if len(group) > 1 or place in below[place]
    }


def _size(schema: Any) -> int:
    if isinstance(schema, list):
        return sum(_size(item) for item in schema)
    if not isinstance(schema, Mapping):
        return 0
    return 1 + sum(_size(item) for item in reference_among(schema).values())
