"""Names for inline schemas of a published document, so that other generators do not number them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from jararaca_compiler.schemas.dialect import SCHEMA_ID

_NAMED = frozenset({"properties", "enum", "const", "oneOf", "anyOf", "allOf"})
"""What generators make a type of its own of; also several types."""


def named_root(schema: Any, name: str, components: Set[str]) -> Any:
    """A message's payload or headers with a name, and all inline schemas in it with theirs.

    A schema that would be called like one of the `components` stays without a name.
    """
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    made = named_inside(schema, name)
    return made if name in components else {SCHEMA_ID: name, **made}


def named_inside(schema: Any, name: str) -> Any:
    """A schema that has a name already, with names for those of its properties and items.

    They have a space, which is in no component's key: generators leave it out.
    """
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        made["properties"] = {
            key: _named(value, f"{name} {key}") for key, value in properties.items()
        }
    for key, word in (("items", "item"), ("additionalProperties", "value")):
        if isinstance(schema.get(key), dict):
            made[key] = _named(schema[key], f"{name} {word}")
    return made


def _named(schema: Any, name: str) -> Any:
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    made = named_inside(schema, name)
    is_type = _NAMED & schema.keys() or isinstance(schema.get("type"), list)
    return {SCHEMA_ID: name, **made} if is_type else made
