"""Schemas of other dialects in the words of JSON Schema 2020-12: drafts 4 to 2019-09, OpenAPI."""

from __future__ import annotations

import re
from typing import Any

SCHEMA_ID = "x-parser-schema-id"
"""What AsyncAPI's parser calls a schema; without it, one outside of `components.schemas` is
`<anonymous-schema-1>`, and a class that is made of it is called so too."""
_MODERN = re.compile(r"draft/(2019-09|2020-12)")
_MODERN_FORMAT = re.compile(
    r"application/(schema(\+json|\+yaml)?\s*;.*(2019-09|2020-12)"
    r"|vnd\.oai\.openapi(\+json|\+yaml)?\s*;\s*version=3\.[1-9])"
)
_BESIDE_REF = frozenset(
    {"title", "description", "examples", "example", "default", "deprecated", "nullable"}
    | {"readOnly", "writeOnly"}
)


_VALUES = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "const", "enum"}
)
"""What may refuse null whatever the `type`."""
_NOTES = frozenset(
    {"title", "description", "examples", "example", "default", "deprecated"}
    | {"readOnly", "writeOnly", "externalDocs"}
)


def is_modern_document(root: Any) -> bool | None:
    """Whether keywords beside `$ref` count (2019-09 and later); None where the document is silent.

    AsyncAPI's own schemas are draft 7's, those of OpenAPI 3.0 have the same rule.
    """
    if not isinstance(root, dict):
        return None
    if isinstance(root.get("$schema"), str):
        return is_modern_dialect(root["$schema"])
    if isinstance(root.get("openapi"), str):
        return not root["openapi"].startswith("3.0")
    return False if "asyncapi" in root or "swagger" in root else None


def is_modern_dialect(uri: str) -> bool:
    """Whether a `$schema` names 2019-09 or later; an unknown one is taken to be modern."""
    return _MODERN.search(uri) is not None or "json-schema.org/draft-" not in uri


def is_modern_format(format: str) -> bool:
    """Whether a `schemaFormat` names 2019-09 or later, or OpenAPI 3.1."""
    return _MODERN_FORMAT.match(format) is not None


def without_siblings(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose `$ref` stands alone, but for what describes it (draft 7, section 8.3)."""
    if not isinstance(schema.get("$ref"), str):
        return schema
    return {
        key: value
        for key, value in schema.items()
        if key == "$ref" or key in _BESIDE_REF or key.startswith("x-")
    }


def normalised(schema: dict[str, Any], *, modern: bool) -> dict[str, Any]:
    """The same schema in 2020-12; its subschemas have been normalised already."""
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    schema.pop("additionalItems", None)
    dependencies = schema.pop("dependencies", None)  # Since 2019-09 a word that says nothing.
    if isinstance(dependencies, dict) and not modern:
        _split(dependencies, schema)
    _exclusive_bounds(schema)
    _single_choices(schema)
    return _refusing(_nullable(schema))


def shortened(schema: dict[str, Any]) -> dict[str, Any] | bool:
    """False for what says only that it refuses everything: `not: {}`, as false is published."""
    is_false = schema.keys() - {SCHEMA_ID} == {"not"} and schema["not"] in (True, {})
    return False if is_false else schema


def _split(dependencies: dict[str, Any], schema: dict[str, Any]) -> None:
    for name, value in dependencies.items():
        keyword = "dependentRequired" if isinstance(value, list) else "dependentSchemas"
        known = schema.get(keyword)
        schema[keyword] = {**(known if isinstance(known, dict) else {}), name: value}


def _exclusive_bounds(schema: dict[str, Any]) -> None:
    """Draft 4's and OpenAPI 3.0's flags, beside `minimum` and `maximum`."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)


def _single_choices(schema: dict[str, Any]) -> None:
    """A choice of one schema is that schema; a discriminator names what it chooses from."""
    for key in ("oneOf", "anyOf") if "discriminator" not in schema else ():
        choices = schema.get(key)
        if isinstance(choices, list) and len(choices) == 1:
            schema["allOf"] = [*schema.get("allOf", ()), *schema.pop(key)]


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's `nullable`: null is valid besides what the schema says."""
    if schema.pop("nullable", None) is not True:
        return schema
    has_type = isinstance(schema.get("type"), str | list)
    if not _VALUES & schema.keys():
        if has_type:
            return {**schema, "type": _with_null(schema["type"])}
        return _or_null(schema) if schema.keys() - _NOTES else schema
    if isinstance(schema.get("enum"), list) and not (_VALUES - {"enum"}) & schema.keys():
        if has_type:
            schema["type"] = _with_null(schema["type"])
        if None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return _or_null(schema)


def _refusing(schema: dict[str, Any]) -> dict[str, Any]:
    """An `enum` of nothing as `not`: AsyncAPI's own schema has no empty `enum`."""
    if schema.get("enum") != []:
        return schema
    rest = {key: value for key, value in schema.items() if key != "enum"}
    if "not" not in rest:
        return {**rest, "not": True}
    return {**rest, "allOf": [*rest.get("allOf", []), {"not": True}]}


def _with_null(kinds: str | list[Any]) -> list[Any]:
    """The types, each once: JSON Schema refuses a type that is listed twice."""
    listed = kinds if isinstance(kinds, list) else [kinds]
    return listed if "null" in listed else [*listed, "null"]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null; what describes it describes the whole."""
    notes = {key: value for key, value in schema.items() if key in _NOTES}
    inner = {key: value for key, value in schema.items() if key not in notes or key == "title"}
    return {**notes, "anyOf": [inner, {"type": "null"}]}
