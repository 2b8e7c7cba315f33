"""JSON values that probably satisfy some schemas, and probe where another one ends.

Nothing is proved here: whoever asks checks each value.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from jararaca_compiler.compat.proof.arrays import at as item_at
from jararaca_compiler.compat.proof.equality import canonical
from jararaca_compiler.compat.proof.facts import facts
from jararaca_compiler.compat.proof.objects import at as property_at
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.proof.values import accepts
from jararaca_compiler.compat.witness.choices import (
    KINDS,
    MOST_CASES,
    Schemas,
    cases,
    flat,
    is_spent,
)
from jararaca_compiler.compat.witness.numbers import numbers
from jararaca_compiler.compat.witness.texts import texts
from jararaca_compiler.schemas.pattern_texts import matching

_DEEPEST = 6
_MOST = 24
_CONDITIONAL = ("not", "then", "else", "if")
_UNNAMED = "x"


def candidates(known: Schemas, near: Schemas, most: int = _MOST) -> list[Any]:
    """Values for `known`, each once; `near` are the schemas whose ends are worth a try.

    Few or none once the store's looks are spent (`SchemaStore.searched`).
    """
    found: dict[str, Any] = {}
    search = _Search()
    for value in islice(search.values(known, near, 0), 8 * most):
        found.setdefault(canonical(value), value)
        if len(found) >= most:
            break
    return sorted(found.values(), key=lambda value: len(canonical(value)))


class _Search:
    """One search: what was found of a part is found at once where the part comes again."""

    def __init__(self) -> None:
        self._found: dict[tuple[Schemas, Schemas, int], list[Any]] = {}

    def values(self, known: Schemas, near: Schemas, depth: int) -> Iterator[Any]:
        """Values, likely ones first."""
        if depth > _DEEPEST or is_spent(known):
            return
        close = tuple(_parts(near))
        for case in cases(flat(known)):
            yield from self._in_case(case, close, depth)

    def _some(self, known: Schemas, near: Schemas, depth: int) -> list[Any]:
        """A few values of a part, different ones first."""
        key = (known, near, depth)
        if key not in self._found:
            found: dict[str, Any] = {}
            for value in islice(self.values(known, near, depth + 1), 4 * _MOST):
                if any(accepts(schema, value) is False for schema in known):
                    continue
                found.setdefault(canonical(value), value)
                if len(found) >= _MOST // (depth + 1) + 2:
                    break
            self._found[key] = list(found.values())
        return self._found[key]

    def _in_case(self, atoms: Schemas, close: Schemas, depth: int) -> Iterator[Any]:
        said = facts(atoms)
        if said.values is not None:
            yield from said.values
            return
        for atom in close:
            listed = atom.keys.get("enum")
            yield from listed if isinstance(listed, list) else ()
            if "const" in atom.keys:
                yield atom.keys["const"]
        for kind in KINDS:
            if kind in said.types:
                yield from self._of_kind(kind, atoms, close, depth)

    def _of_kind(self, kind: str, atoms: Schemas, close: Schemas, depth: int) -> Iterator[Any]:
        if kind == "null":
            yield None
        elif kind == "boolean":
            yield from (False, True)
        elif kind in ("integer", "fraction"):
            wanted = int if kind == "integer" else float
            yield from (n for n in numbers((*atoms, *close)) if isinstance(n, wanted))
        elif kind == "string":
            yield from texts(atoms, close)
        elif kind == "array":
            yield from self._arrays(atoms, close, depth)
        else:
            yield from self._objects(atoms, close, depth)

    def _arrays(self, atoms: Schemas, close: Schemas, depth: int) -> Iterator[list[Any]]:
        bounds = [facts(side).sizes["array"] for side in (atoms, close)]
        sizes = {0, 1, *(int(least) for least, _ in bounds)}
        sizes |= {int(m) + step for _, m in bounds if m < 50 for step in (0, 1)}
        sizes |= {len(atom.prefix) for atom in (*atoms, *close)}
        sizes |= {2 for atom in close if atom.keys.get("uniqueItems") is True}
        for size in sorted(s for s in sizes if s <= 50):
            places = [self._some(item_at(atoms, i), item_at(close, i), depth) for i in range(size)]
            if not all(places):
                continue
            first = [values[i % len(values)] for i, values in enumerate(places)]
            yield first
            yield [values[0] for values in places]
            for place, values in enumerate(places[:3]):
                for value in values[1:]:
                    yield [*first[:place], value, *first[place + 1 :]]

    def _objects(self, atoms: Schemas, close: Schemas, depth: int) -> Iterator[dict[str, Any]]:
        """The least that is required, then each property by itself, then all of them."""
        required = sorted(facts(atoms).required)
        least = {name: self._some(property_at(atoms, name), (), depth)[:1] for name in required}
        if not all(least.values()):
            return
        base = {name: values[0] for name, values in least.items()}
        yield base
        every = dict(base)
        for name in dict.fromkeys((*_names(close), *_names(atoms), *_unnamed(close, atoms))):
            below = property_at(atoms, name)
            for value in self._some(below, property_at(close, name), depth):
                yield {**base, name: value}
                every.setdefault(name, value)
        yield every


def _names(atoms: Schemas) -> Iterator[str]:
    for atom in atoms:
        yield from atom.named("properties")
        required = atom.keys.get("required")
        yield from (n for n in required if isinstance(n, str)) if isinstance(required, list) else ()


def _unnamed(close: Schemas, atoms: Schemas) -> Iterator[str]:
    """Names that only a pattern, or nothing, names."""
    for atom in (*close, *atoms):
        for pattern in atom.named("patternProperties"):
            yield from matching(pattern)
        names = atom.child("propertyNames")
        if names is not None:
            yield from islice(texts((), names.atoms), MOST_CASES)
    yield _UNNAMED


def _parts(schemas: Schemas) -> Iterator[Schema]:
    """Every schema that says something of the same value, choices and conditions included."""
    seen: set[Schema] = set()
    waiting = flat(schemas)
    for _ in range(_DEEPEST):
        below: list[Schema] = []
        for atom in waiting:
            if atom in seen or is_spent((atom,)):
                continue
            seen.add(atom)
            yield atom
            below += [*atom.children("oneOf"), *atom.children("anyOf")]
            below += [part for key in _CONDITIONAL if (part := atom.child(key))]
        waiting = flat(tuple(below))
