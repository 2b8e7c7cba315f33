"""Classes of random schemas agree with a JSON Schema validator on random values, null above all."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError, Message

from tests.properties.judged_schemas import Maker, as_json_schema, without_circles
from tests.support.models import compiled

MESSAGES = 25
VALUES = 25


def takes(cls: type[Message], value: Any) -> bool:
    """Whether a class takes a value, which it then writes as it came."""
    try:
        message = cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    assert json.loads(message.encode()) == value
    return True


@pytest.mark.parametrize("seed", range(8))
def test_classes_agree_with_a_validator(seed: int, tmp_path: Path) -> None:
    maker = Maker(Random(seed))
    components = maker.components()
    payloads = {f"M{number}": maker.schema(3) for number in range(MESSAGES)}
    without_circles(components)
    module = compiled(tmp_path, payloads, components)
    definitions = {"components": {"schemas": as_json_schema(components)}}
    for name, payload in payloads.items():
        judge = jsonschema_rs.Draft202012Validator(
            {"allOf": [as_json_schema(payload)], **definitions}
        )
        cls = getattr(module, name)
        for _ in range(VALUES):
            value = maker.value(payload, components)
            for each in (value, maker.mutated(value)):
                assert takes(cls, each) == judge.is_valid(each), (payload, components, each)


@pytest.mark.parametrize("seed", range(100, 106))
def test_a_class_describes_what_it_takes(seed: int, tmp_path: Path) -> None:
    maker = Maker(Random(seed))
    components = maker.components()
    payloads = {f"M{number}": maker.schema(3) for number in range(MESSAGES)}
    without_circles(components)
    module = compiled(tmp_path, payloads, components)
    for name, payload in payloads.items():
        cls = getattr(module, name)
        described = jsonschema_rs.Draft202012Validator(cls.model_json_schema())
        for _ in range(VALUES):
            value = maker.value(payload, components)
            for each in (value, maker.mutated(value)):
                assert takes(cls, each) == described.is_valid(each), (payload, each)
