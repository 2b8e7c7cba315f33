"""Names for inline schemas of a published document, so that other generators do not number them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

NAME = "x-parser-schema-id"
"""What AsyncAPI's parser calls a schema; without it, one outside of `components.schemas` is
`<anonymous-schema-1>`, and a class that is made of it is called so too."""
_NAMED = frozenset({"properties", "enum", "const", "oneOf", "anyOf", "allOf"})
"""What generators make a type of its own of; also several types."""


def named_root(schema: Any, name: str, components: Set[str]) -> Any:
    """A message's payload or headers with a name, and all inline schemas in it with theirs.

    A schema that would be called like one of the `components` stays without a name.
    """
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    made = named_inside(schema, name)
    return made if name in components else {NAME: name, **made}


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
    return {NAME: name, **made} if is_type else made
