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
                    return {_called(choice, i): choice for i, choice in enumerate(choices)}
        return {}

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
    if nullable:
        found.types |= {"null"}
    return View(tuple(schemas), atoms, found)


def _unwrapped(atoms: Atoms) -> tuple[Atoms, bool]:
    """`anyOf: [X, null]` is X, or null: a field that may be null is laid out like any other."""
    for atom in atoms:
        for key in ("anyOf", "oneOf"):
            choices = atom.children(key)
            real = [choice for choice in choices if choice.keys.get("type") != "null"]
            if len(choices) == 2 and len(real) == 1:
                left = (a for a in atoms if a is not atom)
                return (*left, *atom.without(key).atoms, *real[0].atoms), True
    return atoms, False


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
