"""A value of the wrong type, wherever it stands, is told or published in a form that is valid."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from tests.corpus.test_published_again import assert_the_same_again, files, read
from tests.corpus.test_published_mutations import SCHEMA, SEED, originals
from tests.support.node_packages import node_packages

__all__ = ["node_packages"]

VALUES: tuple[Any, ...] = (
    *(None, 7, 1.5, -1, True, "text", "", [], ["x"], [1], [None], [{}], [[]]),
    *({}, {"a": 1}, {"a": {"b": None}}, {"type": "string"}),
)
SAMPLE = 60
LONG = int(os.environ.get("JARARACA_MUTATIONS", "1000")) * 10
Place = tuple[Any, ...]


def below(value: Any, at: Place = ()) -> Iterator[Place]:
    """The way to each part of a document."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*at, key)
            yield from below(value[key], (*at, key))


@cache
def documents() -> tuple[Any, ...]:
    return tuple({json.dumps(root): root for root in originals()}.values())


def changed(root: Any, place: Place, value: Any) -> Any:
    """The document with another value at a place, which may be new."""
    root = copy.deepcopy(root)
    container = root
    for key in place[:-1]:
        container = container[key]
    container[place[-1]] = copy.deepcopy(value)
    return root


def any_of(chance: random.Random) -> Any:
    """One of the documents with a value at one of its places that may be of a wrong type."""
    root = chance.choice(documents())
    return changed(root, chance.choice(list(below(root))), chance.choice(VALUES))


def assert_told_or_valid(root: Any, validator: Draft7Validator, folder: Path) -> None:
    (folder / "source.json").write_text(json.dumps(root), encoding="utf-8")
    contract, config = read(folder, "source.json")
    if not contract.is_sound or len(contract.services) != 1:
        return
    made = files(contract, config)
    text = next(source for path, source in made.items() if path.endswith("asyncapi.json"))
    wrong = [error.message for error in validator.iter_errors(json.loads(text))]
    assert wrong == [], json.dumps(root)
    assert_the_same_again(contract, config, folder)


@pytest.fixture(scope="module")
def validator(node_packages: Path) -> Draft7Validator:
    return Draft7Validator(json.loads((node_packages / SCHEMA).read_text()))


BODY = {"payload": {"type": "object", "required": ["a"]}}
SMALL: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "T", "version": "1"},
    "channels": {
        "a": {"address": "a", "bindings": {"amqp": {}, "ws": {}}, "messages": {"M": BODY}},
        "b": {"address": "b", "messages": {"N": {"payload": {"$ref": "#/components/schemas/S"}}}},
    },
    "operations": {
        "o": {
            "action": "send",
            "channel": {"$ref": "#/channels/a"},
            "bindings": {"http": {}},
            "reply": {"address": {"location": "$message.header#/r"}},
        }
    },
    "components": {"schemas": {"S": {"type": "string"}}},
}
CHANNEL, MESSAGE, OPERATION = (
    ("channels", "a"),
    ("channels", "a", "messages", "M"),
    ("operations", "o"),
)
CASES: tuple[tuple[Place, tuple[Any, ...]], ...] = (
    ((*CHANNEL, "address"), ("",)),
    ((*CHANNEL, "bindings", "amqp", "exchange"), ("text", 7, [{}])),
    ((*CHANNEL, "bindings", "amqp"), ({"is": "queue", "queue": ["x"]},)),
    ((*CHANNEL, "bindings", "ws", "headers"), ({"$ref": 7},)),
    ((*OPERATION, "bindings", "http", "bindingVersion"), ({"a": 1},)),
    ((*OPERATION, "bindings", "amqp"), ({"messageType": "a"}, {"messageTopic": "a"})),
    ((*OPERATION, "reply", "address", "location"), ("text",)),
    ((*MESSAGE, "headers"), ({},)),
    ((*MESSAGE, "payload", "required"), ([None],)),
    ((*MESSAGE, "payload", "properties"), ({"p": {"enum": None}}, {"p": {"enum": []}})),
    ((*MESSAGE, "payload", "discriminator"), ({"a": 1},)),
    (("components", "schemas", "S"), (True, False)),
    (("info", "version"), ("",)),
    ((*MESSAGE, "payload"), ({"schema": {"type": "object"}, "schemaFormatx": "a"},)),
    (CHANNEL, ({"address": "a.{p}", "parameters": {"p": {"enum": [True, "b", "b"]}}},)),
)


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, values in CASES for value in values]
)
def test_a_wrong_type_is_told_or_published_validly(
    place: Place, value: Any, validator: Draft7Validator, tmp_path: Path
) -> None:
    assert_told_or_valid(changed(SMALL, place, value), validator, tmp_path)


@pytest.mark.parametrize("value", [None, 7, ["x"]])
def test_a_schema_format_that_is_no_text_is_told_at_its_place(value: Any, tmp_path: Path) -> None:
    payload = {"schemaFormat": value, "schema": {"type": "object"}}
    text = json.dumps(changed(SMALL, (*MESSAGE, "payload"), payload))
    (tmp_path / "source.json").write_text(text, encoding="utf-8")
    found = [
        each for each in read(tmp_path, "source.json")[0].diagnostics if each.severity == "error"
    ]
    assert [(each.code, each.span.path) for each in found] == [("wrong-type", "source.json")]
    assert "`schemaFormat`" in found[0].message


def test_any_value_at_any_place_is_told_or_published_validly(
    validator: Draft7Validator, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    for _ in range(SAMPLE):
        assert_told_or_valid(any_of(chance), validator, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(max(600, LONG))
def test_many_values_at_many_places_are_told_or_published_validly(
    validator: Draft7Validator, tmp_path: Path
) -> None:
    chance = random.Random(SEED + 1)
    for _ in range(LONG):
        assert_told_or_valid(any_of(chance), validator, tmp_path)
