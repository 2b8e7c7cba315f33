"""A schema of the published document in the words of draft 7, the one that AsyncAPI means.

Draft 7 passes over words that it does not know, so that other readers would check less.
"""

from __future__ import annotations

from typing import Any


def in_draft_7(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, whose subschemas are in draft 7 already.

    What draft 7 cannot say stays as it is: `unevaluatedProperties`, `minContains` and their kin.
    """
    return _with_dependencies(_with_tuple(schema))


def _with_tuple(schema: dict[str, Any]) -> dict[str, Any]:
    """`items` is the list of the first items' schemas, `additionalItems` is for the others."""
    first = schema.get("prefixItems")
    if not isinstance(first, list) or not first:
        return schema
    made = {key: value for key, value in schema.items() if key not in ("prefixItems", "items")}
    others = {"additionalItems": schema["items"]} if "items" in schema else {}
    return {**made, "items": first, **others}


def _with_dependencies(schema: dict[str, Any]) -> dict[str, Any]:
    """`dependencies` has names and schemas; a property that has both is left as it is."""
    names = schema.get("dependentRequired", {})
    schemas = schema.get("dependentSchemas", {})
    if not isinstance(names, dict) or not isinstance(schemas, dict):
        return schema
    found = {**names, **schemas}
    if not found or names.keys() & schemas.keys():
        return schema
    words = ("dependentRequired", "dependentSchemas")
    made = {key: value for key, value in schema.items() if key not in words}
    return {**made, "dependencies": found}
