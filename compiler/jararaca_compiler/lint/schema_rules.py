"""Rules about single schemas: one function a rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_compiler.lint.finding import Finding, LintContext
from jararaca_compiler.schemas.dialect import is_modern_document, without_siblings
from jararaca_compiler.schemas.json_numbers import is_number

_FORMATS = {
    "datetime": "date-time",
    "date_time": "date-time",
    "timestamp": "date-time",
    "iso8601": "date-time",
    "guid": "uuid",
    **{f"uuid{version}": "uuid" for version in range(1, 9)},
    "mail": "email",
    "e-mail": "email",
    "url": "uri",
    "ip": "ipv4",
    "ip4": "ipv4",
    "ip6": "ipv6",
    "regexp": "regex",
}
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
_LOWER = frozenset(low for low, _ in _BOUNDS)
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_KEYWORDS = {
    **dict.fromkeys(_NUMBERS, ("integer", "number")),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string",)),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems", "items"), ("array",)),
    **dict.fromkeys(("properties", "additionalProperties", "required"), ("object",)),
    **dict.fromkeys(("minProperties", "maxProperties", "patternProperties"), ("object",)),
}
_TOLD = frozenset({*_KEYWORDS, "type", "enum", "const", "format"})
_ELSEWHERE = ("allOf", "anyOf", "oneOf", "$ref", "if", "then", "else", "not", "patternProperties")
_LIMITS_TYPES = frozenset({*_ELSEWHERE, "enum", "const"})


def undeclared_required(context: LintContext) -> Iterator[Finding]:
    """A required name that the schema's own properties do not have."""
    for node in context.schemas:
        properties, required = node.value.get("properties"), node.get("required")
        if not isinstance(properties, dict) or required is None or _composed(node.value):
            continue
        if node.value.get("additionalProperties") not in (None, True, False):
            continue
        for item in required.elements():
            if isinstance(item.value, str) and item.value not in properties:
                yield context.find("undeclared-required", item, name=item.value)


def loose_discriminator(context: LintContext) -> Iterator[Finding]:
    """A variant that its discriminator names, and that JSON Schema does not tell from others."""
    for node in context.schemas:
        if "discriminator" in node.value:
            schema = context.resolver.schema(node).value
            place = node.at("discriminator", node.value["discriminator"])
            for name, value in context.discriminators.untold(schema):
                yield context.find("loose-discriminator", place, property=name, value=value)


def nameless_variant(context: LintContext) -> Iterator[Finding]:
    """A discriminator beside a variant that nothing can name."""
    for node in context.schemas:
        if "discriminator" in node.value:
            schema = context.resolver.schema(node).value
            name = context.discriminators.without_effect(schema)
            if name is not None:
                place = node.at("discriminator", node.value["discriminator"])
                yield context.find("nameless-variant", place, property=name)


def ignored_beside_ref(context: LintContext) -> Iterator[Finding]:
    """Constraints beside a `$ref` in a dialect that ignores them."""
    for node in context.schemas:
        document = context.documents.get(node.path) if "$ref" in node.value else None
        if document is None or is_modern_document(document.root) is not False:
            continue
        kept = without_siblings(node.value)
        lost = [k for k in node.value if k not in kept and k in _TOLD and _limits(node.value, k)]
        if lost:
            place = node.at(lost[0], node.value[lost[0]])
            names = ", ".join(f"`{name}`" for name in lost)
            yield context.find("ignored-beside-ref", place, key=True, keywords=names)


def _limits(schema: Mapping[str, Any], keyword: str) -> bool:
    """Whether a keyword says something: generators write a lot of `true`."""
    return schema[keyword] is not True and schema[keyword] not in ({}, [])


def unknown_format(context: LintContext) -> Iterator[Finding]:
    """A format that is meant to be one of JSON Schema's."""
    for node in context.schemas:
        format = node.value.get("format")
        meant = _FORMATS.get(format.lower()) if isinstance(format, str) else None
        if meant is not None and "string" in _types(node.value):
            place = node.at("format", format)
            yield context.find("unknown-format", place, format=format, meant=meant)


def properties_without_type(context: LintContext) -> Iterator[Finding]:
    """An object's keywords in a schema that also accepts everything else."""
    for node in context.schemas:
        properties = node.value.get("properties")
        if not isinstance(properties, dict) or _types(node.value):
            continue
        if _LIMITS_TYPES.isdisjoint(node.value):
            yield context.find(
                "properties-without-type", node.at("properties", properties), key=True
            )


def keyword_without_effect(context: LintContext) -> Iterator[Finding]:
    """A keyword for a type that the schema does not allow."""
    for node in context.schemas:
        types = _types(node.value)
        if not types or "$ref" in node.value:
            continue
        for keyword in node.value:
            meant = _KEYWORDS.get(keyword)
            if meant is not None and types.isdisjoint(meant):
                place = node.at(keyword, node.value[keyword])
                names = " or ".join(f"`{name}`" for name in sorted(types))
                yield context.find(
                    "keyword-without-effect", place, key=True, keyword=keyword, type=names
                )


def duplicate_enum_value(context: LintContext) -> Iterator[Finding]:
    """A value that an `enum` has twice."""
    for node in context.schemas:
        found: set[str] = set()
        enum = node.get("enum")
        for item in enum.elements() if enum is not None else ():
            text = json.dumps(item.value, sort_keys=True, ensure_ascii=False)
            if text in found:
                yield context.find("duplicate-enum-value", item, value=f"`{text}`")
            found.add(text)


def impossible_bounds(context: LintContext) -> Iterator[Finding]:
    """A lower bound above the upper one."""
    for node in context.schemas:
        for low, high in _BOUNDS if node.value.keys() & _LOWER else ():
            least, most = node.value.get(low), node.value.get(high)
            if is_number(least) and is_number(most) and least > most:
                place = node.at(low, least)
                yield context.find(
                    "impossible-bounds", place, low=f"{low}: {least}", high=f"{high}: {most}"
                )


def _composed(schema: dict[str, Any]) -> bool:
    return any(key in schema for key in _ELSEWHERE)


def _types(schema: dict[str, Any]) -> set[str]:
    found = schema.get("type")
    types = found if isinstance(found, list) else [found]
    return {name for name in types if isinstance(name, str)}
