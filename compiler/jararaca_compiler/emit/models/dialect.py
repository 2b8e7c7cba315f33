"""Which keywords a draft of JSON Schema has, and what kind of value each speaks of."""

from __future__ import annotations

from dataclasses import dataclass

DRAFT7 = "http://json-schema.org/draft-07/schema#"
DRAFT2019 = "https://json-schema.org/draft/2019-09/schema"
DRAFT2020 = "https://json-schema.org/draft/2020-12/schema"

_NEW = "https://json-schema.org/draft/"

STRING = frozenset({"minLength", "maxLength", "pattern"})
NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
ARRAY = frozenset({"items", "contains", "minItems", "maxItems", "uniqueItems"})
OBJECT = frozenset(
    {"properties", "patternProperties", "additionalProperties", "propertyNames", "required"}
    | {"minProperties", "maxProperties"}
)
ANY = frozenset({"enum", "const", "type", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_OLD = frozenset({"additionalItems", "dependencies"})
_NEW_ARRAY = frozenset({"minContains", "maxContains", "unevaluatedItems"})
_NEW_OBJECT = frozenset({"dependentRequired", "dependentSchemas", "unevaluatedProperties"})

OF_ARRAYS = ARRAY | _NEW_ARRAY | {"prefixItems", "additionalItems"}
OF_OBJECTS = OBJECT | _NEW_OBJECT | {"dependencies"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """A draft: `keywords` assert something; `siblings` of a `$ref` count."""

    uri: str
    keywords: frozenset[str]
    siblings: bool


_COMMON = STRING | NUMBER | ARRAY | OBJECT | ANY
_DIALECTS = {
    DRAFT7: Dialect(DRAFT7, _COMMON | _OLD, False),
    DRAFT2019: Dialect(DRAFT2019, _COMMON | _OLD | _NEW_ARRAY | _NEW_OBJECT, True),
    DRAFT2020: Dialect(DRAFT2020, _COMMON | _NEW_ARRAY | _NEW_OBJECT | {"prefixItems"}, True),
}


def dialect(schema: object, openapi: object) -> Dialect:
    """The dialect of a document: its `$schema`, OpenAPI 3.1's, else draft 7 (AsyncAPI's)."""
    uri = schema.rstrip("#") if isinstance(schema, str) else ""
    if uri == DRAFT2019:
        return _DIALECTS[DRAFT2019]
    newer = isinstance(openapi, str) and openapi.startswith("3.1") and not uri
    return _DIALECTS[DRAFT2020 if newer or uri.startswith(_NEW) else DRAFT7]
