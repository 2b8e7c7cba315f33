"""The rows of a schema as a tree: what a field is made of stands inside it, folded where deep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jararaca_compiler.emit.site.schemas.field_table import Row

_OPEN_DEPTH = 2
_MOST_OPEN = 80
"""A schema of more rows shows its first level only."""
_MOST_VARIANTS_OPEN = 4


@dataclass(frozen=True, slots=True)
class Branch:
    """A row with the rows below it; `is_open` says whether they are shown at once."""

    row: Row
    below: tuple[Branch, ...]
    is_open: bool

    @property
    def what(self) -> str:
        """What the rows below are, in a word."""
        variants = sum(branch.row.role == "variant" for branch in self.below)
        if variants == len(self.below):
            return f"{variants} alternative" + ("" if variants == 1 else "s")
        return f"{len(self.below)} field" + ("" if len(self.below) == 1 else "s")


def tree(rows: Sequence[Row]) -> tuple[Branch, ...]:
    """The rows without a row above them, in order."""
    depth = _OPEN_DEPTH if len(rows) <= _MOST_OPEN else 0
    return _below(rows, 0, len(rows), depth)


def _below(rows: Sequence[Row], start: int, end: int, depth: int) -> tuple[Branch, ...]:
    found: list[Branch] = []
    while start < end:
        after = start + 1
        while after < end and rows[after].depth > rows[start].depth:
            after += 1
        below = _below(rows, start + 1, after, depth)
        row = rows[start]
        is_open = row.depth < depth and not (
            len(below) > _MOST_VARIANTS_OPEN and below[0].row.role == "variant"
        )
        found.append(Branch(row, below, is_open))
        start = after
    return tuple(found)
