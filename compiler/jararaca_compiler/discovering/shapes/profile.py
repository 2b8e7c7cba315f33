"""The shape of all values at one place: counts alone, so that two runs can be added up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.discovering.shapes.texts import Texts

MOST_FIELDS = 120
"""An object with more names than that is a map."""

LOOKED_ITEMS = 5_000
"""Of an array or a map, so many values are looked at: of more, nothing is said."""

MOST_PLACES = 20_000
"""Fields that are told apart in all messages of a kind; a hostile publisher has no more room."""

REQUIRED_AFTER = 100
"""Objects that must have had a field, all of them, before it is required."""

_ID = re.compile(
    r"[0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}|[0-9A-HJKMNP-TV-Z]{26}"
    r"|[A-Za-z]{1,12}[-_:][0-9]+|\d{4}-\d\d-\d\d"
)


def is_id(word: str) -> bool:
    """Whether a word looks like one of many: a number, a UUID, a ULID, hex, a date, `BOOK-001`."""
    return _ID.fullmatch(word) is not None


@dataclass(slots=True)
class Room:
    """How many further fields may be told apart."""

    left: int = MOST_PLACES


@dataclass(slots=True)
class Profile:
    """How often each kind of value was there, and what is below it.

    `unlooked` counts arrays and objects that were too large to be looked at wholly. `again` is the
    object above, which `repeats`, whose shape the objects here have (see `recursion`).
    """

    seen: int = 0
    nulls: int = 0
    booleans: int = 0
    integers: int = 0
    numbers: int = 0
    texts: Texts = field(default_factory=Texts)
    arrays: int = 0
    items: Profile | None = None
    objects: int = 0
    fields: dict[str, Profile] = field(default_factory=dict)
    is_map: bool = False
    values: Profile | None = None
    unlooked: int = 0
    again: Profile | None = field(default=None, compare=False, repr=False)
    repeats: bool = field(default=False, compare=False)

    def add(self, value: Any, room: Room | None = None) -> None:
        """One more value."""
        room = room or Room()
        self.seen += 1
        match value:
            case None:
                self.nulls += 1
            case bool():
                self.booleans += 1
            case int():
                self.integers += 1
            case float():
                self.numbers += 1
            case str():
                self.texts.add(value)
            case list():
                self.arrays += 1
                self._add_items(value, room)
            case dict():
                self.objects += 1
                self._add_fields(value, room)

    def _add_items(self, items: list[Any], room: Room) -> None:
        self.items = self.items or Profile()
        self.unlooked += len(items) > LOOKED_ITEMS
        for item in items[:LOOKED_ITEMS]:
            self.items.add(item, room)

    def _add_fields(self, found: dict[str, Any], room: Room) -> None:
        if not self.is_map and (len(found) > MOST_FIELDS or _looks_like_map(found, self.fields)):
            self._become_map()
        self.unlooked += len(found) > LOOKED_ITEMS
        for name, value in list(found.items())[:LOOKED_ITEMS]:
            if self.is_map:
                self.values = self.values or Profile()
                self.values.add(value, room)
            elif (field := self._field(name, room)) is not None:
                field.add(value, room)
            else:
                self.unlooked += 1
        if len(self.fields) > MOST_FIELDS:
            self._become_map()

    def _field(self, name: str, room: Room) -> Profile | None:
        """The field of that name, made where there is room for it."""
        known = self.fields.get(name)
        if known is None and room.left > 0:
            room.left -= 1
            known = self.fields[name] = Profile()
        return known

    def without_objects(self) -> Profile:
        """The objects that are counted here, taken away from it."""
        taken = Profile(self.objects, objects=self.objects, fields=self.fields)
        taken.is_map, taken.values = self.is_map, self.values
        self.objects, self.fields, self.is_map, self.values = 0, {}, False, None
        return taken

    def _become_map(self) -> None:
        self.is_map = True
        self.values = self.values or Profile()
        for each in self.fields.values():
            self.values.merge(each)
        self.fields = {}

    def merge(self, other: Profile) -> None:
        """The values of another place, or of another run, as well."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.texts.merge(other.texts)
        if other.items is not None:
            self.items = self.items or Profile()
            self.items.merge(other.items)
        if other.is_map and not self.is_map:
            self._become_map()
        if other.values is not None:
            self.values = self.values or Profile()
            self.values.merge(other.values)
        for name, each in other.fields.items():
            if self.is_map:
                self.values = self.values or Profile()
                self.values.merge(each)
            else:
                self.fields.setdefault(name, Profile()).merge(each)
        if len(self.fields) > MOST_FIELDS:
            self._become_map()

    def kept(self) -> dict[str, Any]:
        """As JSON, for the next run; what is empty is left out."""
        found: dict[str, Any] = {name: getattr(self, name) for name in _NUMBERS}
        found = {name: number for name, number in found.items() if number}
        if self.texts.count:
            found["texts"] = self.texts.kept()
        if self.items is not None:
            found["items"] = self.items.kept()
        if self.fields:
            found["fields"] = {name: each.kept() for name, each in self.fields.items()}
        if self.is_map:
            found["map"] = None if self.values is None else self.values.kept()
        return found

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Profile:
        """What `kept` wrote."""
        made = cls(**{name: kept.get(name, 0) for name in _NUMBERS})
        made.texts = Texts.of(kept["texts"]) if "texts" in kept else Texts()
        made.items = cls.of(kept["items"]) if "items" in kept else None
        made.fields = {name: cls.of(each) for name, each in kept.get("fields", {}).items()}
        made.is_map = "map" in kept
        made.values = cls.of(kept["map"]) if kept.get("map") is not None else None
        return made


_NUMBERS = (
    *("seen", "nulls", "booleans", "integers", "numbers", "arrays", "objects"),
    "unlooked",
)


def _looks_like_map(found: dict[str, Any], known: dict[str, Profile]) -> bool:
    """Whether names are ids: then they are values themselves."""
    names = {**known, **found} if len(known) < 3 else found
    return len(found) > 0 and len(names) > 1 and all(is_id(name) for name in names)
