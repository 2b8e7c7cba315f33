"""Schemas that follow one another, each several times in the one before, take bounded time.

None contains itself. Tried one within the other, the last of 96 would be tried 2**96 times. A body
is read in a process that may take so much CPU and memory and no more, and ends by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca.messages.values.checked_once import Ways, checked_once
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from tests.size.shapes import components, ref
from tests.support.models import document, imported, sources

LENGTHS = ((24, 96), pytest.param((12, 48), marks=pytest.mark.soak))
SECONDS, BYTES = 20, 2 << 30
"""Far above what it takes, and far below what is tried in vain: years."""
Made = dict[str, Any]


def objects(following: Made, **more: Any) -> Made:
    return {"type": "object", "properties": {"a": following}, **more}


def two(following: Made, **of_the_second: Any) -> list[Made]:
    return [objects(following), objects(following, **of_the_second)]


KINDS: dict[str, Callable[[Made], Made]] = {
    "if, then and else": lambda f: {
        "type": "object",
        "if": {"properties": {"a": f}},
        "then": {"properties": {"a": f}},
        "else": {"properties": {"a": f}},
    },
    "if, of the same value": lambda f: {"if": f, "then": f, "else": f},
    "anyOf beside allOf, of the same value": lambda f: {"anyOf": [f, f], "allOf": [f, f]},
    "oneOf, of the same value": lambda f: {"oneOf": [f, {"allOf": [f], "required": ["b"]}]},
    "oneOf": lambda f: {"oneOf": two(f, required=["b"])},
    "anyOf": lambda f: {"anyOf": two(f, required=["b"])},
    "anyOf in a field": lambda f: objects({"anyOf": [f, {"allOf": [f], "required": ["b"]}]}),
    "anyOf in allOf": lambda f: {"allOf": [objects(f), {"anyOf": two(f, required=["b"])}]},
    "oneOf in allOf in anyOf": lambda f: {
        "anyOf": [{"allOf": [{"oneOf": two(f, required=["b"])}]}, {"type": "array", "items": f}]
    },
    "not": lambda f: objects(f, **{"not": {"properties": {"a": {"not": f}}, "required": ["a"]}}),
    "dependentSchemas": lambda f: objects(f, dependentSchemas={"a": {"properties": {"a": f}}}),
    "contains": lambda f: {"type": ["array", "string"], "items": f, "contains": f},
    "patternProperties": lambda f: objects(f, patternProperties={"^a": f}),
    "prefixItems": lambda f: {
        "type": "array",
        "anyOf": [{"prefixItems": [f]}, {"prefixItems": [f], "minItems": 1}],
        "allOf": [{"items": f}],
    },
    "items": lambda f: {
        "anyOf": [
            {"type": "array", "items": f},
            {"type": "array", "items": f, "minItems": 1},
            {"type": "string"},
        ]
    },
    "additionalProperties": lambda f: {
        "anyOf": [
            {"type": "object", "additionalProperties": f},
            {"type": "object", "additionalProperties": f, "minProperties": 1},
        ]
    },
    "null": lambda f: {
        "anyOf": [*two({"anyOf": [f, {"type": "null"}]}, required=["b"]), {"type": "null"}]
    },
    "unevaluatedProperties": lambda f: {
        "type": "object",
        "anyOf": [{"properties": {"a": f}}, {"properties": {"a": f}, "required": ["b"]}],
        "unevaluatedProperties": f,
    },
    "unevaluatedItems": lambda f: {
        "type": "array",
        "anyOf": [{"prefixItems": [f]}, {"prefixItems": [f], "minItems": 1}],
        "unevaluatedItems": f,
    },
}
TOLD = {"if, of the same value", "oneOf, of the same value"}
"""Kinds of which long ones are refused: jsonschema-rs remembers nothing of a text or number."""
READING = """
import importlib, json, resource, sys
from jararaca import DecodeError
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
for package, values in json.load(sys.stdin):
    message = importlib.import_module(package + ".messages").M
    said = set()
    for value in values:
        try:
            read = message.decode(json.dumps(value).encode())
        except DecodeError as error:
            assert len(str(error)) < 100_000
            said.add("refused")
        else:
            assert json.loads(read.encode()) == value
            said.add("accepted")
    print(*sorted(said))
"""


def chain(kind: str, count: int) -> Made:
    """So many schemas, and a last one that takes some values."""
    made = components(lambda n, following: KINDS[kind](following), count)
    return {**made, f"S{count}": {"type": ["object", "array", "string"], "maxItems": 1}}


def nested(level: Callable[[Any], Any], value: Any, count: int) -> Any:
    for _ in range(count):
        value = level(value)
    return value


def values(count: int) -> list[Any]:
    """Values as deep as the chain, all of objects, lists or others' names."""
    found = []
    leaves: tuple[Any, ...] = ({}, 1, "x", [1, 2])
    for level in (lambda inner: {"a": inner}, lambda inner: [inner], lambda inner: {"b": inner}):
        for value in leaves:
            found.append({"r": nested(level, value, count)})
    return found


def is_told(folder: Path, root: Made) -> bool:
    """Whether it is refused to compile a document, for what it would cost to check."""
    (folder / "test.json").write_text(json.dumps(root), encoding="utf-8")
    documents, _ = load(["test.json"], folder)
    _, found = lower(documents, None, Resolver(documents))
    codes = {each.code for each in found if each.severity == "error"}
    assert codes <= {"too-many-evaluations"}
    return bool(codes)


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_chains_of_any_length_are_checked_or_told(
    kind: str, lengths: tuple[int, ...], tmp_path: Path
) -> None:
    packages = []
    for count in lengths:
        payload = {"type": "object", "properties": {"r": ref(0)}}
        root = document({"M": payload}, chain(kind, count))
        if is_told(tmp_path, root):
            assert kind in TOLD
            continue
        module = imported(tmp_path, sources(tmp_path, root))
        packages.append((module.__package__, [*values(count), {"r": None}]))
    done = subprocess.run(
        [sys.executable, "-c", READING.format(seconds=SECONDS, bytes=BYTES)],
        input=json.dumps(packages),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.splitlines() == ["accepted refused"] * len(packages)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_checked_once_is_checked_the_same(kind: str) -> None:
    text = json.dumps(chain(kind, 3)).replace("#/components/schemas/", "#/$defs/")
    check = {"$ref": "#/$defs/S0", "$defs": json.loads(text)}
    plain, once = (
        jsonschema_rs.Draft202012Validator(each) for each in (check, checked_once(check))
    )
    for depth in range(6):
        for value in (each["r"] for each in values(depth)):
            assert once.is_valid(value) == plain.is_valid(value), value


def test_what_does_not_multiply_is_left_as_it_is() -> None:
    linked: Made = {
        f"D{n}": {"properties": {key: {"$ref": f"#/$defs/D{n + 1}"} for key in "ab"}}
        for n in range(100)
    }
    assert not Ways({**linked, "D100": True}).are_many({"$ref": "#/$defs/D0"})
