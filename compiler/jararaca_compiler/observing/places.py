"""The places of a schema: what it declares below each, by the schema's names: `lines[].sku`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.references.resolver import Found, UnresolvedRefError

MOST_PLACES = 5_000
"""A schema that contains itself has no end of places."""

MOST_DEEP = 12
MOST_VALUES = 200
"""Values of an enum that are looked for."""

ITEM = "[]"
ANY_KEY = "*"
_ALSO = ("allOf", "anyOf", "oneOf")
_ALSO_ONE = ("if", "then", "else")


@dataclass(slots=True)
class Place:
    """What is declared of the values at one place, by whichever part of the schema."""

    properties: set[str] = field(default_factory=set)
    has_map: bool = False
    is_closed: bool = False
    is_deprecated: bool = False
    is_sensitive: bool = False
    enum: dict[str, None] = field(default_factory=dict)

    @property
    def takes_any(self) -> bool:
        """Whether nothing is said of its properties: all of them may be there."""
        return not self.properties


Places = dict[str, Place]


def places_of(schema: Any, lookup: Callable[[str], Found]) -> Places:
    """All places that a schema declares; the value itself is at ``."""
    found: Places = {}
    waiting: list[tuple[str, Any, frozenset[str], int]] = [("", schema, frozenset(), 0)]
    while waiting and len(found) < MOST_PLACES:
        at, part, within, deep = waiting.pop()
        place = found.setdefault(at, Place())
        if not isinstance(part, dict) or deep > MOST_DEEP:
            continue
        ref = part.get("$ref")
        if isinstance(ref, str) and ref not in within:
            with suppress(UnresolvedRefError):
                waiting.append((at, lookup(ref).value, within | {ref}, deep))
        _note(place, part)
        for below, schema_below, is_same in _below(part):
            inside = within if is_same else frozenset()
            step = at if is_same else child(at, below)
            waiting.append((step, schema_below, inside, deep if is_same else deep + 1))
    return found


def child(at: str, step: str) -> str:
    """The place of a property, or of the items (`[]`)."""
    if step == ITEM:
        return f"{at}[]"
    return f"{at}.{step}" if at else step


def _note(place: Place, part: dict[str, Any]) -> None:
    properties = part.get("properties")
    if isinstance(properties, dict):
        place.properties.update(map(str, properties))
    more = part.get("additionalProperties")
    place.has_map |= isinstance(more, dict) or bool(part.get("patternProperties"))
    place.is_closed |= more is False or part.get("unevaluatedProperties") is False
    place.is_deprecated |= part.get("deprecated") is True
    place.is_sensitive |= bool(part.get("x-sensitive"))
    values = part.get("enum")
    if isinstance(values, list) and len(values) <= MOST_VALUES:
        place.enum.update(dict.fromkeys(enum_text(value) for value in values))
    if "const" in part:
        place.enum[enum_text(part["const"])] = None


def enum_text(value: Any) -> str:
    """A value of an enum, as a name for it."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _below(part: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """The schemas within: the step to each, and whether it is about the same value."""
    for key in _ALSO:
        several = part.get(key)
        for each in several if isinstance(several, list) else ():
            yield "", each, True
    for key in _ALSO_ONE:
        if isinstance(part.get(key), dict):
            yield "", part[key], True
    dependent = part.get("dependentSchemas")
    for each in dependent.values() if isinstance(dependent, dict) else ():
        yield "", each, True
    properties = part.get("properties")
    for name, each in properties.items() if isinstance(properties, dict) else ():
        yield str(name), each, False
    patterns = part.get("patternProperties")
    for each in patterns.values() if isinstance(patterns, dict) else ():
        yield ANY_KEY, each, False
    if isinstance(part.get("additionalProperties"), dict):
        yield ANY_KEY, part["additionalProperties"], False
    if isinstance(part.get("items"), dict):
        yield ITEM, part["items"], False
    listed = part.get("prefixItems")
    for each in listed if isinstance(listed, list) else ():
        yield ITEM, each, False


def step_of(places: Places, at: str, name: str) -> str:
    """The place of a property that came: of a map's key, the place of all its values."""
    declared = places.get(at)
    if declared is not None and name not in declared.properties and declared.has_map:
        return child(at, ANY_KEY)
    return child(at, name)


def instance_place(places: Places, path: list[Any]) -> str:
    """The place of a value by its way in the instance."""
    at = ""
    for step in path:
        at = child(at, ITEM) if isinstance(step, int) else step_of(places, at, str(step))
    return at
