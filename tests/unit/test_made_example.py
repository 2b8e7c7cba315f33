"""An example that is made from a schema is valid under it, or there is none."""

from __future__ import annotations

from typing import Any

import pytest
from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.site.code.typescript import typescript
from jararaca_compiler.emit.site.schemas.made_example import Absent, made_example
from jararaca_compiler.references.resolver import Found, UnresolvedRefError

TREE = {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "t#/Tree"}},
    "parent": {"oneOf": [{"$ref": "t#/Tree"}, {"type": "null"}]},
}}  # fmt: skip
MADE: list[tuple[Any, Any]] = [
    ({"type": "string"}, "value"),
    ({"type": "string", "minLength": 8}, "valuexxx"),
    ({"type": "string", "maxLength": 2}, "va"),
    ({"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"}, "AAA-0"),
    ({"type": "string", "format": "date"}, "2026-01-31"),
    ({"type": "integer"}, 1),
    ({"type": "integer", "minimum": 3.5}, 4),
    ({"type": "integer", "exclusiveMinimum": 3}, 4),
    ({"type": "integer", "maximum": -5}, -5),
    ({"type": "number", "multipleOf": 0.5, "minimum": 0.7}, 1.0),
    ({"type": "number", "minimum": 0, "maximum": 0.5}, 0),
    ({"type": ["null", "boolean"]}, True),
    ({"const": 7}, 7),
    ({"enum": ["a", "b"]}, "a"),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key": 1}),
    ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, 1),
    ({"properties": {"a": {"type": "integer"}}, "oneOf": [{"required": ["a"]}]}, {"a": 1}),
    ({"allOf": [{"$ref": "t#/Tree"}]}, {"name": "name"}),
    ({"type": "object", "properties": {"orderId": {}}}, {"orderId": "order id"}),
]
NONE: list[Any] = [
    False,
    {"type": "string", "pattern": "^(?=a)b$"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True},
    {"$ref": "t#/Endless"},
]


def lookup(ref: str) -> Found:
    known: dict[str, Any] = {
        "t#/Tree": TREE,
        "t#/Base": {
            "properties": {"kind": {"type": "string"}},
            "oneOf": [{"$ref": "t#/Heir"}, {"$ref": "t#/Tree"}],
        },
        "t#/Heir": {"allOf": [{"$ref": "t#/Base"}, {"required": ["other"]}]},
        "t#/Endless": {"required": ["a"], "properties": {"a": {"$ref": "t#/Endless"}}},
    }
    if ref not in known:
        raise UnresolvedRefError(ref)
    return Found(known[ref], "t", ref.partition("#")[2])


def payload(schema: Any) -> ir.Payload:
    return ir.Payload(schema, "d", "/p", Span("d"))


@pytest.mark.parametrize(("schema", "value"), MADE)
def test_a_value_is_made(schema: Any, value: Any) -> None:
    assert made_example(payload(schema), lookup) == value


@pytest.mark.parametrize("schema", NONE)
def test_none_is_made_where_none_was_found(schema: Any) -> None:
    assert made_example(payload(schema), lookup) == Absent()


def test_a_type_that_contains_itself_has_a_name_of_its_own() -> None:
    message = _message({"type": "object", "required": ["a b"], "properties": {
        "a b": {"enum": ["x", 1]}, "tree": {"$ref": "t#/Tree"},
    }})  # fmt: skip
    assert typescript(message, lookup) == (
        'export type Grown = {\n  "a b": "x" | 1;\n  tree?: Tree;\n};\n'
        "\nexport type Tree = {\n  name: string;\n  children?: Tree[];\n"
        "  parent?: Tree | null;\n};\n"
    )


def test_an_heir_is_not_itself_again_and_an_undeclared_field_is_unknown() -> None:
    message = _message({"oneOf": [{"$ref": "t#/Heir"}], "type": "object"})
    text = typescript(message, lookup)
    assert 'export type Heir = {\n  kind?: string;\n  "other": unknown;\n};\n' in text


def _message(schema: Any) -> ir.Message:
    return ir.Message(
        *("grown", "Grown", "event", "t", (), payload(schema), None, None, False),
        *("application/json", None, None, None, (), False, (), Span("d")),
    )
