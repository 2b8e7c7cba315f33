"""Whether every value of some schemas is valid under another: proven, refuted, or unknown.

A refutation carries a value that was checked against both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.proof.values import accepts, every
from jararaca_compiler.compat.witness.candidates import candidates

Schemas = tuple[Schema, ...]
_TRIED = 240


@dataclass(frozen=True, slots=True)
class Proven:
    """Every value is accepted."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """`witness` is a JSON value that is sent and refused."""

    witness: Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither a proof was found nor a value: never to be taken for safe."""


Verdict = Proven | Refuted | Unknown


def decide(prover: Prover, sent: Iterable[Schema], received: Iterable[Schema]) -> Verdict:
    """Whether what satisfies all of `sent` is valid under all of `received`.

    All schemas are of the prover's store; the side that a schema has there does not matter.
    """
    part, whole = tuple(sent), tuple(received)
    if all(prover.covers(part, schema) for schema in whole):
        return Proven()
    found = witness(part, whole)
    return Unknown() if found is None else Refuted(found[0])


def witness(sent: Schemas, received: Schemas, near: Schemas = ()) -> tuple[Any] | None:
    """A small value that is valid under all of `sent`, and not under all of `received`."""

    def search() -> tuple[Any] | None:
        for value in candidates(sent, (*received, *near), _TRIED):
            if separates(value, sent, received):
                return (value,)
        return None

    return received[0].store.searched(search)


def separates(value: Any, sent: Schemas, received: Schemas) -> bool:
    """Whether a value is surely valid under all of `sent`, and surely not under `received`."""
    return is_valid(value, received) is False and is_valid(value, sent) is True


def is_valid(value: Any, schemas: Schemas) -> bool | None:
    """Whether a value is valid under all of the schemas; None if that cannot be decided."""
    return every(accepts(schema, value) for schema in schemas)
