"""JSON values from a JSON Schema: attempts, which the class that is meant accepts or not.

What a class says beyond its annotations (`JsonSchema`, `JSON_SCHEMA`) only its schema tells.
Conditions (`not`, `if`, `dependentRequired`) are left to chance and to the number of attempts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from uuid import UUID

from jararaca.testing.merging import merged

DEEP = 4
"""How deep optional properties and items go."""

FORMATS: Mapping[str, Callable[[Random], str]] = {
    "uuid": lambda r: str(UUID(int=r.getrandbits(128), version=4)),
    "date": lambda r: f"20{r.randrange(10, 40)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}",
    "time": lambda r: f"{r.randrange(24):02}:{r.randrange(60):02}:00Z",
    "date-time": lambda r: f"2026-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}T09:30:00Z",
    "duration": lambda r: f"PT{r.randrange(1, 90)}M",
    "email": lambda r: f"user{r.randrange(1000)}@example.com",
    "uri": lambda r: f"https://example.com/{r.randrange(1000)}",
    "hostname": lambda r: f"host{r.randrange(1000)}.example.com",
    "ipv4": lambda r: f"192.0.2.{r.randrange(256)}",
    "ipv6": lambda r: f"2001:db8::{r.randrange(1, 65536):x}",
}
_OF_KEYWORD = (
    ("object", {"properties", "required", "additionalProperties", "minProperties"}),
    ("array", {"items", "prefixItems", "minItems", "contains", "uniqueItems"}),
    ("string", {"pattern", "format", "minLength", "maxLength"}),
    ("number", {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
)


class ImpossibleError(Exception):
    """This attempt cannot succeed."""


class Maker:
    """Makes values; `text_of` makes a text of a regular expression.

    `optional` is the chance of each optional property: of 0 come the smallest values, of 1 the
    fullest.
    """

    def __init__(
        self, random: Random, text_of: Callable[[str, Random], str], optional: float = 0.5
    ) -> None:
        self._random = random
        self._text_of = text_of
        self._optional = optional

    def letters(self, shortest: int, longest: int) -> str:
        """A text of which only the length matters."""
        count = self._random.randint(shortest, longest)
        return "".join(self._random.choice("abcdefghij") for _ in range(count))

    def value(
        self, schema: Any, definitions: Mapping[str, Any] | None = None, depth: int = 0
    ) -> Any:
        """An attempt at a value. Raises ImpossibleError."""
        known = dict(definitions or {})
        flat = self._flat(schema, known)
        if "const" in flat:
            return flat["const"]
        if "enum" in flat:
            return self._one(flat["enum"])
        match self._kind(flat):
            case "null":
                return None
            case "boolean":
                return self._random.random() < 0.5
            case "integer":
                return int(self._number(flat, whole=True))
            case "number":
                return self._number(flat, whole=False)
            case "string":
                return self._string(flat)
            case "array":
                return self._array(flat, known, depth)
            case _:
                return self._object(flat, known, depth)

    def _flat(self, schema: Any, known: dict[str, Any]) -> dict[str, Any]:
        """References followed, `allOf` merged, and one of each `anyOf` and `oneOf` chosen."""
        if schema is False:
            raise ImpossibleError("nothing is valid")
        flat = dict(schema) if isinstance(schema, Mapping) else {}
        known.update(flat.pop("$defs", {}))
        parts = list(flat.pop("allOf", ()))
        if (ref := flat.pop("$ref", None)) is not None:
            parts.append(known.get(str(ref).rpartition("/")[2], True))
        for key in ("anyOf", "oneOf"):
            if key in flat:
                parts.append(self._one(flat.pop(key)))
        for part in parts:
            flat = merged(flat, self._flat(part, known))
        return flat

    def _kind(self, flat: Mapping[str, Any]) -> str:
        kinds = flat.get("type")
        if isinstance(kinds, list):
            return str(self._one(kinds))
        if kinds is not None:
            return str(kinds)
        return next((kind for kind, keys in _OF_KEYWORD if keys & flat.keys()), "string")

    def _number(self, flat: Mapping[str, Any], *, whole: bool) -> float:
        step = flat.get("multipleOf", 1 if whole else 0)
        least = flat.get("minimum", flat.get("exclusiveMinimum"))
        most = flat.get("maximum", flat.get("exclusiveMaximum"))
        low = least if least is not None else (most - 100 if most is not None else 0)
        high = most if most is not None else low + max(100, 10 * step)
        if not step:
            return round(self._random.uniform(low, high), 2)
        first, last = -(-low // step), high // step
        if first > last:
            raise ImpossibleError("no number is in these bounds")
        steps = self._random.randint(int(first), int(last))
        return round(steps * step, 9) if isinstance(step, float) else steps * step

    def _string(self, flat: Mapping[str, Any]) -> str:
        if "pattern" in flat:
            return self._text_of(flat["pattern"], self._random)
        made = FORMATS.get(flat.get("format", ""))
        if made is not None:
            return made(self._random)
        shortest = flat.get("minLength", 0)
        longest = flat.get("maxLength", shortest + 8)
        return self.letters(min(shortest, longest), min(longest, shortest + 8))

    def _array(self, flat: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> list[Any]:
        first = flat.get("prefixItems", [])
        rest = flat.get("items", True)
        least = max(
            flat.get("minItems", 0), flat.get("minContains", 1) if "contains" in flat else 0
        )
        most = min(flat.get("maxItems", least + 2), len(first) if rest is False else least + 8)
        count = self._items(least, max(least, most)) if depth < DEEP else least
        schemas = [first[at] if at < len(first) else rest for at in range(count)]
        if "contains" in flat and schemas:
            schemas[-1] = {"allOf": [schemas[-1], flat["contains"]]}
        return [self.value(each, known, depth + 1) for each in schemas]

    def _items(self, least: int, most: int) -> int:
        if self._optional in (0.0, 1.0):
            return max(least, min(most, int(self._optional)))
        return self._random.randint(least, most)

    def _object(
        self, flat: Mapping[str, Any], known: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        properties, others = flat.get("properties", {}), flat.get("additionalProperties", True)
        wanted = list(flat.get("required", ()))
        for name in properties:
            if name not in wanted and depth < DEEP and self._random.random() < self._optional:
                wanted.append(name)
        number = 0
        while len(wanted) < flat.get("minProperties", 0):
            number += 1
            wanted.append(f"more{number}")
        made = {}
        for name in wanted:
            try:
                made[name] = self.value(properties.get(name, others), known, depth + 1)
            except ImpossibleError:
                if name in flat.get("required", ()):
                    raise
        return made

    def _one(self, choices: Any) -> Any:
        if not choices:
            raise ImpossibleError("there is nothing to choose from")
        return self._random.choice(choices)
