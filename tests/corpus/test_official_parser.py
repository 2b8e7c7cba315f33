"""AsyncAPI's own parser accepts what is published, whatever version and generator it came from."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.corpus.test_published_again import OWN, files, generated, read
from tests.support.fetched import node_package

CHECK = Path(__file__).with_name("parser") / "check.cjs"
SOURCES = ("binding-zoo.yaml", "inline-json.json", "names.yaml", "three-one.yaml", "v20.yaml")
SEEDS = (0, 5, 11)
BINDINGS = """
asyncapi: 2.6.0
info: {title: Bindings, version: '1'}
channels:
  a.b:
    parameters: {gone: {schema: {type: string}}}
    bindings:
      http: {}
      kafka: {topic: t, partitions: 3, replicas: 2, bindingVersion: 0.4.0}
      solace: {bindingVersion: 0.3.0}
    publish:
      bindings:
        http: {type: request, method: GET, query: {type: object}, bindingVersion: 0.1.0}
        solace: {destinations: [{destinationType: queue}], bindingVersion: 0.3.0}
        kafka: {groupId: {type: string, enum: [x]}, bindingVersion: 0.1.0}
      message:
        name: m
        bindings:
          http: {headers: {type: object, properties: {x: {type: string}}}, bindingVersion: 0.3.0}
          kafka: {key: {type: string}, schemaIdLocation: payload, bindingVersion: 0.4.0}
        payload: {type: object}
"""


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """The parser, and what it depends on."""
    return node_package("@asyncapi/parser", "3.4.0").parents[1]


def published(folder: Path, path: str) -> str:
    contract, config = read(folder, path)
    made = files(contract, config)
    return next(text for name, text in made.items() if name.endswith("asyncapi.json"))


def test_what_is_published_is_accepted(node_modules: Path, tmp_path: Path) -> None:
    (tmp_path / "bindings.yaml").write_text(BINDINGS, encoding="utf-8")
    documents = {path: published(OWN, path) for path in SOURCES}
    documents["bindings.yaml"] = published(tmp_path, "bindings.yaml")
    for seed in SEEDS:
        (tmp_path / "source.json").write_text(json.dumps(generated(seed)), encoding="utf-8")
        documents[f"generated {seed}"] = published(tmp_path, "source.json")
    names: dict[str, str] = {}
    for number, (name, text) in enumerate(documents.items()):
        place = tmp_path / f"published_{number}.json"
        place.write_text(text, encoding="utf-8")
        names[str(place)] = name
    done = subprocess.run(
        ["node", str(CHECK), *names],
        env={**os.environ, "NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {names[path]: errors for path, errors in json.loads(done.stdout).items()}
    assert found == {name: [] for name in documents}
