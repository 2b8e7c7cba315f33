"""A difference of two schemas before it is known whom it breaks, and the settling of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jararaca_compiler.compat.change import Whom
from jararaca_compiler.compat.proof.relation import Relation
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.frame import Frame, Schemas

UNPROVED = frozenset({"discriminator-changed"})
"""What no proof sees: JSON Schema takes a discriminator for a note."""
SAME = Relation(False, False, False, False)
NARROWED = Relation(True, False, True, False)
WIDENED = Relation(False, True, False, True)


@dataclass(frozen=True, slots=True)
class Difference:
    """`relation` is what it does by itself, `touches_code` whether the generated code differs.

    `frame` is where it was found. A value that shows it is valid under `having` too; `old` and
    `new` are what then refuses it, where that is less than all of the frame's side.
    """

    code: str
    frame: Frame
    relation: Relation
    touches_code: bool = False
    key: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    subject: str = ""
    place: Schema | None = None
    having: Schemas = ()
    old: Schemas | None = None
    new: Schemas | None = None

    @property
    def named(self) -> str:
        """What it is about, like `Order.id`."""
        return self.subject or self.frame.subject

    @property
    def shown(self) -> Schema:
        """The schema at whose place it is shown."""
        return self.frame.place if self.place is None else self.place

    @property
    def breaks(self) -> set[Whom]:
        """Whom it breaks for sure."""
        found = _whom(self.relation.declared_narrowed, self.relation.declared_widened)
        return found | ({"code"} if self.touches_code else set())

    @property
    def risks(self) -> set[Whom]:
        """Whom it breaks if fields are sent that no contract names."""
        return _whom(self.relation.narrowed, self.relation.widened)


def _whom(narrowed: bool, widened: bool) -> set[Whom]:
    found: set[Whom] = {"producers", "stored"} if narrowed else set()
    return found | ({"consumers"} if widened else set())


def reconciled(
    drafts: Sequence[Difference], whole: Relation, frame: Frame, is_covered: bool
) -> list[Difference]:
    """The differences within a schema, in accord with what is proved about the whole of it.

    What cannot happen to the whole is no difference of a part; and what may happen to the whole
    but is explained by no part is a difference of its own, unless it is covered elsewhere.
    """
    found: list[Difference] = []
    for draft in drafts:
        masked = _both(draft.relation, whole) if draft.code not in UNPROVED else draft.relation
        if masked != SAME or draft.relation == SAME or draft.code.startswith("field-"):
            found.append(replace(draft, relation=masked))
    left = Relation(
        *(flag and not any(draft.relation[i] for draft in found) for i, flag in enumerate(whole))
    )
    if left != SAME and not is_covered:
        found.append(Difference("schema-changed", frame, left))
    return found


def _both(a: Relation, b: Relation) -> Relation:
    return Relation(*(x and y for x, y in zip(a, b, strict=True)))
