"""A value of a part -> a value of the whole message that has it in its place."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.compat.schemas.frame import Frame, Schemas, Step
from jararaca_compiler.compat.witness.candidates import candidates
from jararaca_compiler.compat.witness.least import Leasts, Made
from jararaca_compiler.compat.witness.verdict import separates

_BASES = 4


def held(frame: Frame, is_old: bool) -> Schemas:
    """What holds for a value of one contract at a place: a choice, and all that it is one of."""
    found = _side(frame, is_old)
    while frame.step is not None and frame.step.kind == "variant" and frame.above is not None:
        frame = frame.above
        found += _side(frame, is_old)
    return tuple(dict.fromkeys(found))


def around(value: Any, frame: Frame, leasts: Leasts, is_old: bool) -> Made:
    """The least message that has the value in its place; nothing is known of it until checked."""
    above, step = frame.above, frame.step
    if above is None or step is None:
        return (value,)
    if step.kind == "variant":
        return around(value, above, leasts, is_old)
    base = leasts.of(held(above, is_old))
    if base is None:
        return None
    if step.kind == "property" and isinstance(base[0], dict):
        return around({**base[0], step.name: value}, above, leasts, is_old)
    if step.kind == "item" and isinstance(base[0], list):
        return around(_placed(value, step.place, base[0]), above, leasts, is_old)
    return None


def root(frame: Frame) -> Frame:
    """The place of the whole message."""
    while frame.above is not None:
        frame = frame.above
    return frame


def embedded(value: Any, frame: Frame, is_old: bool) -> Made:
    """The smallest message that shows the value, searched for level by level.

    It is valid on the one side and refused on the other; `is_old` where the old contract allows it.
    """
    known, refusing = _side(frame, is_old), _side(frame, not is_old)
    if not separates(value, known, refusing):
        return None
    if frame.above is None or frame.step is None:
        return (value,)
    for whole in _around(value, frame.step, _side(frame.above, is_old)):
        found = embedded(whole, frame.above, is_old)
        if found is not None:
            return found
    return None


def _side(frame: Frame, is_old: bool) -> Schemas:
    return frame.old if is_old else frame.new


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
