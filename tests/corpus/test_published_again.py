"""The published document is the same contract: compiled again, it gives what its source gives."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.generated.package import packages
from jararaca_compiler.documents.source import Span
from jararaca_compiler.pipeline.compilation import Contract, compile, read_contract
from jararaca_compiler.project.config import Config

from tests.corpus.test_corpus import CORPUS, every

PROJECT = Path(__file__).parents[2]
OWN = Path(__file__).with_name("own")
SUFFIXES = (".yaml", ".yml", ".json")
GENERATED = 60
ABOUT_THE_SOURCE = re.compile(
    r'# Source: [^\n]*|source=(?:\(\n.*?\n    \)|"[^"]*")|digest="\w+"', re.S
)


def documents() -> Iterator[tuple[Path, str]]:
    """Every document that is a contract by itself: its folder, and its path there."""
    for row in every():
        repository, _, path = row["path"].partition("/")
        yield CORPUS / repository, path
    for folder, below in ((OWN, OWN), (PROJECT, PROJECT / "schemas")):
        for file in sorted(below.rglob("*")):
            if file.suffix in SUFFIXES:
                yield folder, file.relative_to(folder).as_posix()


def read(folder: Path, path: str, perspective: str = "application") -> tuple[Contract, Config]:
    config = Config(sources=(path,), perspective=perspective)
    return read_contract(config, folder), config


def files(contract: Contract, config: Config) -> Mapping[str, str]:
    """What it compiles to, by path, but for where it was read from."""
    made = compile(contract, contract.services, config, lambda _: None)
    return {
        file.path: ABOUT_THE_SOURCE.sub("", file.source)
        for file in (*made.generated, *made.handlers)
    }


def version(contract: Contract) -> ContractVersion:
    def locate(path: str, pointer: str) -> Span:
        document = contract.documents.get(path)
        return Span(path) if document is None else document.span(pointer, key=True)

    made = packages(contract.services, contract.documents, contract.resolver)
    return ContractVersion(contract.services, contract.resolver.lookup, locate, packages=made)


def assert_the_same_again(contract: Contract, config: Config, folder: Path) -> None:
    wanted = files(contract, config)
    name = contract.services[0].name
    text = next(text for path, text in wanted.items() if path.endswith("asyncapi.json"))
    (folder / "published.json").write_text(text, encoding="utf-8")
    again, settings = read(folder, "published.json")
    assert again.is_sound, [found.message for found in again.diagnostics]
    found = files(again, settings)
    assert [service.name for service in again.services] == [name]
    assert found.keys() == wanted.keys()
    for path, source in wanted.items():
        assert found[path] == source, path
    assert compare(version(contract), version(again)) == ()


@pytest.mark.parametrize(
    ("folder", "path"), documents(), ids=lambda value: value if isinstance(value, str) else None
)
def test_a_published_document_is_the_same_contract(folder: Path, path: str, tmp_path: Path) -> None:
    contract, config = read(folder, path)
    if contract.is_sound and len(contract.services) == 1:
        assert_the_same_again(contract, config, tmp_path)


NAMES = (
    "order",
    "Order",
    "order.placed",
    "a/b",
    "日本",
    "class",
    "x-y",
    "Order_2",
    "naïve",
    "a:_:B",
)
ADDRESSES = ("a.b", "a.{p}.c", "{p}", "orders/{p}/on", "x", "日本.{p}")
BINDINGS: tuple[Any, ...] = (
    {},
    {"amqp": {"is": "queue", "queue": {"name": "q.one", "durable": True}}},
    {"amqp": {"is": "queue"}},
    {"amqp": {"is": "routingKey", "exchange": {"name": "e", "type": "fanout"}}},
    {"amqp": {"is": "routingKey", "exchange": {"type": "default"}, "queue": {"name": "q.two"}}},
    {"amqp": {"is": "queue", "queue": {"name": "q", "arguments": {"x-max-length": 3}}}},
    {"ws": {"method": "GET"}},
    {"wss": {}, "kafka": {"topic": "x"}},
)
ASKED: tuple[Any, ...] = (
    {},
    {"amqp": {"cc": "k", "replyTo": "answers", "expiration": 0, "priority": 4}},
    {"amqp": {"mandatory": True, "deliveryMode": 1, "userId": "guest", "bcc": ["z"]}},
)


def generated(seed: int) -> dict[str, Any]:
    """A document that uses odd names, shared messages and bindings in any combination."""
    dice = random.Random(seed)
    names = dice.sample(NAMES, 4)
    schemas = {name: _schema(dice, names) for name in names[:3]}
    messages = {name: _message(dice, list(schemas)) for name in names}
    channels = {
        name: {
            "address": (address := dice.choice(ADDRESSES)),
            "parameters": {"p": {"enum": ["a", "b"], "default": "a"}} if "{p}" in address else {},
            "bindings": dice.choice(BINDINGS),
            "messages": {
                key: {"$ref": f"#/components/messages/{_escaped(key)}"}
                for key in dice.sample(names, dice.randint(1, 3))
            },
        }
        for name in dice.sample(NAMES, 3)
    }
    operations = {
        f"{dice.choice(['on', 'do.it', 'x/y'])} {index}": {
            "action": dice.choice(["send", "receive"]),
            "channel": {"$ref": f"#/channels/{_escaped(name)}"},
            "bindings": dice.choice(ASKED),
        }
        for index, name in enumerate(dice.choices(list(channels), k=4))
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": dice.choice(["Shop", "日本", "My shop"]), "version": "1"},
        "channels": channels,
        "operations": operations,
        "components": {"schemas": schemas, "messages": messages},
    }


def _schema(dice: random.Random, names: list[str]) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/{_escaped(dice.choice(names[:3]))}"}
    return dice.choice(
        [
            {"type": "object", "properties": {"a": {"type": "string"}, "b": ref}},
            {"type": "object", "properties": {"in": {"type": "object", "properties": {"c": ref}}}},
            {"type": "string", "enum": ["x", "y"]},
            {
                "type": "object",
                "required": ["z"],
                "properties": {"z": {"type": ["string", "null"]}},
            },
        ]
    )


def _message(dice: random.Random, schemas: list[str]) -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/{_escaped(dice.choice(schemas))}"}
    made: dict[str, Any] = {"payload": dice.choice([ref, {"type": "array", "items": ref}, {}])}
    if dice.random() < 0.5:
        made["name"] = dice.choice(NAMES)
    if dice.random() < 0.3:
        made["headers"] = {"type": "object", "properties": {"t": {"type": "string"}}}
    if dice.random() < 0.3:
        made["correlationId"] = {"location": "$message.header#/t"}
    if dice.random() < 0.2:
        made["x-message-type"] = dice.choice(["task", "event", "websocket"])
    return made


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


@pytest.mark.parametrize("seed", range(GENERATED))
def test_a_generated_document_is_the_same_contract(seed: int, tmp_path: Path) -> None:
    (tmp_path / "source.json").write_text(json.dumps(generated(seed)), encoding="utf-8")
    contract, config = read(tmp_path, "source.json")
    assert contract.is_sound, [found.message for found in contract.diagnostics]
    assert_the_same_again(contract, config, tmp_path)


def heirs(count: int) -> dict[str, Any]:
    """A document of a schema with so many heirs, which its mapping names."""
    above = "#/components/schemas/A"
    names = {f"h{number}": f"H{number}" for number in range(count)}
    told = {"propertyName": "t", "mapping": names}
    base = {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}}
    found = {name: {"allOf": [{"$ref": above}, {"required": ["a"]}]} for name in names.values()}
    payload = {"type": "object", "properties": {"x": {"$ref": above}}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Heirs", "version": "1"},
        "channels": {"a": {"address": "a", "messages": {"M": {"payload": payload}}}},
        "components": {"schemas": {"A": {**base, "discriminator": told}, **found}},
    }


@pytest.mark.parametrize("count", range(1, 6))
def test_a_mapping_weighs_as_much_in_its_other_form(count: int, tmp_path: Path) -> None:
    (tmp_path / "source.json").write_text(json.dumps(heirs(count)), encoding="utf-8")
    assert_the_same_again(*read(tmp_path, "source.json"), tmp_path)


JAVA = {"type": "object", "title": "Bestellung", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize("key", ["Order", "io.github.shop.Order"])
def test_a_key_that_looks_like_a_class_of_java_says_no_other_name(key: str, tmp_path: Path) -> None:
    """What no message refers to has no class, and gets none by being a component at last."""
    shared = {"components": {"schemas": {key: JAVA, "Line": {"title": "Zeile", "type": "string"}}}}
    (tmp_path / "shared.json").write_text(json.dumps(shared), encoding="utf-8")
    source = generated(0)
    source["components"]["schemas"] |= {
        "Line": {"type": "object"},
        "Kept": {
            "allOf": [
                {"$ref": f"shared.json#/components/schemas/{key}"},
                {"$ref": "shared.json#/components/schemas/Line"},
            ]
        },
    }
    (tmp_path / "source.json").write_text(json.dumps(source), encoding="utf-8")
    contract, config = read(tmp_path, "source.json")
    assert_the_same_again(contract, config, tmp_path)
