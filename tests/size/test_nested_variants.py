"""What a message costs to read grows with its length, whatever its schema makes of each level.

Each shape leads back to itself twice: tried one within the other, forty levels would be 2**40 ways.
A body is read in a process that may take so much CPU and memory and no more, and ends by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.models import document, imported, sources

LEVELS = 60
SECONDS, BYTES = 20, 2 << 30
"""Far above what it takes, and far below what is tried in vain: years."""
ME = {"$ref": "#/components/schemas/Me"}


def objects(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": ME, **properties}}


OTHER = {**objects(b={"type": "string"}), "required": ["b"]}
SHAPES: dict[str, dict[str, Any]] = {
    "anyOf": {"anyOf": [objects(), objects(b={"type": "string"})]},
    "anyOf, the second fits": {
        "anyOf": [{**objects(), "required": ["z"]}, {**objects(), "additionalProperties": False}]
    },
    "oneOf": {"oneOf": [objects(), OTHER]},
    "oneOf, closed": {
        "oneOf": [
            {**objects(), "additionalProperties": False},
            {**objects(b=ME), "required": ["b"], "additionalProperties": False},
        ]
    },
    "anyOf in allOf": {"allOf": [objects(), {"anyOf": [objects(), {"required": ["b"]}]}]},
    "oneOf in allOf in anyOf": {
        "anyOf": [{"allOf": [{"oneOf": [objects(), OTHER]}]}, {"type": "array", "items": ME}]
    },
    "not": {
        **objects(),
        "not": {"properties": {"a": {"not": ME}}, "required": ["a", "b"]},
    },
    "if": {
        "type": "object",
        "if": {"properties": {"a": ME}},
        "then": {"properties": {"a": ME}},
        "else": {"properties": {"a": ME}},
    },
    "unevaluatedProperties": {
        "type": "object",
        "anyOf": [{"properties": {"a": ME}}, {"properties": {"a": ME, "b": ME}}],
        "unevaluatedProperties": False,
    },
    "dependentSchemas": {**objects(), "dependentSchemas": {"a": {"properties": {"a": ME}}}},
    "patternProperties": {
        "type": "object",
        "properties": {"a": ME},
        "patternProperties": {"^a": ME},
    },
    "lists": {
        "anyOf": [
            {"type": "array", "items": ME},
            {"type": "array", "items": ME, "minItems": 1},
            {"type": "string"},
        ]
    },
    "contains": {"type": ["array", "string"], "items": ME, "contains": ME},
    "dicts": {
        "anyOf": [
            {"type": "object", "additionalProperties": ME},
            {"type": "object", "additionalProperties": ME, "minProperties": 1},
            {"type": "string"},
        ]
    },
    "$dynamicRef": {
        "$id": "https://me.test/me",
        "$dynamicAnchor": "me",
        "anyOf": [
            {"type": "object", "properties": {"a": {"$dynamicRef": "#me"}}},
            {
                "type": "object",
                "properties": {"a": {"$dynamicRef": "#me"}, "b": {"type": "string"}},
            },
        ],
    },
}
READING = """
import json, resource, sys
from jararaca import DecodeError
from {package}.messages import M
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
for value in json.load(sys.stdin):
    body = json.dumps(value).encode()
    try:
        read = M.decode(body)
    except DecodeError as error:
        assert len(str(error)) < 100_000
        print("refused")
        continue
    assert json.loads(read.encode()) == value
    print("accepted")
"""


def nested(level: Callable[[Any], Any], leaf: Any) -> Any:
    for _ in range(LEVELS):
        leaf = level(leaf)
    return {"r": leaf}


VALUES = [
    nested(level, leaf)
    for level in (lambda inner: {"a": inner}, lambda inner: {"b": inner}, lambda inner: [inner])
    for leaf in ({}, {"b": "x"}, {"b": 1}, 1, "x")
]


def read(folder: Path, shape: dict[str, Any], values: list[Any]) -> list[str]:
    """What becomes of values, in a process with an end."""
    payload = {"type": "object", "properties": {"r": ME}}
    package = imported(folder, sources(folder, document({"M": payload}, {"Me": shape}))).__package__
    program = READING.format(package=package, seconds=SECONDS, bytes=BYTES)
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.split()


@pytest.mark.parametrize("name", SHAPES)
def test_a_value_in_which_every_level_is_ambiguous_is_read_or_refused(
    name: str, tmp_path: Path
) -> None:
    said = read(tmp_path, SHAPES[name], VALUES)
    assert len(said) == len(VALUES)
    assert "refused" in said


def test_of_many_reasons_the_first_are_told(tmp_path: Path) -> None:
    module = imported(tmp_path, sources(tmp_path, document({"M": ME}, {"Me": SHAPES["anyOf"]})))
    with pytest.raises(Exception, match=r"not a valid M: .*valid dict") as told:
        module.M.decode(json.dumps(nested(lambda inner: {"a": inner}, 1)["r"]).encode())
    assert len(told.value.violations) <= 20  # type: ignore[attr-defined]
