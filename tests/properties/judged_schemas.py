"""Random schemas in the words that classes find hard, and random values near them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from random import Random
from typing import Any

NAMES = ("a", "b", "c", "config", "kind")
TEXTS = ("", "x", "yy", "low", "high")
NUMBERS = (0, 1, -1, 2.5, 3, 2**53 + 1)
JUNK: tuple[Any, ...] = (None, True, False, *NUMBERS, *TEXTS, [], [1], ["x"], {}, {"a": None})
COMPONENTS = tuple(f"S{number}" for number in range(8))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes schemas and values from one source of chance."""

    random: Random

    def components(self) -> dict[str, Any]:
        """Schemas that refer to one another, by `$ref` from within properties and variants."""
        return {name: self.schema(3) for name in COMPONENTS}

    def schema(self, depth: int) -> dict[str, Any]:
        """A schema; at depth 0 without others within."""
        makers = [self._text, self._number, self._values, self._simple]
        if depth:
            makers += [self._object] * 4 + [self._union] * 3 + [self._array, self._all, self._ref]
        made = self.random.choice(makers)(depth - 1)
        if self.random.random() < 0.1 and "$ref" not in made:
            made["nullable"] = True
        return made

    def _ref(self, depth: int) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self.random.choice(COMPONENTS)}"}

    def _text(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": self._kinds("string")}
        if self.random.random() < 0.3:
            made["minLength"] = self.random.choice((0, 1, 2))
        return made

    def _number(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": self._kinds(self.random.choice(("integer", "number")))}
        if self.random.random() < 0.4:
            bound = self.random.choice(("minimum", "maximum", "exclusiveMinimum"))
            made[bound] = self.random.choice((0, 1, 1.5))
        return made

    def _kinds(self, kind: str) -> Any:
        return [kind, "null"] if self.random.random() < 0.25 else kind

    def _values(self, depth: int) -> dict[str, Any]:
        if self.random.random() < 0.5:
            return {"const": self.random.choice((*TEXTS, None, 1, True))}
        return {"enum": self.random.sample((*TEXTS, None, 1, 0, True), 3)}

    def _simple(self, depth: int) -> dict[str, Any]:
        return {"type": self.random.choice(("null", "boolean", "object", "array"))}

    def _object(self, depth: int) -> dict[str, Any]:
        names = self.random.sample(NAMES, self.random.randint(1, 3))
        made: dict[str, Any] = {"properties": {name: self.schema(depth) for name in names}}
        if self.random.random() < 0.85:
            made["type"] = self._kinds("object")
        if self.random.random() < 0.5:
            made["required"] = self.random.sample(NAMES, 1)
        if self.random.random() < 0.3:
            made["additionalProperties"] = self.random.choice((False, {"type": "integer"}))
        return made

    def _union(self, depth: int) -> dict[str, Any]:
        variants = [self.schema(depth) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.3:
            variants.append({"type": "null"})
        made: dict[str, Any] = {self.random.choice(("anyOf", "oneOf")): variants}
        if self.random.random() < 0.25:
            made["type"] = self.random.choice(("object", "null", ["string", "null"], "integer"))
        return made

    def _array(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "array", "items": self.schema(depth)}
        if self.random.random() < 0.3:
            made[self.random.choice(("minItems", "maxItems"))] = 1
        return made

    def _all(self, depth: int) -> dict[str, Any]:
        return {"allOf": [self.schema(depth) for _ in range(self.random.randint(1, 2))]}

    def value(self, schema: Any, components: dict[str, Any], depth: int = 6) -> Any:
        """A value that looks like one of a schema."""
        if not isinstance(schema, dict) or depth == 0 or self.random.random() < 0.05:
            return self.random.choice(JUNK)
        if "$ref" in schema:
            return self.value(components[schema["$ref"].rpartition("/")[2]], components, depth - 1)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self.value(self.random.choice(schema[key]), components, depth - 1)
        if "const" in schema or "enum" in schema:
            return self.random.choice(schema.get("enum", [schema.get("const")]))
        if "properties" in schema:
            return {
                name: self.value(below, components, depth - 1)
                for name, below in schema["properties"].items()
                if self.random.random() < 0.7 or name in schema.get("required", ())
            }
        if "items" in schema:
            return [self.value(schema["items"], components, depth - 1) for _ in range(2)]
        kinds = schema.get("type")
        kind = self.random.choice(kinds) if isinstance(kinds, list) else kinds
        choices: dict[Any, tuple[Any, ...]] = {
            "string": TEXTS,
            "integer": (0, 1, 3, -1, 1.0, 2**60 + 1),
            "number": NUMBERS,
            "null": (None,),
        }
        return self.random.choice(choices.get(kind, JUNK))

    def mutated(self, value: Any) -> Any:
        """The value with one thing in it another."""
        changed = copy.deepcopy(value)
        if isinstance(changed, dict) and changed and self.random.random() < 0.8:
            name = self.random.choice(sorted(changed))
            if self.random.random() < 0.3:
                del changed[name]
            else:
                changed[name] = self.mutated(changed[name])
        elif isinstance(changed, list) and changed and self.random.random() < 0.8:
            changed[0] = self.mutated(changed[0])
        else:
            return self.random.choice(JUNK)
        return changed


def as_json_schema(schema: Any) -> Any:
    """What OpenAPI's `nullable` says, in the words of JSON Schema."""
    if isinstance(schema, list):
        return [as_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: as_json_schema(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def without_circles(components: dict[str, Any]) -> None:
    """A schema that must hold what must hold itself says nothing, and is an error."""
    numbers = {name: number for number, name in enumerate(components)}

    def cut(schema: Any, limit: int, *, in_place: bool) -> Any:
        if isinstance(schema, list):
            return [cut(item, limit, in_place=in_place) for item in schema]
        if not isinstance(schema, dict):
            return schema
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and in_place and numbers[name] <= limit:
            return {"type": "integer"}
        return {
            key: (
                {n: cut(s, limit, in_place=False) for n, s in value.items()}
                if key == "properties"
                else (
                    cut(value, limit, in_place=in_place and key not in ("items",))
                    if key not in ("enum", "const", "type", "required")
                    else value
                )
            )
            for key, value in schema.items()
        }

    for name in components:
        components[name] = cut(components[name], numbers[name], in_place=True)
