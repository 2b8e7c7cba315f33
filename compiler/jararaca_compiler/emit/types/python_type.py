"""A Python type with what its annotation says, and the JSON values that it accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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


class Tag(NamedTuple):
    """A field of a class whose few texts tell the class from others."""

    name: str
    wire: str
    texts: tuple[str, ...]
    is_literal: bool
    """Whether it is a `Literal`, and no enumeration's class."""


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
    names: tuple[tuple[str, str], ...] = ()
    """For an enumeration: each value with what it is called."""
    is_class: bool = False
    takes_none: bool = False
    """Whether None is a value of it as type checkers see it."""
    tags: tuple[Tag, ...] = ()
    """For a class: each field that tells it from others."""
    takes_others: bool = False
    """Whether it is a class that also takes every value that is no object."""
    mark: str | None = None
    """A further part of its `Annotated`, as text."""

    def annotation(self) -> str:
        """The whole annotation."""
        parts = self.metadata(self.text)
        return parts[0] if len(parts) == 1 else f"Annotated[{', '.join(parts)}]"

    def metadata(self, text: str, arguments: Sequence[str] = ()) -> list[str]:
        """The parts of an `Annotated` of `text`; `arguments` are further ones of its `Field`."""
        parts = [text, *([self.mark] if self.mark else [])]
        if arguments or self.field:
            parts.append(f"Field({', '.join((*arguments, *self.field))})")
        if self.check is not None:
            parts.append(f"JsonSchema({flat(self.check)})")
        return parts

    @property
    def is_never(self) -> bool:
        """Whether it accepts nothing at all."""
        return not self.kinds


ANYTHING = Type("Any", takes_none=True)
NEVER = Type("Any", frozenset(), check=False, takes_none=True)
NULL = Type("None", OF_TYPE["null"], takes_none=True)


def union(members: Sequence[Type]) -> Type:
    """What any of the members accepts; None comes last, as people write it."""
    possible = [member for member in members if not member.is_never]
    if len(possible) < 2:
        return (possible or [NEVER])[0]
    if any(member.text == "Any" and member.check is None for member in possible):
        return ANYTHING
    kinds = frozenset().union(*(member.kinds for member in possible))
    others = [shown for member in possible if (shown := _without_none(member)) is not None]
    is_null = len(others) < len(possible) or others != possible
    if not others:
        return NULL
    if len(others) == 1 and is_null and others[0].text != "Any" and others[0].check is None:
        one = others[0]
        values = None if one.values is None else (*one.values, None)
        text = f"{one.text} | None"
        return replace(one, text=text, kinds=kinds, values=values, is_class=False, takes_none=True)
    texts = [*(member.annotation() for member in others), *(["None"] if is_null else [])]
    takes_none = is_null or any(member.takes_none for member in others)
    return Type(" | ".join(dict.fromkeys(texts)), kinds, takes_none=takes_none)


def _without_none(member: Type) -> Type | None:
    """A member without the plain None that it takes besides; None for what is nothing else."""
    if member.check is not None or member.field or member.mark:
        return member
    if member.text == "None":
        return None
    bare = member.text.removesuffix(" | None")
    return member if bare == member.text else replace(member, text=bare, takes_none=False)
