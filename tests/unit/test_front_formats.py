"""Avro and Protobuf schemas, and other dialects of JSON Schema, mean what they mean elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from .front import codes, compiled

AVRO = "application/vnd.apache.avro;version=1.9.0"
ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": "An order.",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "DONE"]}},
        {"name": "previous", "type": ["null", "State"], "default": None},
        {"name": "count", "type": "int", "minimum": 0, "doc": "How many."},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "prices", "type": {"type": "map", "values": "double"}},
        {"name": "hash", "type": ["null", {"type": "fixed", "name": "Md", "size": 2}]},
        {"name": "parts", "type": {"type": "array", "items": "shop.Order"}},
        {"name": "note", "type": ["string", "long"]},
    ],
}
GOOD: dict[str, Any] = {
    "id": "2b2f5c5e-35b5-4a39-9d8a-2b8b7b0a7c11",
    "state": "OPEN",
    "count": 1,
    "prices": {"a": 1.5},
    "parts": [],
    "note": 7,
}
PROTO = """
syntax = "proto3";
package shop;
message Line { int32 amount = 1; }
message Order {
  string order_id = 1;
  repeated Line lines = 2;
  map<string, int64> totals = 3;
  enum State { OPEN = 0; DONE = 1; }
  State state = 4;
  google.protobuf.Timestamp placed_at = 5 [json_name = "placed"];
  oneof payer { string card = 6; string invoice = 7; }
  Order parent = 8;
}
"""


def accepts(folder: Path, value: Any, *, name: str = "shop.yaml") -> bool:
    """Whether the first message's payload schema, references and all, accepts a value."""
    documents, _ = load([name], folder)
    resolver = Resolver(documents)
    (service,), _ = lower(documents, resolver=resolver)
    definitions: dict[str, Any] = {}

    def bundled(schema: Any) -> Any:
        if isinstance(schema, list):
            return [bundled(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        found = {key: bundled(item) for key, item in schema.items() if key != "$defs"}
        if isinstance(found.get("$ref"), str):
            ref = found["$ref"]
            key = ref.replace("/", "_").replace("#", "_").replace("~", "_")
            if key not in definitions:
                definitions[key] = True
                definitions[key] = bundled(resolver.lookup(ref).value)
            found["$ref"] = f"#/$defs/{key}"
        return found

    schema = bundled(service.messages[0].payload.schema)
    whole = {"allOf": [schema], "$defs": definitions}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(value)


def document(payload: Any, format: str | None = None) -> str:
    if format is not None:
        payload = {"schemaFormat": format, "schema": payload}
    return (
        "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
        f"channels: {{c: {{address: c, messages: {{m: {{payload: {json.dumps(payload)}}}}}}}}}\n"
    )


def test_an_avro_record_is_an_object(tmp_path: Path) -> None:
    service, found = compiled(tmp_path, document(ORDER, AVRO))
    assert found == ()
    schema = service.messages[0].payload.schema
    assert (schema["title"], schema["description"]) == ("Order", "An order.")
    assert schema["required"] == ["id", "state", "count", "prices", "parts", "note"]
    assert sorted(schema["$defs"]) == ["Md", "State"]
    assert schema["properties"]["count"]["description"] == "How many."


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"hash": "\u00ff\u0000", "previous": "DONE", "parts": [GOOD]}, True),
        ({"hash": None, "tags": ["a"]}, True),
        ({"state": "GONE"}, False),
        ({"previous": "GONE"}, False),
        ({"count": -1}, False),
        ({"count": 2**31}, False),
        ({"hash": "abc"}, False),
        ({"hash": "\u0100\u0100"}, False),
        ({"parts": [{}]}, False),
        ({"note": True}, False),
    ],
)
def test_an_avro_value_is_held_to_its_schema(
    tmp_path: Path, change: dict[str, Any], fits: bool
) -> None:
    compiled(tmp_path, document(ORDER, AVRO))
    assert accepts(tmp_path, {**GOOD, **change}) is fits


def test_an_avro_union_within_a_union_is_all_of_their_types(tmp_path: Path) -> None:
    within = [["null", "string"], "boolean"]
    payload = {**ORDER, "fields": [{"name": "note", "type": within}]}
    compiled(tmp_path, document(payload, AVRO))
    for value, fits in ((None, True), ("x", True), (True, True), (1, False)):
        assert accepts(tmp_path, {"note": value}) is fits


def test_an_avsc_file_is_avro_wherever_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "order.avsc").write_text(json.dumps(ORDER))
    for text in (
        document({"$ref": "./order.avsc"}),
        document({"$ref": "./order.avsc"}, AVRO),
        document({"$ref": "#/components/schemas/O"})
        + f"components: {{schemas: {{O: {{schemaFormat: {AVRO}, schema: {{$ref: order.avsc}}}}}}}}",
    ):
        _, found = compiled(tmp_path, text)
        assert found == ()
        assert accepts(tmp_path, GOOD)
        assert not accepts(tmp_path, {**GOOD, "state": "GONE"})


def test_an_avro_fault_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "order.avsc").write_text('{"type": "record", "name": "A", "fields": [\n{}]}')
    _, found = compiled(tmp_path, document({"$ref": "order.avsc"}))
    (fault,) = (d for d in found if d.code == "foreign-schema")
    assert (fault.span.path, fault.span.line) == ("order.avsc", 2)
    _, found = compiled(tmp_path, document({"type": "array", "items": "Gone"}, AVRO))
    assert "no type is called `Gone` in this file" in found[0].message


def test_an_avro_map_without_a_mapping_of_its_own_is_told_so(tmp_path: Path) -> None:
    record = {"type": "record", "name": "A", "fields": [{"name": "m", "type": "map"}]}
    (tmp_path / "a.avsc").write_text(json.dumps(record))
    text = """
    asyncapi: 3.0.0
    info: {title: T, version: '1'}
    channels: {c: {address: c, messages: {m: {payload: {$ref: 'a.avsc'}}}}}
    """
    _, (found,) = compiled(tmp_path, text)
    assert "`map` needs a mapping of its own: {type: map, ...}" in found.message


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({}, True),
        ({"orderId": "a", "lines": [{"amount": 1}], "totals": {"x": "12"}, "state": "DONE"}, True),
        ({"placed": "2026-01-01T00:00:00Z", "card": "x", "parent": {"invoice": "y"}}, True),
        ({"orderId": 1}, False),
        ({"lines": [{"amount": "1"}]}, False),
        ({"state": "GONE"}, False),
        ({"card": "x", "invoice": "y"}, False),
        ({"totals": {"x": "twelve"}}, False),
    ],
)
def test_a_protobuf_message_is_its_json_form(tmp_path: Path, value: Any, fits: bool) -> None:
    (tmp_path / "order.proto").write_text(PROTO)
    for payload in (PROTO, {"$ref": "order.proto"}):
        _, found = compiled(tmp_path, document(payload, "application/vnd.google.protobuf"))
        assert found == ()
        assert accepts(tmp_path, value) is fits


def test_a_protobuf_fault_is_told(tmp_path: Path) -> None:
    _, found = compiled(tmp_path, document("message {", "application/vnd.google.protobuf"))
    assert found[0].code == "foreign-schema"
    assert "line 1" in found[0].message


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"items": [{"type": "string"}], "additionalItems": False}, [["a"]], [[1], ["a", 1]]),
        ({"dependencies": {"a": ["b"]}}, [{"a": 1, "b": 1}, {}], [{"a": 1}]),
        ({"dependencies": {"a": {"required": ["b"]}}}, [{"b": 1}], [{"a": 1}]),
        ({"minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        (
            {
                "properties": {"a": {"$ref": "#/components/schemas/S", "minLength": 3}},
            },
            [{"a": "x"}],
            [{"a": 1}],
        ),
        (
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "properties": {"a": {"$ref": "#/components/schemas/S", "minLength": 3}},
            },
            [{"a": "xyz"}],
            [{"a": 1}, {"a": "x"}],
        ),
    ],
)
def test_each_dialect_is_held_to_its_own_rules(
    tmp_path: Path, schema: Any, good: list[Any], bad: list[Any]
) -> None:
    text = document(schema) + "components: {schemas: {S: {type: string}}}\n"
    _, found = compiled(tmp_path, text)
    assert [d for d in found if d.severity == "error"] == []
    assert all(accepts(tmp_path, value) for value in good)
    assert not any(accepts(tmp_path, value) for value in bad)


def test_references_are_relative_to_the_nearest_identifier(tmp_path: Path) -> None:
    schema = {
        "$id": "https://example.com/root.json",
        "type": "object",
        "properties": {
            "a": {"$id": "sub/item.json", "$ref": "leaf.json"},
            "b": {"$ref": "sub/leaf.json#/$defs/inner"},
            "c": {"$ref": "sub/leaf.json#named"},
        },
        "$defs": {
            "leaf": {
                "$id": "https://example.com/sub/leaf.json",
                "type": "string",
                "$defs": {"inner": {"type": "integer"}, "n": {"$anchor": "named", "const": 1}},
            },
        },
        "x-message-topic": "t",
        "title": "Root",
    }
    (tmp_path / "root.json").write_text(json.dumps(schema))
    documents, _ = load(["root.json"], tmp_path)
    _, found = lower(documents)
    assert codes(found) == []
    assert accepts(tmp_path, {"a": "x", "b": 1, "c": 1}, name="root.json")
    for value in ({"a": 1}, {"b": "x"}, {"c": 2}):
        assert not accepts(tmp_path, value, name="root.json")


def test_a_slash_in_a_key_that_is_not_escaped_is_understood(tmp_path: Path) -> None:
    text = document({"$ref": "#/components/schemas/a/b.c"})
    text += "components: {schemas: {a/b.c: {type: string}}}\n"
    _, found = compiled(tmp_path, text)
    assert codes(found) == ["unescaped-ref"]
    assert found[0].help is not None
    assert "#/components/schemas/a~1b.c" in found[0].help
    assert not accepts(tmp_path, 1)
