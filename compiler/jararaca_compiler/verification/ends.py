"""What is said of one value by several schemas, and the values at its ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jararaca_compiler.schemas.json_numbers import is_number
from jararaca_compiler.schemas.pattern_texts import matching
from jararaca_compiler.verification.formats import GOOD

Schemas = list[dict[str, Any]]
"""What holds for one value, without `allOf` and references."""
MOST_ITEMS = 50
_LONGEST = 2_000
_SAMPLES = list(GOOD.values())
_INSIDE = (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1))
"""Each bound of numbers, with the step from it to a number that it allows."""


def without(atom: dict[str, Any], key: str) -> dict[str, Any]:
    """The schema but for one keyword."""
    return {name: value for name, value in atom.items() if name != key}


def listed(atoms: Schemas) -> list[Any] | None:
    """The values that `enum` or `const` lists; of several lists the last."""
    found = [
        [a["const"]] if "const" in a else a["enum"] for a in atoms if {"const", "enum"} & a.keys()
    ]
    return found[-1] if found else None


def kind_of(atoms: Schemas) -> str:
    """The type that a value has, null aside; nothing where any will do."""
    for atom in atoms:
        kinds = atom.get("type")
        named = kinds if isinstance(kinds, list) else [kinds]
        real = [str(kind) for kind in named if kind not in (None, "null")]
        if real or "null" in named:
            return real[0] if real else "null"
    if any({"properties", "required"} & atom.keys() for atom in atoms):
        return "object"
    return "array" if any({"items", "prefixItems"} & atom.keys() for atom in atoms) else ""


def required(atoms: Schemas) -> dict[str, None]:
    """The names of what must be there, in their order."""
    return {n: None for a in atoms for n in a.get("required", ()) if isinstance(n, str)}


def single(atoms: Schemas, key: str) -> Any:
    """The schema at a keyword, where one is said that is not simply true or false."""
    return next((a[key] for a in atoms if isinstance(a.get(key), dict)), None)


def text(atoms: Schemas) -> str:
    """A text that is probably allowed."""
    for atom in atoms:
        if isinstance(atom.get("pattern"), str):
            return next(matching(atom["pattern"]), "x")
    least = max([int(a.get("minLength", 0)) for a in atoms], default=0)
    most = min([int(a["maxLength"]) for a in atoms if "maxLength" in a], default=4)
    return "x" * min(max(least, min(1, most)), _LONGEST)


def number(atoms: Schemas) -> Any:
    """A number that is probably allowed."""
    for atom in atoms:
        if "multipleOf" in atom:
            return atom["multipleOf"]
    for key, step in _INSIDE:
        for atom in atoms:
            if is_number(atom.get(key)):
                return atom[key] + step
    return 1


def ends(atoms: Schemas) -> Iterator[Any]:
    """Each value of a list, and the two sides of each bound.

    Of a format only its samples are judged, so that no other text of it is made.
    """
    is_sampled = any(str(atom.get("format")) in GOOD for atom in atoms)
    for atom in atoms:
        values = [atom["const"]] if "const" in atom else atom.get("enum", ())
        yield from values[:30]
        if values and isinstance(values[0], str) and values not in _SAMPLES:
            yield f"{values[0]}x"
        for key, _ in _INSIDE:
            if is_number(atom.get(key)):
                yield from (atom[key] - 1, atom[key], atom[key] + 1)
        if isinstance(atom.get("multipleOf"), int | float):
            yield from (2 * atom["multipleOf"], 2.5 * atom["multipleOf"])
        if not is_sampled:
            yield from _texts(atom)
    if kind_of(atoms) in ("integer", "number"):
        yield from (0, 1, 2**53 + 1)


def _texts(atom: dict[str, Any]) -> Iterator[str]:
    for key in ("minLength", "maxLength"):
        if isinstance(atom.get(key), int) and 0 < atom[key] <= _LONGEST:
            yield from ("x" * size for size in (atom[key] - 1, atom[key], atom[key] + 1))
    if isinstance(atom.get("pattern"), str):
        for text in matching(atom["pattern"]):
            yield from (text, text[1:], text[:-1], f"{text} ", f" {text}")


def in_turns(iterators: list[Iterator[Any]]) -> Iterator[Any]:
    """One value of each, then another of each, until none has any left."""
    left = iterators
    while left:
        having = []
        for each in left:
            for value in each:
                yield value
                having.append(each)
                break
        left = having


def size(value: Any) -> int:
    """Of how many parts a value is."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(size, below))
