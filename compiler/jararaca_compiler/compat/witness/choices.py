"""The choices of schemas taken one by one, and when a search among them has had enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from jararaca_compiler.compat.proof.schema import Schema

Schemas = tuple[Schema, ...]
KINDS = ("null", "boolean", "integer", "fraction", "string", "array", "object")
MOST_CASES = 12
_DEEPEST = 6


def is_spent(known: Schemas) -> bool:
    """Whether the search has looked into enough schemas: what contains itself has no end."""
    return bool(known) and known[0].store.look() is False


def flat(known: Schemas) -> Schemas:
    """All that must hold together, each once."""
    return tuple(dict.fromkeys(atom for schema in known for atom in schema.atoms))


def cases(atoms: Schemas) -> Iterator[Schemas]:
    """The atoms with each of their choices taken, a dozen at most."""
    return islice(_cases(atoms, 0), MOST_CASES)


def _cases(atoms: Schemas, depth: int) -> Iterator[Schemas]:
    for atom in atoms if depth < _DEEPEST and not is_spent(atoms) else ():
        for key in ("oneOf", "anyOf"):
            choices: Sequence[Schema] = atom.children(key)
            if choices:
                left = (*(a for a in atoms if a is not atom), *atom.without(key).atoms)
                for choice in choices:
                    yield from _cases(flat((*left, choice)), depth + 1)
                return
    yield atoms
