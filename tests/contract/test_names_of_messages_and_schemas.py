"""A schema that is called like a message is that schema wherever schemas refer to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from pydantic import ValidationError

from tests.contract.compiling import compiled

RELEASES = """
    asyncapi: 3.0.0
    info: {title: Releases, version: '1'}
    channels:
      a:
        address: a.b
        messages:
          Release:
            payload: {type: object, properties: {made: {$ref: '#/components/schemas/Made'}}}
          Root: {payload: {oneOf: [{$ref: '#/components/schemas/Made'}]}}
          Kind: {payload: {type: array, items: {$ref: '#/components/schemas/Made'}}}
    operations: {onA: {action: receive, channel: {$ref: '#/channels/a'}}}
    components:
      schemas:
        Made:
          type: object
          required: [release]
          properties:
            release: {$ref: '#/components/schemas/Release'}
            roots: {type: array, items: {$ref: '#/components/schemas/Root'}}
            kind: {$ref: '#/components/schemas/Kind'}
            inner: {type: object, properties: {release: {$ref: '#/components/schemas/Release'}}}
        Release: {type: object, required: [tag], properties: {tag: {type: integer}}}
        Root: {type: object, required: [r], properties: {r: {type: integer}}}
        Kind: {anyOf: [{$ref: '#/components/schemas/Root'}, {type: string}]}
    """
MADE = {
    "release": {"tag": 1},
    "roots": [{"r": 1}],
    "kind": {"r": 1},
    "inner": {"release": {"tag": 2}},
}
WRONG: list[dict[str, Any]] = [
    {"release": {"made": MADE}},
    {"release": {"tag": "x"}},
    {"release": {"tag": 1}, "roots": [MADE]},
    {"release": {"tag": 1}, "kind": [MADE]},
    {"release": {"tag": 1}, "inner": {"release": {}}},
]


@pytest.mark.parametrize("first", ["Release", "Root", "Kind"])
def test_whichever_message_comes_first(first: str, tmp_path: Path) -> None:
    with compiled(tmp_path, RELEASES) as package:
        classes = {name: getattr(package.messages, name) for name in ("Release", "Root", "Kind")}
        around: dict[str, Any] = {
            "Release": lambda v: {"made": v},
            "Root": lambda v: v,
            "Kind": lambda v: [v],
        }
        for name in (first, *(name for name in classes if name != first)):
            good = around[name](MADE)
            assert json.loads(classes[name].decode(json.dumps(good).encode()).encode()) == good
            for wrong in WRONG:
                with pytest.raises(DecodeError):
                    classes[name].decode(json.dumps(around[name](wrong)).encode())


def test_also_where_a_class_within_another_is_read_by_itself(tmp_path: Path) -> None:
    made = "{type: object, properties: {made: {$ref: '#/components/schemas/Made'}}}"
    inside = f"{{type: object, properties: {{release: {made}}}}}"
    with compiled(tmp_path, RELEASES.replace(made, inside)) as package:
        inner = package.messages.Release.Release
        assert inner.model_validate({"made": MADE}).made.release.tag == 1
        with pytest.raises(ValidationError):
            inner.model_validate({"made": WRONG[0]})
