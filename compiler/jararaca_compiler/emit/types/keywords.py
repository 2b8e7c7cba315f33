"""The keywords of JSON Schema 2020-12 that assert something, by the kind of value they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jararaca_compiler.schemas.checked_formats import is_checked

STRING = frozenset({"minLength", "maxLength", "pattern"})
NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
ARRAY = frozenset(
    {"items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems"}
    | {"uniqueItems", "unevaluatedItems"}
)
OBJECT = frozenset(
    {"properties", "patternProperties", "additionalProperties", "propertyNames", "required"}
    | {"minProperties", "maxProperties", "dependentRequired", "dependentSchemas"}
    | {"unevaluatedProperties"}
)
LOGIC = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
VALUE = frozenset({"enum", "const", "type"})
ASSERTIONS = STRING | NUMBER | ARRAY | OBJECT | LOGIC | VALUE

BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
"""Mappings from names to schemas."""
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
ONE = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)


_EMPTY = frozenset(
    {"properties", "patternProperties", "required", "dependentRequired", "dependentSchemas"}
)
"""What asserts nothing where it is empty, as generators write it."""
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
"""What says more about the same value."""


def asserted(schema: Mapping[str, Any], is_text: bool = False) -> dict[str, Any]:
    """The keywords of a schema that assert something.

    A format that classes check is one of them where the value is said to be a text, by a `type`
    here or around it (`is_text`). Otherwise it is a note, as in the JSON-Schema-Test-Suite.
    """
    counts = is_text or says_text(schema.get("type"))
    return {
        key: value
        for key, value in schema.items()
        if (key in ASSERTIONS and not (key in _EMPTY and value in ({}, [])))
        or (key == "format" and counts and is_checked(value))
    }


def says_text(type: Any) -> bool:
    """Whether a `type` allows texts, and says so."""
    return type == "string" or (isinstance(type, list) and "string" in type)


def reference_among(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema whose reference, where it is not all that asserts, is the first of its `allOf`.

    Both say the same, the second also to AsyncAPI's draft 7, which sees nothing beside a reference.
    """
    if not isinstance(schema.get("$ref"), str) or not asserted(schema, is_text=True):
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *rest.get("allOf", [])]}
