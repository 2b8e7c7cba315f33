"""The items of two arrays, place by place."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.compat.proof import arrays
from jararaca_compiler.compat.schemas.frame import Frame
from jararaca_compiler.compat.schemas.view import View


def lasting(old: View, new: View, frame: Frame) -> Iterator[Frame]:
    """Each place that a schema names, and one that stands for all after it."""
    sides = (old.atoms, new.atoms)
    named = max((len(a.prefix) for atoms in sides for a in atoms), default=0)
    for index in range(named + 1):
        first, second = (arrays.at(atoms, index) for atoms in sides)
        if first and second:
            yield frame.item(index, str(index) if index < named else "", first, second)
