"""Values on both sides of each end of a schema: one thing changed in a value that is valid.

Chance alone rarely changes one thing and leaves a large message valid otherwise; a class that lacks
a bound, an enumeration's value or a required field is found by these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from jararaca_compiler.verification.ends import (
    MOST_ITEMS,
    Schemas,
    ends,
    in_turns,
    kind_of,
    listed,
    number,
    required,
    single,
    size,
    text,
    without,
)

MOST = 2_000
"""How many are made at most, of which those that are asked for are drawn."""
MOST_PARTS = 300_000
"""How many parts all values of a message have at most: of large values there are fewer."""
_LARGEST, _LARGEST_BASE = 1_000, 4_000
"""Parts of a property's value, and of a message's, beyond which there are none that it can be
without."""
_FEWEST = 20
_DRAWN_OF = 4
_DEEPEST = 5
_OTHERS: tuple[Any, ...] = (None, True, 2.5, "x", "zz zz", [], {})


@dataclass(slots=True)
class _Parts:
    """How many were made, of all values, and when the one that is made now is large enough.

    A schema that contains itself in many places is a tree without end: it is a bush that is cut.
    """

    made: int = 0
    enough: int = 0

    @property
    def is_large(self) -> bool:
        """Whether the value has as many as it may."""
        return self.made >= self.enough

    @property
    def is_over(self) -> bool:
        """Whether no further value is to be made."""
        return self.made >= MOST_PARTS


@dataclass(frozen=True, slots=True)
class Aimed:
    """Makes the values of one message; `is_valid` judges whole ones, `random` draws from many."""

    definitions: Mapping[str, Any]
    is_valid: Callable[[Any], bool]
    random: Random
    _parts: _Parts = field(default_factory=_Parts)

    def values(self, schema: Any, spare: Any = None, most: int = MOST) -> list[Any]:
        """At most so many, each once; `spare` is a valid one, for where none can be made."""
        atoms = self._atoms(schema, 0)
        base = self._grown(atoms, spare)
        most = min(most, max(_FEWEST, MOST_PARTS // size(base)))
        near = self._near(atoms, 0, base)
        made = list(islice(near, min(MOST, _DRAWN_OF * most))) or [spare]
        drawn = [made[0], *self.random.sample(made[1:], most - 1)] if len(made) > most else made
        return list({repr(value): value for value in drawn}.values())

    def _grown(self, atoms: Schemas, spare: Any) -> Any:
        """A valid value with as many of its properties as can be."""
        base = self._least(atoms, 0)
        if not self.is_valid(base):
            base = base if spare is None else spare
        if not isinstance(base, dict):
            return base
        parts = size(base)
        for name, below in self._properties(atoms).items():
            if parts > _LARGEST_BASE:
                break
            for made in (self._full(below, 1), self._least(below, 1)):
                if name not in base and self.is_valid({**base, name: made}):
                    base = {**base, name: made}
                    parts += size(made)
        return base

    def _atoms(self, schema: Any, depth: int) -> Schemas:
        if not isinstance(schema, dict) or depth > 12:
            return []
        found = [schema]
        if isinstance(schema.get("$ref"), str):
            found += self._atoms(self.definitions[schema["$ref"].rpartition("/")[2]], depth + 1)
        for part in schema.get("allOf", ()):
            found += self._atoms(part, depth + 1)
        return found

    def _properties(self, atoms: Schemas) -> dict[str, Schemas]:
        found: dict[str, Schemas] = {}
        for atom in atoms:
            for name, below in atom.get("properties", {}).items():
                found.setdefault(name, []).extend(self._atoms(below, 0))
        return found

    def _chosen(self, atoms: Schemas) -> Iterator[Schemas]:
        """The atoms with each of their choices taken, one level of them."""
        for atom in atoms:
            for key in ("anyOf", "oneOf"):
                if atom.get(key):
                    left = [a if a is not atom else without(a, key) for a in atoms]
                    yield from ([*left, *self._atoms(choice, 0)] for choice in atom[key])
                    return

    # A valid value.

    def _least(self, atoms: Schemas, depth: int) -> Any:
        return self._made(atoms, depth, is_full=False)

    def _full(self, atoms: Schemas, depth: int) -> Any:
        self._parts.enough = self._parts.made + _LARGEST
        return self._made(atoms, depth, is_full=True)

    def _made(self, atoms: Schemas, depth: int, is_full: bool) -> Any:
        self._parts.made += 1
        is_full = is_full and not self._parts.is_large
        values = listed(atoms)
        if values is not None:
            return values[0] if values else None
        choice = next(self._chosen(atoms), None)
        if choice is not None and depth <= 3 * _DEEPEST:
            return self._made(choice, depth + 1, is_full)
        kind = kind_of(atoms)
        if kind == "object":
            return self._object(atoms, depth, is_full)
        if kind == "array":
            return self._array(atoms, depth, is_full)
        if kind == "string":
            return text(atoms)
        if kind in ("integer", "number"):
            return number(atoms)
        return {"boolean": True, "null": None}.get(kind, "x")

    def _object(self, atoms: Schemas, depth: int, is_full: bool) -> dict[str, Any]:
        properties = self._properties(atoms)
        names = list(required(atoms))
        names += [n for n in properties if is_full and depth < _DEEPEST and n not in names]
        deeper = is_full and depth < _DEEPEST
        if depth > 2 * _DEEPEST:
            return {}
        made = {n: self._made(properties.get(n, []), depth + 1, deeper) for n in names}
        others = single(atoms, "additionalProperties")
        if deeper and others is not None and not made:
            made["a"] = self._made(self._atoms(others, 0), depth + 1, deeper)
        return made

    def _array(self, atoms: Schemas, depth: int, is_full: bool) -> list[Any]:
        if depth > 2 * _DEEPEST:
            return []
        prefix: list[Any] = next((a["prefixItems"] for a in atoms if a.get("prefixItems")), [])
        made = [self._made(self._atoms(item, 0), depth + 1, is_full) for item in prefix]
        items = single(atoms, "items")
        least = max([a.get("minItems", 0) for a in atoms], default=0)
        fewest = max(int(least), 1 if is_full and items is not None and not prefix else 0)
        rest = self._atoms(items, 0)
        while items is not None and len(made) < min(fewest, MOST_ITEMS):
            made.append(self._made(rest, depth + 1, is_full))
        return made

    # What is near it.

    def _near(self, atoms: Schemas, depth: int, base: Any = None) -> Iterator[Any]:
        """Values for the atoms: some that they allow, and some that they just do not."""
        if self._parts.is_over:
            return
        whole = self._full(atoms, depth) if base is None else base
        yield whole
        yield from ends(atoms)
        if isinstance(whole, dict):
            yield from self._objects(atoms, depth, whole)
        if isinstance(whole, list):
            yield from self._arrays(atoms, depth, whole)
        yield from _OTHERS
        for choice in self._chosen(atoms) if depth < _DEEPEST else ():
            yield from self._near(choice, depth + 1)

    def _objects(self, atoms: Schemas, depth: int, whole: dict[str, Any]) -> Iterator[Any]:
        """In turns, so that the first of them are about many properties."""
        kinds = [self._less(whole), self._more(atoms, depth, whole)]
        if depth < _DEEPEST:
            kinds += [
                self._with(name, below, depth, whole)
                for name, below in self._properties(atoms).items()
            ]
            others = single(atoms, "additionalProperties")
            if others is not None:
                kinds.append(self._with("another", self._atoms(others, 0), depth, whole))
        self.random.shuffle(kinds)
        return in_turns(kinds)

    def _less(self, whole: dict[str, Any]) -> Iterator[Any]:
        for name in whole:
            yield {key: value for key, value in whole.items() if key != name}

    def _more(self, atoms: Schemas, depth: int, whole: dict[str, Any]) -> Iterator[Any]:
        yield {**whole, "unknown key": 1}
        most = min((a["maxProperties"] for a in atoms if "maxProperties" in a), default=None)
        others = single(atoms, "additionalProperties")
        spare = self._full(self._atoms(others, 0), depth + 1)
        for count in (most, most + 1) if most is not None and most < MOST_ITEMS else ():
            yield {**whole, **{f"k{n}": spare for n in range(count - len(whole))}}

    def _with(self, name: str, below: Schemas, depth: int, whole: dict[str, Any]) -> Iterator[Any]:
        yield from ({**whole, name: value} for value in self._near(below, depth + 1))

    def _arrays(self, atoms: Schemas, depth: int, whole: list[Any]) -> Iterator[Any]:
        yield []
        items = single(atoms, "items")
        item = self._full(self._atoms(items, 0), depth + 1)
        yield [*whole, item]
        if whole:
            yield [*whole, whole[0]]
        for key, step in (("minItems", -1), ("maxItems", 0), ("maxItems", 1)):
            for length in (a[key] + step for a in atoms if key in a):
                yield from _several(self._atoms(items, 0), item, int(length))
        prefix: list[Any] = next((a["prefixItems"] for a in atoms if a.get("prefixItems")), [])
        for place, each in enumerate([*prefix, *([items] if items is not None else [])]):
            if depth < _DEEPEST:
                for value in self._near(self._atoms(each, 0), depth + 1):
                    yield [*whole[:place], value, *whole[place + 1 :]]


def _several(atoms: Schemas, item: Any, count: int) -> Iterator[list[Any]]:
    """So many items, different ones where that is easy, so that `uniqueItems` is no reason."""
    if 0 <= count <= MOST_ITEMS:
        yield [item] * count
        if kind_of(atoms) == "string" and listed(atoms) is None:
            yield [f"{n}" for n in range(count)]
