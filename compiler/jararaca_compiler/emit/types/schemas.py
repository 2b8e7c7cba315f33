"""Schemas as the emitter sees them: references followed, `allOf` merged where that is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jararaca_compiler.emit.types.keywords import BY_NAME, LISTS, ONE, asserted
from jararaca_compiler.emit.types.merge import merged
from jararaca_compiler.references.resolver import Found, UnresolvedRefError
from jararaca_compiler.references.schema_refs import applied_in_place

Lookup = Callable[[str], Found]

_DEEPEST_EXPANSION = 12
"""How many merged schemas stand inside one another as classes; no one writes as many by hand."""
_MOST_EXPANSIONS = 256
"""How many stand inside the outermost one: where each has two of the next, they double."""
_LEADING = frozenset({"$ref", "allOf"})
_TYPING = LISTS | {"items", "additionalProperties"}


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema without `$ref` and, where that is exact, `allOf`.

    `whole` is set where keywords depend on each other across parts: only the schema itself, as a
    check, says what it says.
    """

    keywords: dict[str, Any]
    whole: Any = None
    merged: frozenset[str] = frozenset()
    """The places whose keywords are among these."""


class Schemas:
    """The schemas of one compilation; `name` gives the class of a place (`path#pointer`)."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._places: dict[str, Found] = {}
        self._flats: dict[str, Flat] = {}
        self._contents: dict[str, frozenset[int]] = {}
        self._expansions = 0

    def follow(self, ref: str) -> Found:
        """Where a reference leads in the end; anything, where it leads nowhere."""
        if ref not in self._places:
            found, way = self._follow(ref)
            # One value a place: what is inside it is known by its identity.
            found = self._places.setdefault(f"{found.path}#{found.pointer}", found)
            self._places |= dict.fromkeys(way, found)
        return self._places[ref]

    def within(self, schema: Any) -> Iterator[Any]:
        """The schemas of the fields of the inline objects that a schema is made of."""
        if not isinstance(schema, dict) or self.only_ref(schema) is not None:
            return
        keywords = self.flat(schema).keywords
        properties = keywords.get("properties")
        if isinstance(properties, dict):
            yield from properties.values()
            yield keywords.get("additionalProperties")
            return
        for key in _TYPING & schema.keys():
            value = schema[key]
            for child in value if isinstance(value, list) else [value]:
                yield from self.within(child)

    def expands_again(self, schema: Any, flat: Flat, open: Sequence[frozenset[str]]) -> bool:
        """Whether writing out a schema would lead back to where it stands, or nearly for ever.

        `open` are the places that what is around it was merged of, each inside the one before.
        """
        if not flat.merged:
            return False
        if not open:
            self._expansions = 0
            return False
        self._expansions += 1
        around = frozenset().union(*open)
        if len(open) >= _DEEPEST_EXPANSION or self._expansions > _MOST_EXPANSIONS:
            return True
        return not flat.merged.isdisjoint(around) and any(
            self._is_within(schema, place) for place in around
        )

    def _is_within(self, schema: Any, place: str) -> bool:
        if place not in self._contents:
            value = self.follow(place).value
            self._contents[place] = frozenset(_identities(value if isinstance(value, dict) else {}))
        parts = schema.get("allOf", ()) if isinstance(schema, dict) else ()
        return any(id(each) in self._contents[place] for each in (schema, *parts))

    def only_ref(self, schema: Any) -> str | None:
        """The reference that a schema is nothing but (its notes aside)."""
        if not isinstance(schema, dict) or _LEADING.isdisjoint(schema):
            return None
        said = asserted(schema, is_text=True).keys()
        if isinstance(schema.get("$ref"), str):
            return None if said else str(schema["$ref"])
        parts = schema.get("allOf")
        if isinstance(parts, list) and len(parts) == 1 and said == {"allOf"}:
            return self.only_ref(parts[0])
        return None

    def flat(self, schema: Any) -> Flat:
        """The keywords that assert something, in one mapping, and the notes."""
        if not isinstance(schema, dict):
            return Flat({} if schema is True else {"not": {}})
        own = dict(schema)
        parts = [self.flat(part) for part in own.pop("allOf", ())]
        if isinstance(own.get("$ref"), str):
            parts.insert(0, self._flat_of(own.pop("$ref")))
        if "unevaluatedProperties" in own or "unevaluatedItems" in own:
            if not parts and not _applies_in_place(own):
                return Flat(_evaluated(own))
            own = {k: v for k, v in own.items() if not k.startswith("unevaluated")}
            keywords, exact = _together(own, parts)[0], False
        else:
            keywords, exact = _together(own, parts)
        merged_of = frozenset[str]().union(*(part.merged for part in parts))
        return Flat(keywords, None if exact else schema, merged_of)

    def _flat_of(self, ref: str) -> Flat:
        """What a reference leads to, merged once: a chain of `allOf` may double with each link.

        The last link of a chain is merged first, so that none waits for all that follow it.
        """
        way, above = [ref], {ref}
        while way and ref not in self._flats:
            here = way[-1]
            found = self.follow(here)
            refs = list(applied_in_place(found.value))
            waiting = [r for r in refs if r not in self._flats and r not in above]
            if waiting:
                above.add(waiting[0])
                way.append(waiting[0])
                continue
            # What leads back to itself is complained of elsewhere, and says nothing more here.
            circular = [r for r in refs if r not in self._flats]
            self._flats |= dict.fromkeys(circular, Flat({}))
            made = self.flat(found.value)
            for each in set(circular):
                del self._flats[each]
            place = f"{found.path}#{found.pointer}"
            self._flats[here] = replace(made, merged=made.merged | {place})
            above.discard(way.pop())
        return self._flats[ref]

    def _follow(self, ref: str) -> tuple[Found, set[str]]:
        """The end of the way, and the references that are on it."""
        way: set[str] = set()
        while ref not in way:
            way.add(ref)
            if ref in self._places:
                return self._places[ref], way
            try:
                found = self._lookup(ref)
            except UnresolvedRefError:
                break
            following = self.only_ref(found.value)
            if following is None:
                return found, way
            ref = following
        return Found(True, *ref.split("#", 1)), way


def refs(schema: Any) -> Iterator[str]:
    """Every reference in a schema, examples and constants aside."""
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            yield value
        elif key in BY_NAME and isinstance(value, dict):
            for child in value.values():
                yield from refs(child)
        elif key in LISTS and isinstance(value, list):
            for child in value:
                yield from refs(child)
        elif key in ONE:
            yield from refs(value)


def typed_refs(schema: Any) -> Iterator[str]:
    """The references whose types an annotation for the schema may name."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    for key in _TYPING & schema.keys():
        value = schema[key]
        for child in value if isinstance(value, list) else [value]:
            yield from typed_refs(child)


def _identities(schema: Any) -> Iterator[int]:
    if isinstance(schema, dict):
        yield id(schema)
    for child in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(child, dict | list):
            yield from _identities(child)


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
