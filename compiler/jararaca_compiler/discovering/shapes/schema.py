"""From a profile to JSON Schema: never narrower than what was heard, and told by evidence alone."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.discovering.shapes.profile import REQUIRED_AFTER, Profile

Schema = dict[str, Any]


def schema_of(profile: Profile) -> Schema:
    """What all values keep: types, formats, words, names; no bounds."""
    kinds = [*_simple(profile), *_array(profile), *_object(profile)]
    if not kinds:
        return {"type": "null"} if profile.nulls else {}
    if not profile.nulls:
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if len(kinds) > 1 or "enum" in kinds[0]:
        return {"anyOf": [*kinds, {"type": "null"}]}
    return {**kinds[0], "type": [kinds[0]["type"], "null"]}


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


def _array(profile: Profile) -> list[Schema]:
    if not profile.arrays:
        return []
    items = schema_of(profile.items) if profile.items is not None else {}
    return [{"type": "array", "items": items} if items else {"type": "array"}]


def _object(profile: Profile) -> list[Schema]:
    if not profile.objects:
        return []
    found: Schema = {"type": "object"}
    if profile.is_map:
        values = schema_of(profile.values) if profile.values is not None else {}
        return [{**found, "additionalProperties": values} if values else found]
    required = [
        name
        for name, each in profile.fields.items()
        if profile.objects >= REQUIRED_AFTER and each.seen == profile.objects
    ]
    if required:
        found["required"] = required
    if profile.fields:
        found["properties"] = {name: schema_of(each) for name, each in profile.fields.items()}
    return [found]
