"""A discriminator tells variants apart, wherever they stand and however its mapping names them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError

from tests.contract.compiling import compiled

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
CAT = {"type": "object", "required": ["k"], "properties": {"k": TEXT, "n": NUMBER}}
DOG = {"type": "object", "required": ["k"], "properties": {"k": TEXT, "n": TEXT}}
PETS = {"Cat": CAT, "Dog": DOG}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def told(by: Any, *variants: Any, key: str = "oneOf") -> Schema:
    return {key: list(variants), "discriminator": by}


def of(k: Schema, *required: str, **properties: Schema) -> Schema:
    """An object that is told by its `k`."""
    return {"type": "object", "required": ["k", *required], "properties": {"k": k, **properties}}


@dataclass(frozen=True)
class Case:
    payload: Schema
    components: Schema
    good: list[Any]
    bad: list[Any]
    files: dict[str, Any] = field(default_factory=dict)


BY_K = {"propertyName": "k"}
LISTED = {"type": "array", "items": told(BY_K, ref("Cat"), ref("Dog"), {"type": "null"})}
IN_FOLDER = {"c": "cat.json", "d": "./dog.json"}
IN_FILES = told(
    {"propertyName": "k", "mapping": IN_FOLDER}, {"$ref": "cat.json"}, {"$ref": "dog.json"}
)
NESTED = {"propertyName": "n", "mapping": {"1": "One", "2": "#/components/schemas/Two"}}
CASES = {
    "mapping by name": Case(
        told({"propertyName": "k", "mapping": {"c": "Cat"}}, ref("Cat"), ref("Dog")),
        PETS,
        [{"k": "c", "n": 1}, {"k": "Dog", "n": "x"}],
        [{"k": "Cat"}, {"k": "c", "n": "x"}, {"k": "z"}, {"n": 1}],
    ),
    "mapping by the names of files": Case(
        {"$ref": "pets/pet.json"},
        {},
        [{"k": "c", "n": 1}, {"k": "d", "n": "x"}],
        [{"k": "c", "n": "x"}, {"k": "cat.json"}],
        {"pets/pet.json": IN_FILES, "pets/cat.json": CAT, "pets/dog.json": DOG},
    ),
    "within one another": Case(
        told({"propertyName": "k", "mapping": {"d": "Dog", "n": "Nest"}}, ref("Dog"), ref("Nest")),
        {"Dog": DOG, "Nest": told(NESTED, ref("One"), ref("Two")), "One": DOG, "Two": DOG},
        [{"k": "d", "n": "x"}, {"k": "n", "n": "1"}, {"k": "n", "n": "2"}],
        [{"k": "n", "n": "3"}, {"k": "n"}],
    ),
    "null among the variants": Case(
        {
            "type": "object",
            "properties": {"list": LISTED, "one": {"$ref": "#/components/schemas/P"}},
        },
        {**PETS, "P": told("k", {"type": "null"}, ref("Cat"), ref("Dog"), key="anyOf")},
        [{"list": [{"k": "Cat", "n": 1}, None], "one": None}, {"one": {"k": "Dog", "n": "x"}}],
        [{"list": [{"k": "Cat", "n": "x"}]}, {"one": {"k": "z"}}, {"one": 1}],
    ),
    "children in another file": Case(
        told("k", {"$ref": "pets.json#/Cat"}, {"$ref": "pets.json#/Cow"}),
        {"Pet": {"type": "object", "required": ["k"], "properties": {"k": TEXT}}},
        [{"k": "Cat", "m": 1}, {"k": "Cow"}],
        [{"k": "Cat"}, {"k": "Dog"}],
        {
            "pets.json": {
                "Cat": {
                    "allOf": [{"$ref": "main.json#/components/schemas/Pet"}],
                    "required": ["m"],
                },
                "Cow": {"allOf": [{"$ref": "main.json#/components/schemas/Pet"}]},
            }
        },
    ),
    "numbers": Case(
        told(BY_K, ref("A"), ref("B")),
        {"A": of({"const": 1}, n=NUMBER), "B": of({"enum": [2, 3]}, n=TEXT)},
        [{"k": 1, "n": 1}, {"k": 2, "n": "x"}, {"k": 3}],
        [{"k": 1, "n": "x"}, {"k": 4}, {"k": "A"}, {"k": True}],
    ),
    "booleans": Case(
        told(BY_K, ref("A"), ref("B")),
        {"A": of({"const": True}, n=NUMBER), "B": of({"const": False}, n=TEXT)},
        [{"k": True, "n": 1}, {"k": False, "n": "x"}],
        [{"k": True, "n": "x"}, {"k": "B"}, {"k": 1}],
    ),
    "numbers of a mapping": Case(
        told({"propertyName": "k", "mapping": {"1": "A", "2": "B"}}, ref("A"), ref("B")),
        {"A": of(NUMBER, n=NUMBER), "B": of(NUMBER, n=TEXT)},
        [{"k": 1, "n": 1}, {"k": 2, "n": "x"}],
        [{"k": 1, "n": "x"}, {"k": 3}, {"k": "1"}],
    ),
    "enumerations of their own": Case(
        told(BY_K, ref("A"), ref("B")),
        {
            "A": of(ref("KA"), n=NUMBER),
            "B": of({"allOf": [ref("KB")]}, n=TEXT),
            "KA": {"type": "string", "enum": ["a", "aa"]},
            "KB": {"type": "string", "enum": ["b"]},
        },
        [{"k": "a", "n": 1}, {"k": "aa"}, {"k": "b", "n": "x"}],
        [{"k": "a", "n": "x"}, {"k": "A"}, {"k": "c"}],
    ),
    "enumerations, and no discriminator": Case(
        {"oneOf": [ref("A"), ref("B"), {"type": "null"}]},
        {
            "A": of(ref("KA"), n=NUMBER),
            "B": of({"const": "b"}, n=TEXT),
            "KA": {"type": "string", "enum": ["a"]},
        },
        [{"k": "a", "n": 1}, {"k": "b", "n": "x"}, None],
        [{"k": "a", "n": "x"}, {"k": "c"}, {"n": 1}],
    ),
    "a constant that is all of another": Case(
        told(BY_K, ref("A"), ref("B")),
        {"A": of({"allOf": [{"const": "a"}]}, n=NUMBER), "B": of({"const": "b"}, n=TEXT)},
        [{"k": "a", "n": 1}, {"k": "b"}],
        [{"k": "A"}, {"k": "a", "n": "x"}],
    ),
    "variants that nothing names": Case(
        told(BY_K, of(TEXT, "a", a=NUMBER), of(TEXT, "b", b=NUMBER)),
        {},
        [{"k": "x", "a": 1}, {"k": "x", "b": 1}],
        [{"k": "x"}, {"k": "x", "a": 1, "b": 1}],
    ),
    "three generations": Case(
        ref("A"),
        {
            "A": {
                "type": "object",
                "discriminator": "t",
                "required": ["t"],
                "properties": {"t": TEXT},
            },
            "B": {"allOf": [ref("A"), {"required": ["b"]}]},
            "C": {"allOf": [ref("B"), {"required": ["c"]}]},
        },
        [{"t": "B", "b": 1}, {"t": "C", "b": 1, "c": 1}],
        [{"t": "C", "b": 1}, {"t": "B"}, {"t": "D"}],
    ),
}


def takes(cls: Any, value: Any) -> bool:
    try:
        message = cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    assert json.loads(message.encode()) == value
    return True


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_value_is_of_the_variant_that_it_names(case: Case, tmp_path: Path) -> None:
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Pets", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": {"M": {"payload": case.payload}}}},
        "components": {"schemas": case.components},
    }
    for name, content in case.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    with compiled(tmp_path, json.dumps(document), name="main.json") as pets:
        assert [v for v in case.good if not takes(pets.messages.M, v)] == []
        assert [v for v in case.bad if takes(pets.messages.M, v)] == []
