"""Random values of a JSON Schema, quickly: optional fields come every other time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

FORMATS = {
    "uuid": lambda r: str(UUID(int=r.getrandbits(128), version=4)),
    "date-time": lambda r: f"2026-11-{r.randint(10, 28)}T09:30:00Z",
    "date": lambda r: f"2026-11-{r.randint(10, 28)}",
    "email": lambda r: f"u{r.randint(1, 999)}@example.com",
    "uri": lambda r: f"https://example.com/{r.randint(1, 999)}",
}


def instance(
    schema: Mapping[str, Any], root: Mapping[str, Any], r: random.Random, depth: int = 0
) -> Any:
    """A value that the schema accepts."""
    if "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return instance(target, root, r, depth)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return instance(r.choice(schema[key]), root, r, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return r.choice(schema["enum"])
    kinds = schema.get("type", "string")
    kind = r.choice(kinds) if isinstance(kinds, list) else kinds
    return _of_kind(kind, schema, root, r, depth)


def _of_kind(
    kind: str, schema: Mapping[str, Any], root: Mapping[str, Any], r: random.Random, depth: int
) -> Any:
    low = schema.get("minimum", 0)
    match kind:
        case "object":
            required = schema.get("required", ())
            found = {
                name: instance(each, root, r, depth + 1)
                for name, each in schema.get("properties", {}).items()
                if name in required or (r.random() < 0.5 and depth < 5)
            }
            if isinstance(schema.get("additionalProperties"), dict):
                found |= {
                    f"{r.randint(1, 10**6)}": instance(
                        schema["additionalProperties"], root, r, depth + 1
                    )
                    for _ in range(r.randint(2, 4))
                }
            return found
        case "array":
            least = max(1, schema.get("minItems", 0)) if depth < 4 else schema.get("minItems", 0)
            return [
                instance(schema.get("items", {}), root, r, depth + 1)
                for _ in range(r.randint(least, least + 1))
            ]
        case "integer":
            return r.randint(low, low + 1000)
        case "number":
            return low + r.randint(0, 1000) / 4
        case "boolean":
            return r.random() < 0.5
        case "null":
            return None
    return _text(schema, r)


def _text(schema: Mapping[str, Any], r: random.Random) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]](r)
    known = {
        "^[A-Z]+-[0-9]+$": f"SKU-{r.randint(1, 999)}",
        "^tok_[a-z0-9_]+$": f"tok_{r.randint(1, 999)}",
        "^[A-Z]{3}$": "".join(r.choices("ABCDEFG", k=3)),
        "^[A-Z]{2}$": "".join(r.choices("ABCDEFG", k=2)),
    }
    if "@" in schema.get("pattern", ""):
        return FORMATS["email"](r)
    if ":[^" in schema.get("pattern", ""):
        return FORMATS["uri"](r)
    return known.get(schema.get("pattern", ""), f"text {r.randint(1, 10**6)}")
