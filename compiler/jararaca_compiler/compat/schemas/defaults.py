"""What is assumed where a field is left out, and whether it is still the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jararaca_compiler.compat.proof.equality import canonical
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.difference import SAME, Difference
from jararaca_compiler.compat.schemas.frame import Frame

_LONGEST_CHAIN = 16
NO_DEFAULT = "none"


def default_changed(frame: Frame, is_required: bool) -> list[Difference]:
    """The change of the default of the field at `frame`; a field that must be sent has none."""
    was, now = (tuple(_defaults(side, 0)) for side in (frame.old, frame.new))
    before, after = set(map(canonical, was)), set(map(canonical, now))
    if is_required or before == after:
        return []
    old = [value for value in was if canonical(value) not in after] or was[:1]
    new = [value for value in now if canonical(value) not in before] or now[:1]
    values = {"old": _shown(old), "new": _shown(new)}
    return [Difference("default-changed", frame, SAME, bool(was and not now), "default", values)]


def _defaults(schemas: Iterable[Schema], depth: int) -> Iterator[Any]:
    """Every default that is said of the value: here, behind a reference, in an `allOf`.

    Null is none: it is what a field that is left out is in Python anyway.
    """
    for schema in schemas if depth <= _LONGEST_CHAIN else ():
        target = schema.target
        if schema.keys.get("default") is not None:
            yield schema.keys["default"]
        elif target is not None:
            yield from _defaults((target,), depth + 1)
        yield from _defaults(schema.children("allOf"), depth + 1)


def _shown(found: Any) -> str:
    return repr(found[0]) if found else NO_DEFAULT
