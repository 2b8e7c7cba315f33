"""anyOf and oneOf: what the variants are called, whether they exclude each other, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from jararaca_compiler.emit.python.formatting import flat, string
from jararaca_compiler.emit.types.keywords import ASSERTIONS
from jararaca_compiler.emit.types.python_type import Tag, Type, union
from jararaca_compiler.emit.types.scalars import kind_of, listed_values
from jararaca_compiler.emit.types.schemas import Schemas

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


def tags(keywords: dict[str, Any], names: dict[str, str], schemas: Schemas) -> tuple[Tag, ...]:
    """The required properties of an object whose text is one of a few."""
    found: list[Tag] = []
    properties = keywords.get("properties", {})
    for wire in keywords.get("required", ()):
        if wire in properties:
            own = schemas.flat(properties[wire]).keywords
            texts = _texts(own)
            # Pydantic tells variants apart by a plain `Literal`, and none that is checked besides.
            if texts and not (ASSERTIONS & own.keys()) - _LISTED:
                is_literal = "const" in own or schemas.only_ref(properties[wire]) is None
                found.append(Tag(names[wire], wire, texts, is_literal))
    return tuple(found)


def joined(members: Sequence[Type]) -> Type:
    """The union of the variants, told apart by a field where there is one for all classes."""
    classes = [member for member in members if member.is_class]
    tags = _common_tags(classes)
    if len(classes) < 2 or not tags:
        return union(members)
    others = [member for member in members if not member.is_class]
    return union([_told(classes, tags), *others])


def _told(classes: Sequence[Type], tags: Sequence[Tag]) -> Type:
    """Classes that a field of all tells apart; pydantic finds the values of a `Literal` itself."""
    if not all(tag.is_literal for tag in tags):
        return named(tags[0].wire, classes, [tag.texts for tag in tags])
    text = " | ".join(dict.fromkeys(member.text for member in classes))
    return Type(text, frozenset({"object"}), (f"discriminator={string(tags[0].name)}",))


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


def are_told_by(name: str, members: Sequence[Type], values: Sequence[tuple[Any, ...]]) -> bool:
    """Whether each variant's own constants are the values that name it."""
    own = [{tag.wire: tag.texts for tag in member.tags}.get(name) for member in members]
    are_classes = all(member.is_class for member in members)
    return are_classes and own == list(values) and bool(_common_tags(members))


def named(name: str, members: Sequence[Type], values: Sequence[tuple[Any, ...]]) -> Type:
    """The union of the variants, each chosen by the values of a property."""
    text = " | ".join(dict.fromkeys(member.annotation() for member in members))
    chosen = ", ".join(
        f"{flat(value)}: {member.annotation()}"
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
        mine, theirs = ({(kind_of(v), v) for v in t.values or ()} for t in (one, other))
        return not mine & theirs
    if one.kinds == other.kinds == frozenset({"object"}):
        return any(
            left.wire == right.wire and not set(left.texts) & set(right.texts)
            for left in one.tags
            for right in other.tags
        )
    return False


def _common_tags(classes: Sequence[Type]) -> list[Tag]:
    """The field that tells every class from every other, as each class has it; or none."""
    for first in classes[0].tags if classes else ():
        same = (first.name, first.wire)
        found = [tag for c in classes for tag in c.tags if (tag.name, tag.wire) == same]
        texts = [text for tag in found for text in tag.texts]
        if len(found) == len(classes) and len(set(texts)) == len(texts):
            return found
    return []


def _texts(keywords: dict[str, Any]) -> tuple[str, ...]:
    values = listed_values(keywords)
    return tuple(dict.fromkeys(values)) if all(isinstance(v, str) for v in values) else ()


def _own_name(keywords: dict[str, Any]) -> str | None:
    title = keywords.get("title")
    if isinstance(title, str) and title.strip():
        return title
    properties = keywords.get("properties")
    for wire in keywords.get("required", ()):
        schema = properties.get(wire) if isinstance(properties, dict) else None
        if isinstance(schema, dict) and isinstance(schema.get("const"), str):
            return str(schema["const"]) or None
    return None


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "null"
