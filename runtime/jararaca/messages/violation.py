"""What of a received message is not as its schema says: the place and the reason, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from jararaca.messages.values.shown_values import MOST_REASONS

LONGEST_PLACE = 120
_MOST_VALUES = 2_000
"""How many values of a message are looked into for undeclared properties."""


class Violation(NamedTuple):
    """One: the message by its MESSAGE_NAME, the place, and pydantic's word for the reason.

    The place is by the schema's names, without the numbers of items: `lines[].sku`.
    """

    message: str
    field: str
    reason: str


def violations(name: str, found: Sequence[ErrorDetails]) -> tuple[Violation, ...]:
    """Those of a message, each once, the first of many."""
    each = (Violation(name, place_of(error["loc"]), error["type"]) for error in found)
    return tuple(dict.fromkeys(each))[:MOST_REASONS]


def place_of(steps: Sequence[int | str]) -> str:
    """The way to a value; the whole body has none."""
    place = ""
    for step in steps:
        if isinstance(step, int):
            place += "[]"
        else:
            place += f".{step}" if place else step
    return place[:LONGEST_PLACE] or "body"


def undeclared(model: BaseModel) -> Iterator[str]:
    """The places of the properties that came and that no schema declares."""
    waiting: list[tuple[Any, str]] = [(model, "")]
    left = _MOST_VALUES
    while waiting and left > 0:
        value, place = waiting.pop()
        left -= 1
        if isinstance(value, BaseModel):
            if "__pydantic_extra__" not in type(value).__annotations__:  # Else they are declared.
                for key in value.__pydantic_extra__ or ():
                    yield f"{place}{key}"[:LONGEST_PLACE]
            for name, field in type(value).model_fields.items():
                waiting.append((value.__dict__.get(name), f"{place}{field.alias or name}."))
        elif isinstance(value, list | tuple):
            waiting.extend((item, f"{place[:-1]}[].") for item in value[:left])
        elif isinstance(value, dict):
            waiting.extend((item, f"{place}*.") for item in list(value.values())[:left])
