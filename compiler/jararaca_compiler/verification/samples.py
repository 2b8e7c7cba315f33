"""Values near a JSON Schema: some that it is likely to allow, and each with one thing changed."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from random import Random
from typing import Any

TEXTS = ("", "x", "yy", "zzz")
NUMBERS = (0, 1, -1, 2, 10, 2.5, 2**53 + 1)
JUNK: tuple[Any, ...] = (None, True, False, *NUMBERS, *TEXTS, [], [1], {}, {"x": None})
_PLAIN: dict[Any, tuple[Any, ...]] = {
    "string": TEXTS,
    "integer": (0, 1, 2, 10, -1, 2**53 + 1),
    "number": NUMBERS,
    "boolean": (True, False),
    "null": (None,),
}
DEEPEST, SHALLOW = 8, 3
"""How deep values are; where a value is held against a long chain of schemas, each level of it is
held against every rest of the chain, level within level."""


@dataclass(frozen=True, slots=True)
class Sampler:
    """Makes values; the same seed makes the same ones."""

    random: Random
    definitions: dict[str, Any]
    deepest: int = DEEPEST

    def values(self, schema: Any, count: int) -> list[Any]:
        """So many values, every second one a mutation of the one before."""
        found: list[Any] = []
        while len(found) < count:
            value = self.value(schema)
            found += [value, self.mutated(value, len(found) // 2)]
        return found

    def value(self, schema: Any, depth: int = 0) -> Any:
        """A value that looks like one of the schema."""
        if not isinstance(schema, dict) or depth > self.deepest:
            return self.random.choice(JUNK)
        if "const" in schema or "enum" in schema:
            return copy.deepcopy(self.random.choice(schema.get("enum") or [schema.get("const")]))
        made = [self.value(part, depth + 1) for part in self._parts(schema)]
        if "type" in schema or "properties" in schema or "items" in schema or not made:
            made.append(self._own(schema, depth))
        objects = [value for value in made if isinstance(value, dict)]
        if len(objects) < len(made):
            return self.random.choice(made)
        return {name: value for each in objects for name, value in each.items()}

    def _parts(self, schema: dict[str, Any]) -> list[Any]:
        """What must hold besides the schema's own keywords: all of some, one of others."""
        parts = list(schema.get("allOf", ()))
        if isinstance(schema.get("$ref"), str):
            parts.append(self.definitions[schema["$ref"].rpartition("/")[2]])
        return parts + [self.random.choice(schema[k]) for k in ("anyOf", "oneOf") if schema.get(k)]

    def _own(self, schema: dict[str, Any], depth: int) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else None)
        kind = self.random.choice(kinds) if isinstance(kinds, list) and kinds else kinds
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array" or (kind is None and "items" in schema):
            count = max(self.random.choice((0, 1, 2)), int(schema.get("minItems", 0)))
            listed = schema.get("prefixItems", [])
            rest = [schema.get("items", True)] * max(0, min(count, 20) - len(listed))
            return [self.value(item, depth + 1) for item in (*listed, *rest)]
        if kind == "string" and "minLength" in schema:
            return "x" * min(int(schema["minLength"]), 1000)
        if kind in ("integer", "number") and "minimum" in schema:
            return schema["minimum"]
        return self.random.choice(_PLAIN.get(kind, JUNK))

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        chance = 0.6 if depth < 2 else 0.25
        made = {
            name: self.value(below, depth + 1)
            for name, below in properties.items()
            if name in required or self.random.random() < chance
        }
        values = schema.get("additionalProperties")
        missing = [name for name in required if name not in made]
        if isinstance(values, dict) and not missing:
            missing = ["another"]
        return made | {name: self.value(values, depth + 1) for name in missing}

    def mutated(self, value: Any, turn: int | None = None) -> Any:
        """The value with one thing in it another; with `turn`, the properties take turns."""
        if isinstance(value, dict) and value and self.random.random() < 0.85:
            names = sorted(value)
            name = self.random.choice(names) if turn is None else names[turn % len(names)]
            rest = {key: item for key, item in value.items() if key != name}
            return rest if self.random.random() < 0.2 else {**rest, name: self.mutated(value[name])}
        if isinstance(value, list) and value and self.random.random() < 0.8:
            return [self.mutated(value[0]), *value[1:]]
        return self.random.choice(JUNK)
