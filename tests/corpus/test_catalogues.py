"""Catalogues of hundreds of linked schemas compile, and say of each value what their schemas say.

They are fetched, not kept: OCPP's messages, and GitHub's webhooks with GitHub's own examples.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config
from pydantic import TypeAdapter

from tests.support.fetched import node_package, python_package

LARGEST = 3
"""How many times the source all that is written of it may be, in characters."""
OCPP = ("v16", "v201", pytest.param("v21", marks=pytest.mark.soak))


@contextmanager
def classes(folder: Path, payloads: Mapping[str, str], size: int) -> Iterator[dict[str, Any]]:
    """By name the message class of each reference of `payloads`."""
    messages = {name: {"payload": {"$ref": ref}} for name, ref in payloads.items()}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": folder.name, "version": "1"},
        "channels": {"all": {"address": "all", "messages": messages}},
    }
    (folder / "contract.json").write_text(json.dumps(document), encoding="utf-8")
    size += len(compact(document))
    config = Config(sources=("contract.json",), output="compiled", handlers="handlers/{service}.py")
    contract = read_contract(config, folder)
    assert contract.is_sound, contract.diagnostics[:5]
    made = compile(contract, contract.services, config, lambda _: None)
    package = f"catalogue_{folder.name}"
    place = folder / package
    place.mkdir()
    (place / "__init__.py").touch()
    written = 0
    for file in made.generated:
        written += len(file.source)
        if file.path.endswith(("messages.py", "schemas.py", "definitions.py")):
            (place / Path(file.path).name).write_text(file.source, encoding="utf-8")
    assert written <= LARGEST * size
    yield _named(_imported(folder, f"{package}.messages"), contract.services[0].messages)


def compact(value: Any) -> str:
    """As short as JSON can be."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _imported(folder: Path, name: str) -> ModuleType:
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def _named(module: ModuleType, messages: Any) -> dict[str, Any]:
    return {message.name: getattr(module, message.class_name) for message in messages}


def accepts(cls: Any, value: object) -> bool:
    try:
        cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize("version", OCPP)
def test_ocpp(version: str, tmp_path: Path) -> None:
    source = python_package("ocpp", "2.1.0") / "ocpp" / version / "schemas"
    folder = tmp_path / f"ocpp_{version}"
    folder.mkdir()
    payloads, size = {}, 0
    schemas: dict[str, Any] = {}
    for file in sorted(source.glob("*.json")):
        text = file.read_text(encoding="utf-8-sig")
        (folder / file.name).write_text(text, encoding="utf-8")
        payloads[file.stem], size = file.name, size + len(text)
        schemas[file.stem] = json.loads(text)
    with classes(folder, payloads, size) as found:
        assert len(found) == len(payloads) > 50
        for name, cls in found.items():
            TypeAdapter(cls).rebuild()
            for value in ({}, _least(schemas[name]), {"unknown": 1, **_least(schemas[name])}):
                assert accepts(cls, value) is jsonschema_rs.is_valid(
                    schemas[name], value, validate_formats=True
                ), (name, value)


def _least(schema: dict[str, Any]) -> dict[str, Any]:
    """A value with what is required, where that is texts, numbers and words of a list."""
    made: dict[str, Any] = {}
    for name in schema.get("required", ()):
        field = schema["properties"][name]
        if "$ref" in field:
            field = schema["definitions"][field["$ref"].rpartition("/")[2]]
        texts = field.get("enum", ["2024-01-01T00:00:00Z"])[0]
        made[name] = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}.get(
            field.get("type", "string"), texts
        )
    return made


def test_github(tmp_path: Path) -> None:
    text = (node_package("@octokit/webhooks-schemas", "7.6.1") / "schema.json").read_text("utf-8")
    schema = json.loads(text)
    folder = tmp_path / "github"
    folder.mkdir()
    (folder / "schema.json").write_text(text, encoding="utf-8")
    examples = _examples()
    places = {
        name: next(n for n in (f"{name}_event", f"{name}$event") if n in schema["definitions"])
        for name in examples
    }
    payloads = {name: f"schema.json#/definitions/{place}" for name, place in places.items()}
    accepted = 0
    with classes(folder, payloads, len(compact(schema))) as found:
        for name, cls in found.items():
            judge = jsonschema_rs.validator_for(
                {"$schema": schema["$schema"], "definitions": schema["definitions"]}
                | {"allOf": [{"$ref": f"#/definitions/{places[name]}"}]},
                validate_formats=True,
            )
            for example in examples[name]:
                assert accepts(cls, example) is judge.is_valid(example), (name, example)
                accepted += accepts(cls, example)
    assert accepted > 250


def _examples() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    place = node_package("@octokit/webhooks-examples", "7.6.1")
    for file in sorted((place / "api.github.com").glob("*.json")):
        for event in json.loads(file.read_text(encoding="utf-8")):
            found.setdefault(event["name"], []).extend(event["examples"])
    return found
