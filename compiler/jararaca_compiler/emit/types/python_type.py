"""A Python type with what its annotation says, and the JSON values that it accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jararaca_compiler.emit.python.formatting import flat

KINDS = frozenset({"null", "boolean", "integer", "fraction", "string", "array", "object"})
"""What JSON values there are; `number` is two of them."""
OF_TYPE = {
    "null": frozenset({"null"}),
    "boolean": frozenset({"boolean"}),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "fraction"}),
    "string": frozenset({"string"}),
    "array": frozenset({"array"}),
    "object": frozenset({"object"}),
}


@dataclass(frozen=True, slots=True)
class Type:
    """`text` with the arguments of its `Field`; `check` is a JSON Schema that says the rest.

    `values` are all that it accepts, where they can be counted; `is_class` a class of ours.
    """

    text: str
    kinds: frozenset[str] = KINDS
    field: tuple[str, ...] = ()
    check: Any = None
    values: tuple[Any, ...] | None = None
    is_class: bool = False
    tags: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """For a class: (python name, wire name, texts) of each field that tells it from others."""

    def annotation(self) -> str:
        """The whole annotation."""
        return annotated(self.text, self.field, self.check)


ANYTHING = Type("Any")


def annotated(text: str, field: Sequence[str], check: Any) -> str:
    """`text` with its metadata, if any."""
    parts = metadata(text, field, check)
    return text if len(parts) == 1 else f"Annotated[{', '.join(parts)}]"


def metadata(text: str, field: Sequence[str], check: Any) -> list[str]:
    """The parts of an `Annotated`: the type, and what there is to say about it."""
    parts = [text]
    if field:
        parts.append(f"Field({', '.join(field)})")
    if check is not None:
        parts.append(f"JsonSchema({flat(check)})")
    return parts


def union(members: Sequence[Type]) -> Type:
    """What any of the members accepts; None comes last, as people write it."""
    if len(members) == 1:
        return members[0]
    nulls = [m for m in members if m.text == "None"]
    others = [m for m in members if m.text != "None"]
    if any(m.text == "Any" and m.check is None for m in others):
        return ANYTHING
    kinds = frozenset().union(*(m.kinds for m in members))
    if not others:
        return nulls[0]
    if len(others) == 1 and nulls and others[0].text != "Any":
        one = others[0]
        values = None if one.values is None else (*one.values, None)
        return replace(one, text=f"{one.text} | None", kinds=kinds, values=values, is_class=False)
    texts = list(dict.fromkeys(m.annotation() for m in (*others, *nulls[:1])))
    return Type(" | ".join(texts), kinds)
