"""A schema that contains itself and more, again and again, is written out once and then checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca import DecodeError

from tests.contract.compiling import compiled

WAYS = {
    "allOf": "{allOf: [{$ref: NODE}, {type: object, properties: {x: {type: integer}}}]}",
    "an array of them": "{type: array, items: {allOf: [{$ref: NODE}, {required: [x]}]}}",
    "beside a reference": "{$ref: NODE, properties: {x: {type: integer}}}",
    "or null": "{type: [object, 'null'], $ref: NODE, properties: {x: {type: integer}}}",
    "a mapping of them": "{additionalProperties: {$ref: NODE, required: [x]}}",
    "through another": "{allOf: [{$ref: '#/components/schemas/Other'}, {required: [x]}]}",
}
NODE = "'#/components/schemas/Node'"


def document(*properties: str) -> str:
    named = "".join(f"\n          c{index}: {each}" for index, each in enumerate(properties))
    text = f"""
asyncapi: 3.1.0
info: {{title: Nodes, version: 1.0.0}}
channels:
  a: {{address: a, messages: {{M: {{payload: {{$ref: NODE}}}}}}}}
components:
  schemas:
    Node:
        type: object
        properties:
          x: {{type: integer}}{named}
    Other:
        type: object
        properties:
          back: {{allOf: [{{$ref: NODE}}, {{required: [x]}}]}}
"""
    return text.replace("NODE", NODE)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_each_depth_is_checked(way: str, tmp_path: Path) -> None:
    with compiled(tmp_path, document(way)) as package:
        for depth in range(5):
            for x, good in ((1, True), ("no", False)):
                value: object = {"x": x}
                for _ in range(depth):
                    value = nested(way, value)
                try:
                    package.messages.M.decode(json.dumps(value).encode())
                except DecodeError:
                    assert not good, value
                else:
                    assert good, value


def nested(way: str, value: object) -> object:
    if "Other" in way:
        return {"x": 1, "c0": {"x": 1, "back": value}}
    if "array" in way:
        return {"x": 1, "c0": [value]}
    if "additional" in way:
        return {"x": 1, "c0": {"k": value}}
    return {"x": 1, "c0": value}


def test_many_of_them_are_not_multiplied(tmp_path: Path) -> None:
    ways = [WAYS["allOf"].replace("{x:", f"{{y{index}:") for index in range(12)]
    with compiled(tmp_path, document(*ways)) as package:
        assert package.generated("messages.py").count("class ") < 30
        package.messages.M.decode(b'{"c1": {"c2": {"c3": {"x": 1}}}}')


WITHOUT_TYPE = """
    asyncapi: 3.0.0
    info: {title: Bosses, version: 1.0.0}
    channels:
      a: {address: a, messages: {M: {payload: {$ref: '#/components/schemas/Group'}}}}
    components:
      schemas:
        Group: {type: object, properties: {party: {$ref: '#/components/schemas/Party'}}}
        Party: {type: object, KEY: [{$ref: '#/components/schemas/Person'}]}
        Person: {allOf: [{properties: {boss: {$ref: '#/components/schemas/Party'}}}]}
    """


@pytest.mark.parametrize("key", ["oneOf", "anyOf"])
def test_a_variant_that_gets_its_type_from_around_it_may_lead_back(
    key: str, tmp_path: Path
) -> None:
    with compiled(tmp_path, WITHOUT_TYPE.replace("KEY", key)) as package:
        body = b'{"party":{"boss":{"boss":{}}}}'
        assert package.messages.M.decode(body).encode() == body
        for wrong in (b'{"party": 5}', b'{"party": {"boss": {"boss": 3}}}'):
            with pytest.raises(DecodeError, match="party"):
                package.messages.M.decode(wrong)
