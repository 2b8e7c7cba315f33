"""anyOf and oneOf: what the variants are called, whether they exclude each other, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from jararaca_compiler.emit.python.formatting import string
from jararaca_compiler.emit.types.keywords import ASSERTIONS
from jararaca_compiler.emit.types.python_type import Type, union
from jararaca_compiler.emit.types.scalars import kind_of, listed_values
from jararaca_compiler.emit.types.schemas import Schemas

Tag = tuple[str, str, tuple[str, ...]]
_LISTED = frozenset({"const", "enum", "type"})


def hints(
    hint: str, parts: Sequence[Any], schemas: Schemas, known: Sequence[str] = ()
) -> list[str]:
    """A name for each variant: its title, the constant that tells it, a known one or its number."""
    objects = [part for part in parts if not _is_null(part)]
    if len(objects) == 1:
        return [hint for _ in parts]
    return [
        f"{hint} {_own_name(schemas.flat(part).keywords) or other}"
        for other, part in zip(known or range(1, len(parts) + 1), parts, strict=True)
    ]


def tags(flat: dict[str, Any], names: dict[str, str], schemas: Schemas) -> tuple[Tag, ...]:
    """The required properties of an object whose text is one of a few."""
    found: list[Tag] = []
    properties = flat.get("properties", {})
    for wire in flat.get("required", ()):
        if wire in properties:
            keywords = schemas.flat(properties[wire]).keywords
            texts = _texts(keywords)
            # Pydantic tells variants apart by a plain `Literal`, and none that is checked besides.
            if texts and not (ASSERTIONS & keywords.keys()) - _LISTED:
                found.append((names[wire], wire, texts))
    return tuple(found)


def joined(members: Sequence[Type]) -> Type:
    """The union of the variants, told apart by a field where there is one for all classes."""
    classes = [member for member in members if member.is_class]
    tag = _common_tag(classes)
    if len(classes) < 2 or tag is None:
        return union(members)
    text = " | ".join(dict.fromkeys(member.text for member in classes))
    kinds = frozenset({"object"})
    together = Type(text, kinds, (f"discriminator={string(tag)}",))
    others = [member for member in members if not member.is_class]
    return union([together, *others])


def exclusive(members: Sequence[Type]) -> list[Type]:
    """The variants of a `oneOf` as they are beside one another.

    What is no object is valid under each class without a `type`: where there are two, it is refused
    for that, and each of them is left with its objects.
    """
    open = [member for member in members if member.takes_others]
    objects = frozenset({"object"})
    if len(open) < 2 or any(m.kinds != objects for m in members if not m.takes_others):
        return list(members)
    return [
        replace(m, kinds=objects, is_class=True, takes_others=False) if m.takes_others else m
        for m in members
    ]


def are_told_by(name: str, members: Sequence[Type], values: Sequence[tuple[str, ...]]) -> bool:
    """Whether each variant's own constants are the values that name it."""
    own = [{wire: texts for _, wire, texts in member.tags}.get(name) for member in members]
    are_classes = all(member.is_class for member in members)
    return are_classes and own == list(values) and _common_tag(members) is not None


def named(name: str, members: Sequence[Type], values: Sequence[tuple[str, ...]]) -> Type:
    """The union of the variants, each chosen by the values of a property."""
    text = " | ".join(dict.fromkeys(member.annotation() for member in members))
    chosen = ", ".join(
        f"{string(value)}: {member.annotation()}"
        for member, listed in zip(members, values, strict=True)
        for value in listed
    )
    return Type(text, frozenset({"object"}), mark=f"Discriminated({string(name)}, {{{chosen}}})")


def disjoint(members: Sequence[Type]) -> bool:
    """Whether no value is accepted by two of the variants."""
    return all(_excludes(one, other) for one, other in combinations(members, 2))


def _excludes(one: Type, other: Type) -> bool:
    if not one.kinds & other.kinds:
        return True
    if one.values is not None and other.values is not None:
        left, right = ({(kind_of(v), v) for v in t.values or ()} for t in (one, other))
        return not left & right
    if one.kinds == other.kinds == frozenset({"object"}):
        return any(
            wire == wire_ and not set(texts) & set(texts_)
            for _, wire, texts in one.tags
            for _, wire_, texts_ in other.tags
        )
    return False


def _common_tag(classes: Sequence[Type]) -> str | None:
    """The Python name of a field that tells every class from every other."""
    if not classes:
        return None
    for name, wire, _ in classes[0].tags:
        texts = [t for c in classes for n, w, t in c.tags if (n, w) == (name, wire)]
        flat = [text for each in texts for text in each]
        if len(texts) == len(classes) and len(set(flat)) == len(flat):
            return name
    return None


def _texts(flat: dict[str, Any]) -> tuple[str, ...]:
    values = listed_values(flat)
    return tuple(dict.fromkeys(values)) if all(isinstance(v, str) for v in values) else ()


def _own_name(flat: dict[str, Any]) -> str | None:
    title = flat.get("title")
    if isinstance(title, str) and title.strip():
        return title
    properties = flat.get("properties")
    for wire in flat.get("required", ()):
        schema = properties.get(wire) if isinstance(properties, dict) else None
        if isinstance(schema, dict) and isinstance(schema.get("const"), str):
            return str(schema["const"]) or None
    return None


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "null"
