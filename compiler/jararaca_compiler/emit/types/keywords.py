"""The keywords of JSON Schema 2020-12 that assert something, by the kind of value they speak of."""

from __future__ import annotations

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
