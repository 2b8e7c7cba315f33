"""Values near a plain schema: most are valid, many miss by one thing."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import unquote

from jararaca_compiler.schemas.pattern_texts import matching
from jararaca_compiler.verification.formats import GOOD

from tests.properties.judged_schemas import JUNK, Maker

from .judge import Judge

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_SHARE_OF_OPTIONAL = 0.5
_BY_KIND: dict[str, tuple[Any, ...]] = {
    "integer": (0, 1, 2, 7, -1),
    "number": (0, 1.5, -2, 3),
    "boolean": (True, False),
    "null": (None,),
}


def near(judge: Judge, chance: Random) -> Any:
    """A value of what a judge judges, or one with a part changed."""
    value = _Values(judge, chance).of(judge.schema)
    return Maker(chance).mutated(value) if chance.random() < 0.5 else value


class _Values:
    def __init__(self, judge: Judge, chance: Random) -> None:
        self._places, self._chance = judge.places, chance

    def of(self, schema: Any, depth: int = 10) -> Any:
        chance = self._chance
        if not isinstance(schema, dict) or depth <= 0 or chance.random() < 0.02:
            return chance.choice(JUNK)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return chance.choice(schema["enum"])
        made = [self.of(part, depth - 1) for part in self._parts(schema)]
        if not made or {"type", "properties", "required"} & schema.keys():
            made.append(self._own(schema, depth))
        if all(isinstance(value, dict) for value in made):
            return {name: value for each in made for name, value in each.items()}
        return chance.choice(made)

    def _parts(self, schema: dict[str, Any]) -> Iterator[Any]:
        chance = self._chance
        if isinstance(schema.get("$ref"), str):
            yield self._followed(schema["$ref"])
        yield from schema.get("allOf") or ()
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                yield chance.choice(schema[key])
        for key in ("if", "then", "else"):
            if key in schema and chance.random() < 0.5:
                yield schema[key]
        yield from (
            part for part in schema.get("dependentSchemas", {}).values() if chance.random() < 0.5
        )

    def _followed(self, ref: str) -> Any:
        place, _, pointer = ref.partition("#")
        found = self._places.get(place, True)
        try:
            for token in unquote(pointer).split("/")[1:]:
                key = token.replace("~1", "/").replace("~0", "~")
                found = found[int(key)] if isinstance(found, list) else found[key]
        except (LookupError, ValueError, TypeError):
            return True
        return found

    def _own(self, schema: dict[str, Any], depth: int) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else "any")
        kind = self._chance.choice(kinds) if isinstance(kinds, list) and kinds else kinds
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind == "string":
            return self._chance.choice(list(self._texts(schema)))
        if kind in ("integer", "number"):
            bounds = [schema[key] for key in _NUMBERS if isinstance(schema.get(key), int | float)]
            some = [bound + step for bound in bounds for step in (-1, 0, 0.5, 1)]
            return self._chance.choice([*_BY_KIND[kind], *some, *some])
        return self._chance.choice(_BY_KIND.get(str(kind), JUNK))

    def _texts(self, schema: dict[str, Any]) -> Iterator[str]:
        yield from ("", "x", "ab", "12")
        if isinstance(schema.get("pattern"), str):
            yield from list(matching(schema["pattern"])) * 3
        yield from GOOD.get(str(schema.get("format")), []) * 6
        for key in ("minLength", "maxLength"):
            if isinstance(schema.get(key), int) and schema[key] < 500:
                yield from ("x" * max(schema[key] + step, 0) for step in (-1, 0, 0, 1))

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first = schema.get("prefixItems") or []
        least = schema.get("minItems", 0)
        sizes = [0, 1, 2, len(first), least, least + 1, schema.get("maxItems", 1)]
        size = min(int(self._chance.choice(sizes)), 8)
        rest = [schema.get("items", True)] * max(size - len(first), 0)
        return [self.of(item, depth - 1) for item in [*first, *rest][:size]]

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        chance, declared = self._chance, schema.get("properties") or {}
        required = schema.get("required") or ()
        names = [n for n in declared if n in required or chance.random() < _SHARE_OF_OPTIONAL]
        names += [n for n in required if n not in names]
        more = schema.get("additionalProperties", True)
        made = {n: self.of(declared.get(n, more), depth - 1) for n in names}
        for pattern, below in (schema.get("patternProperties") or {}).items():
            if chance.random() < _SHARE_OF_OPTIONAL:
                made |= {n: self.of(below, depth - 1) for n in list(matching(pattern))[:1]}
        if chance.random() < 0.2:
            made[chance.choice(("another", "a", "z", "id", "customer"))] = self.of(more, depth - 1)
        return made
