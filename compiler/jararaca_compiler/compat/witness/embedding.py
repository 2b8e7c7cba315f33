"""A value of a part -> a value of the whole message that has it in its place."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.compat.schemas.frame import Frame, Schemas, Step
from jararaca_compiler.compat.witness.candidates import candidates
from jararaca_compiler.compat.witness.verdict import separates

_BASES = 4


def embedded(value: Any, frame: Frame, is_old: bool) -> tuple[Any] | None:
    """The smallest message that shows the value: valid on the one side and refused on the other.

    `is_old` where it is the old contract that allows it. None where no message was found.
    """
    known, refusing = (frame.old, frame.new) if is_old else (frame.new, frame.old)
    if not separates(value, known, refusing):
        return None
    if frame.above is None or frame.step is None:
        return (value,)
    above = frame.above.old if is_old else frame.above.new
    for whole in _around(value, frame.step, above):
        found = embedded(whole, frame.above, is_old)
        if found is not None:
            return found
    return None


def _around(value: Any, step: Step, above: Schemas) -> list[Any]:
    if step.kind == "variant":
        return [value]
    bases = candidates(above, ())
    if step.kind == "item":
        lists = [base for base in bases if isinstance(base, list)][:_BASES]
        return [_placed(value, step.place, base) for base in lists]
    objects = [base for base in bases if isinstance(base, dict)][:_BASES]
    return [{**base, step.name: value} for base in objects]


def _placed(value: Any, place: int, base: list[Any]) -> list[Any]:
    """The list with the value at the place, filled up with itself where it is too short."""
    found = [*base, *([value] * (place + 1 - len(base)))]
    return [*found[:place], value, *found[place + 1 :]]
