"""What a page says where a schema has no field to show."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler.emit.site.schemas.field_table import Row
from jararaca_compiler.emit.site.schemas.type_text import ANY_VALUE, NO_OTHER_FIELDS

EMPTY_OBJECT = "An object without fields: {}."
ANY_OBJECT = (
    "Any object: the document names no fields. "
    "With properties below payload, the class gets fields that are checked."
)
ANYTHING = (
    "Any value: the document has no schema. "
    "With one below payload, the class gets fields that are checked."
)


def unsaid(rows: Sequence[Row]) -> str | None:
    """The sentence that stands for the table; None where the rows say something."""
    if not rows:
        return ANY_OBJECT
    [first, *rest] = rows
    if rest or first.role != "body" or first.description or first.title:
        return None
    limits = tuple(each.text for each in first.constraints)
    if first.type == "object" and limits in ((), (NO_OTHER_FIELDS,)):
        return EMPTY_OBJECT if limits else ANY_OBJECT
    return ANYTHING if first.type == ANY_VALUE and not limits else None
