"""What a message uses of its schema: places, values of enums, and undeclared properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from jararaca_compiler.observing.places import ITEM, Places, child, enum_text, step_of

MOST_VALUES = 20_000
"""Of larger messages only so many values are looked at."""


@dataclass(slots=True)
class Used:
    """Each place once a message."""

    places: set[str] = field(default_factory=set)
    enums: set[tuple[str, str]] = field(default_factory=set)
    undeclared: set[str] = field(default_factory=set)


def used_of(value: Any, places: Places) -> Used:
    """What a JSON value uses of the places that its schema declares."""
    found = Used()
    waiting: list[tuple[str, Any]] = [("", value)]
    left = MOST_VALUES
    while waiting and left > 0:
        at, each = waiting.pop()
        left -= 1
        place = places.get(at)
        if place is None:
            continue
        found.places.add(at)
        if place.enum and (text := enum_text_of(each)) in place.enum:
            found.enums.add((at, text))
        if isinstance(each, dict):
            for name, below in islice(each.items(), left):
                step = step_of(places, at, name)
                if step in places:
                    waiting.append((step, below))
                elif not (place.is_closed or place.takes_any or name in place.properties):
                    found.undeclared.add(step)
        elif isinstance(each, list):
            waiting.extend((child(at, ITEM), item) for item in islice(each, left))
    return found


def enum_text_of(value: Any) -> str:
    """The name of a value as an enum has it; of what no enum has, none."""
    if isinstance(value, dict | list):
        return enum_text(value) if len(value) < 10 else ""
    return enum_text(1 if value == 1 and type(value) is float else value)
