"""Which schemas have a name of their own in `schemas.py`, and what stands there under it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Literal

from jararaca_compiler.emit.models.enums import is_enum
from jararaca_compiler.emit.types.builder import is_class
from jararaca_compiler.emit.types.components import components
from jararaca_compiler.emit.types.discriminators import DISCRIMINATOR
from jararaca_compiler.emit.types.keywords import BY_NAME, reference_among
from jararaca_compiler.emit.types.schemas import Schemas, refs

Form = Literal["class", "enum", "root", "alias"]
"""A class with fields, an enumeration, a class around a value, or another name for a type."""

HEAVIEST = 24
"""How many schemas a type may consist of where it is written out at each place that refers to it.

Above that it is an alias: what refers to it twice would double it, and so on up a chain.
"""

DEEPEST = 12
"""How many schemas may be within one another in a type without a class between: pydantic builds it
by recursion."""
_BESIDE = frozenset({"$defs", "definitions"})
"""What stands in a schema to be referred to."""


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
        self._depths: dict[str, int] = {}
        self._standing: dict[str, int] = {}
        self._decide()

    def form(self, place: str) -> Form | None:
        """How a place is written; None where its type is written out at what refers to it."""
        return self._forms.get(place)

    def aliases_below(self, place: str, known: Container[str]) -> list[str]:
        """The aliases that a place's type names, each after those that it names; none `known`."""
        found: set[str] = set()
        waiting = [place]
        seen = {place}
        for here in waiting:
            for target in self._below[here]:
                if target in seen or self._forms.get(target) not in (None, "alias"):
                    continue
                seen.add(target)
                if target in known:
                    continue
                waiting.append(target)
                if self._forms.get(target) == "alias":
                    found.add(target)
        return sorted(found, key=self._standing.__getitem__) if found else []

    def _decide(self) -> None:
        named = {place: self._named(place) for place in self._below}
        self._forms |= named
        looped = _looped(self._below)
        bare = {p: [b for b in below if not named[b]] for p, below in self._below.items()}
        for group in components({p: below for p, below in bare.items() if not named[p]}):
            is_recursive = len(group) > 1 or group[0] in bare[group[0]]
            for place in group:
                if is_recursive or self._depth(place) > DEEPEST:
                    self._forms[place] = "root"
                    self._depths[place] = 0
                elif self._weight(place) > HEAVIEST or (place in looped and self._narrows(place)):
                    self._forms[place] = "alias"
                    self._standing[place] = len(self._standing)

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

    def _depth(self, place: str) -> int:
        """How many schemas stand within one another in the type of a place; a class is one."""
        below = [self._depths.get(t, 0) for t in self._below[place] if not self._is_class(t)]
        self._depths[place] = _levels(self._schemas.follow(place).value) + max(below, default=0)
        return self._depths[place]

    def _is_class(self, place: str) -> bool:
        return self._forms.get(place) not in (None, "alias")

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


def _size(schema: Any, names: bool = False) -> int:
    if isinstance(schema, list):
        return sum(map(_size, schema))
    if not isinstance(schema, dict):
        return 0
    return 1 + sum(_size(item, key in BY_NAME) for key, item in _within(schema, names))


def _levels(schema: Any, names: bool = False) -> int:
    if isinstance(schema, list):
        return max(map(_levels, schema), default=0)
    if not isinstance(schema, dict):
        return 0
    levels = (_levels(item, key in BY_NAME) for key, item in _within(schema, names))
    return 1 + max(levels, default=0)


def _within(schema: Mapping[str, Any], names: bool) -> Iterator[tuple[str, Any]]:
    """What stands in a schema, or in a mapping of `names` to schemas, and counts for its type.

    Of a discriminator a published document has another form, and no definitions in schemas.
    """
    if names:
        yield from schema.items()
        return
    for key, item in reference_among(schema).items():
        if key not in DISCRIMINATOR and key not in _BESIDE:
            yield key, item
