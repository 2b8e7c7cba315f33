"""Where a difference lies, by the places of schemas: it can be told from another in its message."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.difference import Difference
from jararaca_compiler.compat.schemas.frame import Frame
from jararaca_compiler.references.schema_refs import refs_in


def within(frame: Frame) -> frozenset[str]:
    """The places (`path#pointer`) of all schemas that a frame lies in, of both sides."""
    found: set[str] = set()
    above: Frame | None = frame
    while above is not None:
        for schema in (*above.old, *above.new):
            found.update(_places(schema))
        above = above.above
    return frozenset(found)


def refers(difference: Difference) -> frozenset[str]:
    """What the schema that differs refers to: it may be all that has led there."""
    frame = difference.frame
    schemas = (*frame.old, *frame.new) if difference.place is None else (difference.place,)
    return frozenset(ref for schema in schemas for ref in refs_in(schema.value))


def _places(schema: Schema) -> Iterator[str]:
    for part in (schema, *schema.atoms):
        for _ in range(16):
            yield f"{part.path}#{part.pointer}"
            target = part.target
            if target is None:
                break
            part = target
