"""What a schema (or several that hold together) says, laid out for comparing and for wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.compat.proof.facts import Facts, facts
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.documents.source import unescape

Atoms = tuple[Schema, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The atoms of schemas and what is known of their values."""

    schemas: Atoms
    atoms: Atoms
    facts: Facts

    @property
    def types(self) -> tuple[str, ...]:
        """The types' names, as a person writes them."""
        found = set(self.facts.types)
        if "fraction" in found:
            found = (found - {"fraction", "integer"}) | {"number"}
        return tuple(sorted(found))

    @property
    def fields(self) -> dict[str, Schema]:
        """The declared fields; of several declarations of one, the first."""
        found: dict[str, Schema] = {}
        for atom in self.atoms:
            for name, schema in atom.named("properties").items():
                found.setdefault(name, schema)
        return found

    def keyword(self, key: str) -> tuple[Any, Schema] | None:
        """The value of a keyword and the atom that has it first."""
        for atom in self.atoms:
            if key in atom.keys:
                return atom.keys[key], atom
        return None

    def variants(self) -> dict[str, Schema]:
        """The choices of the first `oneOf` or `anyOf`, by name, null aside."""
        for atom in self.atoms:
            for key in ("oneOf", "anyOf"):
                choices = [c for c in atom.children(key) if c.keys.get("type") != "null"]
                if choices:
                    return named(choices)
        return {}

    @property
    def patterns(self) -> dict[str, Schema]:
        """The schemas of properties by the pattern of their names."""
        found: dict[str, Schema] = {}
        for atom in self.atoms:
            for pattern, schema in atom.named("patternProperties").items():
                found.setdefault(pattern, schema)
        return found

    @property
    def others(self) -> Atoms:
        """What holds for the properties that nothing names."""
        extra = (atom.child("additionalProperties") for atom in self.atoms)
        found = tuple(schema for schema in extra if schema is not None)
        return () if any(schema.value is False for schema in found) else found

    @property
    def is_closed(self) -> bool:
        """Whether fields that are not declared are refused."""
        return any(atom.keys.get("additionalProperties") is False for atom in self.atoms)


def view(schemas: Sequence[Schema]) -> View:
    """The view of what satisfies all of `schemas`."""
    atoms, nullable = _unwrapped(
        tuple(dict.fromkeys(atom for schema in schemas for atom in schema.atoms))
    )
    found = facts(atoms)
    for atom in atoms:
        for key in ("anyOf", "oneOf"):
            if atom.children(key):
                found.types &= _types(atom.children(key))
    if nullable:
        found.types |= {"null"}
    return View(tuple(schemas), atoms, found)


def _types(choices: Atoms) -> frozenset[str]:
    return frozenset(kind for choice in choices for kind in facts(choice.atoms).types)


def _unwrapped(atoms: Atoms) -> tuple[Atoms, bool]:
    """`anyOf: [X, null]` is X, or null, and `oneOf: [X]` is X: laid out like any other."""
    for atom in atoms:
        for key in ("anyOf", "oneOf"):
            choices = atom.children(key)
            real = [choice for choice in choices if choice.keys.get("type") != "null"]
            if len(real) == 1:
                left = (a for a in atoms if a is not atom)
                unwrapped = (*left, *atom.without(key).atoms, *real[0].atoms)
                return unwrapped, len(choices) > 1
    return atoms, False


def named(choices: Sequence[Schema]) -> dict[str, Schema]:
    """Choices by what they are called; those that are called the same, by their number too."""
    names = [_called(choice, i) for i, choice in enumerate(choices)]
    return {
        name if names.count(name) == 1 else f"{name} {i + 1}": choice
        for i, (name, choice) in enumerate(zip(names, choices, strict=True))
    }


def _called(choice: Schema, index: int) -> str:
    ref = choice.keys.get("$ref")
    if isinstance(ref, str):
        return unescape(ref.rpartition("/")[2])
    title = choice.keys.get("title")
    if isinstance(title, str):
        return title
    if "const" in choice.keys:
        return str(choice.keys["const"])
    for name, schema in sorted(choice.named("properties").items()):
        if "const" in schema.keys:
            return f"{name}={schema.keys['const']}"
    return str(choice.keys.get("type", index + 1))
