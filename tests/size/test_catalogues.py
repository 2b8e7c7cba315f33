"""Catalogues in which a message may contain any other: what is the same is built once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError
from jararaca.messages.values import schema_check

from tests.support.models import compiled, document, sources

COUNT = 100
"""More than one validator takes in."""
VALUES: tuple[Any, ...] = (
    {"kind": "R1", "note": "x"},
    {"kind": "R1", "contained": [{"kind": "R2"}, {"kind": "R39", "contained": []}]},
    {"kind": "R1", "contained": [{"kind": "R777"}]},
    {"kind": "R1", "contained": ["text"]},
    {"kind": "R1", "contained": [None]},
    {"kind": "R1", "contained": [{"note": "x"}]},
)


def resource(number: int) -> dict[str, Any]:
    """As FHIR has them: no `type`, and a constant that says which it is."""
    return {
        "properties": {
            "kind": {"const": f"R{number}"},
            "note": {"type": "string"},
            "contained": {"type": "array", "items": {"$ref": "#/components/schemas/Any"}},
        },
        "required": ["kind"],
        "additionalProperties": False,
    }


def catalogue() -> dict[str, Any]:
    schemas = {f"R{n}": resource(n) for n in range(COUNT)}
    every = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    return {**schemas, "Any": {"oneOf": every}}


def judge(schema: Any, components: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": components}})


def accepts(cls: Any, value: Any) -> bool:
    try:
        return bool(json.loads(cls.decode(json.dumps(value).encode()).encode()) == value)
    except DecodeError:
        return False


def test_variants_without_a_type_are_told_by_their_constant(tmp_path: Path) -> None:
    ref, components = {"$ref": "#/components/schemas/R1"}, catalogue()
    module = compiled(tmp_path, {"M": ref}, components)
    said = judge(ref, components)
    assert [accepts(module.M, value) for value in VALUES] == [said.is_valid(v) for v in VALUES]
    schemas = vars(module)["schemas"]
    built = [n for n in range(COUNT) if getattr(schemas, f"R{n}").__pydantic_complete__]
    assert set(built) <= {1, 2, 39}  # Only what values were of.


@pytest.mark.parametrize("key", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    "variants",
    [
        [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {}}}],
        [{"properties": {"a": {"const": "x"}}, "required": ["a"]}, {"type": "string"}],
        [{"properties": {"a": {}}}, {"properties": {"b": {}}}, {"type": "null"}],
        [{"properties": {"a": {}}}, {"properties": {"b": {}}, "minLength": 2}],
        [
            {"properties": {"a": {"const": "x"}}, "required": ["a"]},
            {"properties": {"a": {"const": "y"}}, "required": ["a"]},
            {"type": "object", "properties": {"a": {"const": "z"}}, "required": ["a"]},
        ],
        [
            {"properties": {"a": {"const": "x"}}, "required": ["a"], "not": {"type": "string"}},
            {"properties": {"a": {"const": "y"}}, "required": ["a"]},
        ],
    ],
)
def test_variants_without_a_type_take_what_json_schema_takes(
    key: str, variants: list[Any], tmp_path: Path
) -> None:
    cls = compiled(tmp_path, {"M": {key: variants}}).M
    said = judge({key: variants}, {})
    values: list[Any] = [None, True, 1, "", "ab", [], {}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}]
    values += [{"a": tag} for tag in ("x", "y", "z", "w")]
    assert [accepts(cls, value) for value in values] == [said.is_valid(v) for v in values]


def linked(number: int) -> dict[str, Any]:
    """What no type of Python says, about the whole catalogue."""
    names = [f"#/components/schemas/L{other}" for other in (number + 1, number * 2)]
    properties = {"a": {"$ref": f"#/components/schemas/L{(number + 1) % COUNT}"}}
    return {
        "type": "object",
        "properties": {**properties, "$ref": {"type": "string"}, "const": {"type": "integer"}},
        "not": (
            {"properties": {"a": {"$ref": names[0 if number + 1 < COUNT else 1]}}}
            if number == 0
            else {"required": ["b"], "properties": {"b": {"const": {"$ref": "nowhere"}}}}
        ),
    }


def test_checks_share_the_definitions_that_they_reach(tmp_path: Path) -> None:
    components = {f"L{n}": linked(n) for n in range(COUNT)}
    word = {"not": {"$ref": "#/components/schemas/L3"}}
    payload = {"type": "object", "properties": {"x": word, "y": word}}
    texts = sources(tmp_path, document({"M": payload}, components))
    assert "DEFINITIONS" in texts["messages.py"]
    cls = compiled(tmp_path, {"M": payload}, components).M
    said = judge(payload, components)
    schema_check._validator.cache_clear()
    values: list[Any] = [
        {},
        {"x": 1},
        {"x": {}, "y": 1},
        {"x": {"b": {"$ref": "nowhere"}}},
        {"y": {"a": {"a": {"const": 1}}}},
        {"y": {"a": {"a": {"const": "1"}}}},
    ]
    assert [accepts(cls, value) for value in values] == [said.is_valid(v) for v in values]
    assert schema_check._validator.cache_info().currsize == 1
