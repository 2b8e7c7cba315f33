"""Schemas as the emitter sees them: references followed, `allOf` merged where that is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.types.keywords import ASSERTIONS, BY_NAME, LISTS, ONE
from jararaca_compiler.emit.types.merge import merged
from jararaca_compiler.references.resolver import Found, UnresolvedRefError

Lookup = Callable[[str], Found]

_DEEPEST = 40
_TYPING = LISTS | {"items", "additionalProperties"}


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema without `$ref` and, where that is exact, `allOf`.

    `whole` is set where keywords depend on each other across parts: only the schema itself, as a
    check, says what it says.
    """

    keywords: dict[str, Any]
    whole: Any = None


class Schemas:
    """The schemas of one compilation; `name` gives the class of a place (`path#pointer`)."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._places: dict[str, Found] = {}
        self._flats: dict[str, Flat] = {}

    def follow(self, ref: str) -> Found:
        """Where a reference leads in the end; anything, where it leads nowhere."""
        if ref not in self._places:
            self._places[ref] = self._follow(ref)
        return self._places[ref]

    def only_ref(self, schema: Any) -> str | None:
        """The reference that a schema is nothing but (its notes aside)."""
        if not isinstance(schema, Mapping):
            return None
        asserted = ASSERTIONS & schema.keys()
        if isinstance(schema.get("$ref"), str):
            return None if asserted else str(schema["$ref"])
        parts = schema.get("allOf")
        if isinstance(parts, list) and len(parts) == 1 and asserted == {"allOf"}:
            return self.only_ref(parts[0])
        return None

    def flat(self, schema: Any, depth: int = 0) -> Flat:
        """The keywords that assert something, in one mapping, and the notes."""
        if not isinstance(schema, Mapping):
            return Flat({} if schema is True else {"not": {}})
        if depth > _DEEPEST:
            return Flat({}, schema)
        own = dict(schema)
        parts = [self.flat(part, depth + 1) for part in own.pop("allOf", ())]
        if isinstance(own.get("$ref"), str):
            parts.insert(0, self._flat_of(own.pop("$ref"), depth + 1))
        if "unevaluatedProperties" in own or "unevaluatedItems" in own:
            if not parts and not _applies_in_place(own):
                return Flat(_evaluated(own))
            kept = {k: v for k, v in own.items() if not k.startswith("unevaluated")}
            return Flat(_together(kept, parts)[0], schema)
        keywords, exact = _together(own, parts)
        return Flat(keywords, None if exact else schema)

    def _flat_of(self, ref: str, depth: int) -> Flat:
        """What a reference leads to, merged once: a chain of `allOf` may double with each link."""
        if ref not in self._flats:
            made = self.flat(self.follow(ref).value, depth)
            if made.whole is not None and depth > 1:
                return made  # It may be whole only because it is as deep as we go.
            self._flats[ref] = made
        return self._flats[ref]

    def _follow(self, ref: str) -> Found:
        seen: set[str] = set()
        while ref not in seen:
            seen.add(ref)
            try:
                found = self._lookup(ref)
            except UnresolvedRefError:
                return Found(True, *ref.split("#", 1))
            following = self.only_ref(found.value)
            if following is None:
                return found
            ref = following
        return Found(True, *ref.split("#", 1))


def refs(schema: Any) -> Iterator[str]:
    """Every reference in a schema, examples and constants aside."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            yield value
        elif key in BY_NAME and isinstance(value, Mapping):
            for child in value.values():
                yield from refs(child)
        elif key in LISTS and isinstance(value, list):
            for child in value:
                yield from refs(child)
        elif key in ONE:
            yield from refs(value)


def typed_refs(schema: Any) -> Iterator[str]:
    """The references whose types an annotation for the schema may name."""
    if not isinstance(schema, Mapping):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    for key in _TYPING & schema.keys():
        value = schema[key]
        for child in value if isinstance(value, list) else [value]:
            yield from typed_refs(child)


def _together(own: dict[str, Any], parts: list[Flat]) -> tuple[dict[str, Any], bool]:
    """As many of the parts as can be merged, and whether that were all."""
    exact = True
    for part in parts:
        both = merged(own, part.keywords) if part.whole is None else None
        if both is None:
            exact = False
        else:
            own = both
    return own, exact


def _applies_in_place(schema: Mapping[str, Any]) -> bool:
    return any(k in schema for k in ("anyOf", "oneOf", "if", "not", "dependentSchemas", "contains"))


def _evaluated(schema: dict[str, Any]) -> dict[str, Any]:
    """Where nothing else evaluates, what is unevaluated is what is additional."""
    found = dict(schema)
    properties = found.pop("unevaluatedProperties", None)
    if properties is not None:
        found.setdefault("additionalProperties", properties)
    items = found.pop("unevaluatedItems", None)
    if items is not None:
        found.setdefault("items", items)
    return found
