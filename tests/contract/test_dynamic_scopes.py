"""`$dynamicRef` and `$recursiveRef` lead where the way to them says, as typed classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load

from tests.contract.compiling import Package, compiled

TREE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {
        "data": {"type": "integer"},
        "children": {"type": "array", "items": {"$dynamicRef": "#node"}},
    },
}
STRICT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/strict-tree",
    "$dynamicAnchor": "node",
    "$ref": "tree",
    "unevaluatedProperties": False,
}
NAMED = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/named-tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "tree": {"$ref": "tree"}},
}
DOCUMENT = """
    asyncapi: 3.0.0
    info: {title: Trees, version: 1.0.0}
    channels:
      a:
        address: a.b
        messages:
          Plain: {payload: {$ref: tree.json}}
          Strict: {payload: {$ref: strict-tree.json}}
          Named: {payload: {$ref: named-tree.json}}
"""
MISSPELT = {"children": [{"daat": 1}]}


def write(folder: Path) -> None:
    for name, schema in (("tree", TREE), ("strict-tree", STRICT), ("named-tree", NAMED)):
        (folder / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")


def accepts(package: Package, message: str, value: object) -> bool:
    try:
        getattr(package.messages, message).decode(json.dumps(value).encode())
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("message", "value", "accepted"),
    [
        ("Plain", MISSPELT, True),
        ("Strict", MISSPELT, False),
        ("Strict", {"children": [{"data": 1}]}, True),
        ("Named", {"name": "n", "tree": {"children": [{"name": "m"}]}}, True),
        ("Named", {"name": "n", "tree": {"children": [{"data": 1}]}}, False),
    ],
)
def test_the_first_resource_with_the_anchor_decides(
    message: str, value: object, accepted: bool, tmp_path: Path
) -> None:
    write(tmp_path)
    with compiled(tmp_path, DOCUMENT) as package:
        assert accepts(package, message, value) is accepted


def test_a_schema_in_another_scope_is_a_class_of_its_own(tmp_path: Path) -> None:
    write(tmp_path)
    with compiled(tmp_path, DOCUMENT) as package:
        schemas = package.generated("schemas.py")
        assert "class TreeInNamedTree(Model):" in schemas
        assert "children: Omittable[list[NamedTree]]" in schemas
        assert "class Tree(Model):" in schemas
        assert "children: Omittable[list[Tree]]" in schemas


def test_recursive_references_lead_to_the_outermost_anchor(tmp_path: Path) -> None:
    write(tmp_path)
    for name, schema in (("tree", TREE), ("strict-tree", STRICT), ("named-tree", NAMED)):
        text = json.dumps(schema).replace("2020-12", "2019-09")
        text = text.replace('"$dynamicAnchor": "node"', '"$recursiveAnchor": true')
        text = text.replace('"$dynamicRef": "#node"', '"$recursiveRef": "#"')
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    with compiled(tmp_path, DOCUMENT) as package:
        assert accepts(package, "Plain", MISSPELT)
        assert not accepts(package, "Strict", MISSPELT)
        assert not accepts(package, "Named", {"name": "n", "tree": {"children": [{}]}})


def test_more_scopes_than_anyone_writes_are_one_error(tmp_path: Path) -> None:
    """Each level is reached from two resources with an anchor of their own: 2 ** 14 scopes."""
    depth, definitions = 14, {}
    for level in range(depth):
        for side in "ab":
            ways = [{"$ref": f"{each}{level + 1}"} for each in "ab"]
            ends = [{"$dynamicRef": f"a{each}#at{each}"} for each in range(depth)]
            definitions[f"{side}{level}"] = {
                "$id": f"https://example.com/{side}{level}",
                "$dynamicAnchor": f"at{level}",
                "properties": {"x": {"anyOf": ways if level + 1 < depth else ends}},
            }
    schema = {"$id": "https://example.com/all", "$defs": definitions, "$ref": "a0"}
    (tmp_path / "all.json").write_text(json.dumps(schema), encoding="utf-8")
    document = DOCUMENT.split("Plain")[0] + "Plain: {payload: {$ref: all.json}}\n"
    (tmp_path / "contract.yaml").write_text(document, encoding="utf-8")
    documents, _ = load(["contract.yaml"], tmp_path)
    _, found = lower(documents)
    assert any("more than 2,000 meanings" in each.message for each in found)
