"""One thing that generated code says, as a value that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "class", "type", "wire", "default", "check", "setting", "method", "route", "topology", "clock"
]


@dataclass(frozen=True, slots=True)
class Key:
    """What a unit is about: `owner` is a class (`Order.Line`, `schemas.Money`), an operation or a
    queue; `name` what of it. Two units with one key are the same thing in two revisions.
    """

    kind: Kind
    owner: str
    name: str = ""

    @property
    def shown(self) -> str:
        """The key as a person writes it."""
        return f"{self.owner}.{self.name}" if self.name else self.owner


@dataclass(frozen=True, slots=True)
class Unit:
    """`text` is Python without notes; `words` are by what a change names the thing."""

    text: str
    words: frozenset[str]


Units = dict[Key, Unit]
