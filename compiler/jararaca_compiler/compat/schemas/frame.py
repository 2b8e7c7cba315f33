"""Where a comparison has got to: the two schemas at one place, and the way that led there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jararaca_compiler.compat.proof.schema import Schema

Schemas = tuple[Schema, ...]
Key = tuple[Schemas, Schemas]


class Step(NamedTuple):
    """How a part lies in its whole: the `property` of a name, the `item` at a place, or, as a
    `variant`, the value itself.
    """

    kind: str
    name: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The old and the new schemas of one place; `subject` is what they describe, like `Order.id`,
    and `place` the schema where a difference is shown.
    """

    old: Schemas
    new: Schemas
    subject: str
    place: Schema
    step: Step | None = None
    above: Frame | None = None

    @property
    def key(self) -> Key:
        """What is compared, wherever it stands."""
        return self.old, self.new

    def property(
        self, name: str, old: Schemas, new: Schemas, place: Schema, example: str = ""
    ) -> Frame:
        """The frame of a property; `example` is a name where `name` stands for several."""
        subject = f"{self.subject}.{name}"
        return Frame(old, new, subject, place, Step("property", example or name), self)

    def item(self, index: int, shown: str, old: Schemas, new: Schemas) -> Frame:
        """The frame of an array's item."""
        subject = f"{self.subject}[{shown}]"
        return Frame(old, new, subject, new[0], Step("item", "", index), self)

    def variant(self, name: str, old: Schemas, new: Schemas) -> Frame:
        """The frame of one of several choices."""
        subject = f"{self.subject}<{name}>"
        return Frame(old, new, subject, new[0], Step("variant"), self)
