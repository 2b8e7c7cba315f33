"""From a profile to JSON Schema: never narrower than what was heard, and told by evidence alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.discovering.shapes.profile import REQUIRED_AFTER, Profile
from jararaca_compiler.discovering.shapes.recursion import folded

Schema = dict[str, Any]

DEEPEST = 16
"""Below that, what does not contain itself is not written out: values are anything."""

SHARED = "#/components/schemas/"


def schema_of(profile: Profile) -> Schema:
    """What all values keep, without shapes that contain themselves."""
    return _Writing({})(profile, "")


def shared_schema_of(profile: Profile, name: str, shared: dict[str, Schema]) -> Schema:
    """What all values keep: types, formats, words, names; no bounds.

    A shape that contains itself is added to `shared`, called by where it stands below `name`.
    """
    return _Writing(shared)(folded(profile), name)


@dataclass(slots=True)
class _Writing:
    """The schemas of shapes that contain themselves, and what each is called while it is open."""

    shared: dict[str, Schema]
    _names: dict[int, str] = field(default_factory=dict)

    def __call__(self, profile: Profile, name: str, depth: int = 0) -> Schema:
        objects = self._objects(profile, name, depth)  # First: what is in arrays may refer to it.
        kinds = [*_simple(profile), *self._array(profile, name, depth), *objects]
        if not kinds:
            return {"type": "null"} if profile.nulls else {}
        if not profile.nulls:
            return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        if len(kinds) > 1 or "type" not in kinds[0] or "enum" in kinds[0]:
            return {"anyOf": [*kinds, {"type": "null"}]}
        return {**kinds[0], "type": [kinds[0]["type"], "null"]}

    def _array(self, profile: Profile, name: str, depth: int) -> list[Schema]:
        if not profile.arrays:
            return []
        is_known = profile.items is not None and not profile.unlooked and depth < DEEPEST
        items = self(profile.items, name, depth + 1) if is_known and profile.items else {}
        return [{"type": "array", "items": items} if items else {"type": "array"}]

    def _objects(self, profile: Profile, name: str, depth: int) -> list[Schema]:
        found = []
        if profile.objects and profile.repeats:
            key = self._names[id(profile)] = _free(name, self.shared)
            self.shared[key] = {}
            self.shared[key] = self._object(profile, key, 0)
            found.append({"$ref": SHARED + key})
        elif profile.objects:
            found.append(self._object(profile, name, depth))
        if profile.again is not None:
            found.append({"$ref": SHARED + self._names[id(profile.again)]})
        return found

    def _object(self, profile: Profile, name: str, depth: int) -> Schema:
        found: Schema = {"type": "object"}
        is_guessed = profile.unlooked and (profile.is_map or profile.repeats)
        if depth >= DEEPEST or is_guessed:
            return found
        if profile.is_map:
            values = {} if profile.values is None else self(profile.values, name, depth + 1)
            return {**found, "additionalProperties": values} if values else found
        required = [
            key
            for key, each in profile.fields.items()
            if profile.objects >= REQUIRED_AFTER and each.seen == profile.objects
        ]
        if required:
            found["required"] = required
        if profile.fields:
            found["properties"] = {
                key: self(each, _below(name, key), depth + 1)
                for key, each in profile.fields.items()
            }
        return found


def _simple(profile: Profile) -> list[Schema]:
    found: list[Schema] = []
    if profile.numbers:
        found.append({"type": "number"})
    elif profile.integers:
        found.append({"type": "integer"})
    if profile.texts.count:
        found.append(profile.texts.schema())
    if profile.booleans:
        found.append({"type": "boolean"})
    return found


def _below(name: str, key: str) -> str:
    """`order` and `line_items` -> orderLineItems: letters and digits alone, as keys must be."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in key)
    return name + "".join(word[:1].upper() + word[1:] for word in words.split())


def _free(wanted: str, taken: dict[str, Schema]) -> str:
    number = next(n for n in range(1, len(taken) + 2) if _numbered(wanted, n) not in taken)
    return _numbered(wanted, number)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"
