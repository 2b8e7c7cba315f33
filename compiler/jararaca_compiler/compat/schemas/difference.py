"""A difference of two schemas before it is known whom it breaks, and the settling of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jararaca_compiler.compat.change import Whom
from jararaca_compiler.compat.proof.relation import Relation
from jararaca_compiler.compat.proof.schema import Schema

SAME = Relation(False, False, False, False)
NARROWED = Relation(True, False, True, False)
WIDENED = Relation(False, True, False, True)


@dataclass(frozen=True, slots=True)
class Draft:
    """`relation` is what it does by itself, `touches_code` whether the generated code differs."""

    code: str
    subject: str
    place: Schema
    relation: Relation
    touches_code: bool = False
    key: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

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


def settled(
    drafts: Sequence[Draft], whole: Relation, subject: str, place: Schema, is_covered: bool
) -> list[Draft]:
    """The differences within a schema, in accord with what is proved about the whole of it.

    What cannot happen to the whole is no difference of a part; and what may happen to the whole
    but is explained by no part is a difference of its own, unless it is covered elsewhere.
    """
    found: list[Draft] = []
    for draft in drafts:
        masked = _both(draft.relation, whole)
        if masked != SAME or draft.relation == SAME or draft.code.startswith("field-"):
            found.append(replace(draft, relation=masked))
    left = Relation(
        *(flag and not any(draft.relation[i] for draft in found) for i, flag in enumerate(whole))
    )
    if left != SAME and not is_covered:
        found.append(Draft("schema-changed", subject, place, left))
    return found


def _both(a: Relation, b: Relation) -> Relation:
    return Relation(*(x and y for x, y in zip(a, b, strict=True)))
