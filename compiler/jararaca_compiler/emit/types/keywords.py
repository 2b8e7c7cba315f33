"""The keywords of JSON Schema 2020-12 that assert something, by the kind of value they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def reference_among(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema whose reference, where it is not all that asserts, is the first of its `allOf`.

    Both say the same, the second also to AsyncAPI's draft 7, which sees nothing beside a reference.
    """
    if not isinstance(schema.get("$ref"), str) or ASSERTIONS.isdisjoint(schema):
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *rest.get("allOf", [])]}
