"""Whatever a document says, the front end answers with diagnostics, and order changes no name."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.semantics.check import check

PROJECT = Path(__file__).parents[2]
CORPUS = PROJECT.parent / "shared" / "corpus"
LARGEST = 30_000
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
JUNK: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**400, "", "#", "#/", "{", "a.{", "*", "a/b#/c d", "\u0000"),
    *([], {}, [None], [[]], {"": {}}, {"a": [1]}, {"$ref": 5}, {"$ref": "#"}, {"$ref": ""}),
    *({"$ref": "#/channels"}, {"$ref": "http://["}, {"$ref": "//x"}, {"$ref": "\u0000"}),
    *({"$id": "http://["}, {"$id": "a", "$ref": "b"}, {"$anchor": 5}, {"$schema": 5}),
    *({"schemaFormat": 1, "schema": 2}, {"schemaFormat": "application/raml+yaml", "schema": {}}),
    {"schemaFormat": "application/vnd.apache.avro", "schema": {"type": "record", "fields": [5]}},
    {"schemaFormat": "application/vnd.apache.avro", "schema": [{"type": {}}, "x", 5]},
    {"schemaFormat": "application/vnd.google.protobuf", "schema": "message A { B b = 1"},
    *({"oneOf": 5}, {"type": ["object"]}, {"properties": []}, {"required": {}}, {"allOf": {}}),
    *({"items": [5]}, {"enum": 5}, {"dependencies": {"a": 5}}, {"nullable": True, "type": 5}),
    *({"discriminator": {"mapping": {"a": 5, "b": "#/x"}}}, {"exclusiveMinimum": True}),
    *({"required": 5}, {"allOf": 5}, {"allOf": [5]}, {"format": {}}, {"type": ["object", "null"]}),
]


@cache
def documents() -> tuple[Any, ...]:
    """The example's, one full of our extensions, and the smaller ones of the corpus, if any."""
    paths = [p.relative_to(PROJECT) for p in sorted((PROJECT / "schemas").glob("*.*"))]
    paths += [Path("tests/compat/seeds/divided.yaml")] * 4
    found = [each.root for path in paths for each in load([path], PROJECT)[0]]
    index = CORPUS / "index.tsv"
    for line in index.read_text("utf-8").splitlines()[1:] if index.exists() else ():
        path = CORPUS / line.split("\t")[0]
        if path.stat().st_size < LARGEST:
            found += [document.root for document in load([path.name], path.parent)[0]]
    return tuple(found)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key of it."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def mutated(root: Any, chance: random.Random) -> Any:
    """A document with one to three of its parts dropped, replaced or copied elsewhere."""
    root = copy.deepcopy(root)
    for _ in range(chance.randint(1, 3)):
        found = list(places(root))
        if not found:
            return root
        container, key = chance.choice(found)
        other, there = chance.choice(found)
        what = chance.random()
        if what < 0.25:
            del container[key]
        else:
            source = chance.choice(JUNK) if what < 0.75 else other[there]
            container[key] = copy.deepcopy(source)
    return root


def compiled(folder: Path, root: Any) -> tuple[tuple[ir.Service, ...], list[Diagnostic]]:
    (folder / "mutated.json").write_text(json.dumps(root), encoding="utf-8")
    read, _ = load(["mutated.json"], folder)
    services, found = lower(read)
    return services, [*found, *(d for service in services for d in check(service, read))]


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(seed=st.integers(min_value=0))
def test_a_damaged_document_ends_in_diagnostics_with_places(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    _, found = compiled(tmp_path, mutated(chance.choice(documents()), chance))
    for diagnostic in found:
        assert diagnostic.span.path
        assert diagnostic.span.line >= 1
        assert diagnostic.message


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same JSON value with the keys of its mappings in another order."""
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    chance.shuffle(keys)
    return {key: shuffled(value[key], chance) for key in keys}


def described(service: ir.Service) -> Any:
    """What a service is called and bound to, whatever the order."""
    messages = {(m.class_name, m.name, m.wire_name, m.payload.pointer) for m in service.messages}
    handlers = {
        (o.id, o.queue, h.method, h.message) for o in service.operations for h in o.handlers
    }
    return service.name, service.digest, service.topology, messages, handlers


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(seed=st.integers(min_value=0))
def test_the_order_of_keys_changes_nothing_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = chance.choice(documents())
    before, _ = compiled(tmp_path, root)
    after, _ = compiled(tmp_path, shuffled(root, chance))
    assert [described(s) for s in before] == [described(s) for s in after]
