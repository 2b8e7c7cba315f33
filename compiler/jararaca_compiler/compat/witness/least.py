"""The least JSON value of some schemas: what must be there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from jararaca_compiler.compat.proof.arrays import at as item_at
from jararaca_compiler.compat.proof.facts import facts
from jararaca_compiler.compat.proof.objects import at as property_at
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.proof.values import accepts, every
from jararaca_compiler.compat.witness.choices import KINDS, Schemas, cases, flat, is_spent
from jararaca_compiler.compat.witness.numbers import numbers
from jararaca_compiler.compat.witness.texts import texts

_DEEPEST = 24
_MOST_TRIED = 40
_MOST_ITEMS = 50
Made = tuple[Any] | None
"""A value; None where none was found."""


class Leasts:
    """The least values of the schemas of one store, each made once."""

    def __init__(self) -> None:
        self._found: dict[Schemas, Made] = {}
        self._not_found: set[Schemas] = set()

    def of(self, schemas: Schemas) -> Made:
        """A small value that is valid under all of the schemas."""
        self._not_found.clear()
        return self._of(schemas, 0)

    def refute(self, part: Schemas, goal: Schema) -> bool:
        """Whether the least value of all of `part` is surely not valid under `goal`."""
        least = self.of(tuple(each.store.plain(each) for each in part))
        return least is not None and accepts(goal, least[0]) is False

    def _of(self, schemas: Schemas, depth: int) -> Made:
        """A part of what is being made has none: what is around it may do without it."""
        if schemas in self._found:
            return self._found[schemas]
        if depth > _DEEPEST or schemas in self._not_found or is_spent(schemas):
            return None
        self._not_found.add(schemas)
        for value in islice(self._tried(schemas, depth), _MOST_TRIED):
            if every(accepts(schema, value) for schema in schemas):
                self._found[schemas] = (value,)
                return self._found[schemas]
        return None

    def _tried(self, schemas: Schemas, depth: int) -> Iterator[Any]:
        for case in cases(flat(schemas)):
            said = facts(case)
            if said.values is not None:
                yield from said.values
            else:
                for kind in (kind for kind in KINDS if kind in said.types):
                    yield from self._of_kind(kind, case, depth)

    def _of_kind(self, kind: str, atoms: Schemas, depth: int) -> Iterator[Any]:
        if kind == "null":
            yield None
        elif kind == "boolean":
            yield False
        elif kind == "string":
            yield from texts(atoms, ())
        elif kind == "array":
            yield from self._array(atoms, depth)
        elif kind == "object":
            yield from self._object(atoms, depth)
        else:
            wanted = int if kind == "integer" else float
            yield from (n for n in numbers(atoms) if isinstance(n, wanted))

    def _array(self, atoms: Schemas, depth: int) -> Iterator[list[Any]]:
        size = int(min(facts(atoms).sizes["array"][0], _MOST_ITEMS))
        items = [self._of(item_at(atoms, place), depth + 1) for place in range(size)]
        if None not in items:
            yield [item[0] for item in items if item is not None]

    def _object(self, atoms: Schemas, depth: int) -> Iterator[dict[str, Any]]:
        made: dict[str, Any] = {}
        for name in sorted(facts(atoms).required):
            found = self._of(property_at(atoms, name), depth + 1)
            if found is None:
                return
            made[name] = found[0]
        yield made
