"""What a step of a proof may ask of the prover, so that the steps stand below it."""

from __future__ import annotations

from typing import Protocol

from jararaca_compiler.compat.proof.facts import Facts
from jararaca_compiler.compat.proof.schema import Schema

Atoms = tuple[Schema, ...]
"""Schemas that hold together, each without `allOf` or `$ref`."""


class ProverProtocol(Protocol):
    """The questions of a step; `inside` is about a part of the value that is being proved."""

    def facts(self, known: Atoms) -> Facts:
        """What is known of a value of the atoms."""
        ...

    def inside(self, known: Atoms, goal: Schema) -> bool:
        """Whether every part that satisfies `known` is surely valid under `goal`."""
        ...

    def is_empty_inside(self, known: Atoms) -> bool:
        """Whether surely no part satisfies all of `known`."""
        ...
