"""AsyncAPI's own parser accepts what is published, whatever version and generator it came from."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from jararaca_compiler.emit.document.asyncapi import emit_document

from tests.corpus.test_published_again import OWN, documents, generated, read
from tests.discovering.discovered import discovered, heard
from tests.discovering.test_envelopes import ENVELOPES
from tests.support.node_packages import node_packages

__all__ = ["node_packages"]

CHECK = Path(__file__).with_name("parser") / "check.cjs"
SOURCES = ("binding-zoo.yaml", "inline-json.json", "names.yaml", "three-one.yaml", "v20.yaml")
SEEDS = (0, 5, 11)
DOUBLING = "doubling-anyof.yaml"
"""The parser takes minutes for it: it writes out each of its 65,536 variants."""
BATCH = 20
"""Documents for one process: the parser keeps what it has read, and runs out of memory."""
BINDINGS = """
asyncapi: 2.6.0
info: {title: Bindings, version: '1'}
channels:
  a.b:
    parameters:
      gone: {schema: {type: string}}
      described: {description: Not in the address., schema: {type: string, enum: [x]}}
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


def published(folder: Path, path: str) -> str | None:
    """What is published of a source that is a contract by itself; None of any other."""
    contract, _ = read(folder, path)
    if not contract.is_sound or len(contract.services) != 1:
        return None
    return emit_document(contract.services[0], contract.resolver.lookup).source


def made(folder: Path, seeds: Iterable[int]) -> Iterator[tuple[Path, str]]:
    """Documents that are written to a folder: one full of bindings, and generated ones."""
    (folder / "bindings.yaml").write_text(BINDINGS, encoding="utf-8")
    yield folder, "bindings.yaml"
    for seed in seeds:
        (folder / f"generated{seed}.json").write_text(json.dumps(generated(seed)), encoding="utf-8")
        yield folder, f"generated{seed}.json"


def test_what_is_published_is_accepted(node_packages: Path, tmp_path: Path) -> None:
    chosen = [*((OWN, path) for path in SOURCES), *made(tmp_path, SEEDS)]
    assert_accepted(chosen, node_packages, tmp_path)


def test_what_is_discovered_is_accepted_with_its_evidence(
    node_packages: Path, tmp_path: Path
) -> None:
    orders = [heard(f"orders.{n}.placed", {"n": n}, app_id="shop") for n in range(150)]
    wrapped = enumerate(ENVELOPES.values())
    found = discovered([*orders, *(heard(f"a.b{n}", v, **more) for n, (v, more, *_) in wrapped)])
    assert found.text is not None and found.text.count("x-evidence:") == len(ENVELOPES) + 2
    place = tmp_path / "discovered.asyncapi.yaml"
    place.write_text(found.text, encoding="utf-8")
    assert errors_of([str(place)], node_packages / "node_modules") == {str(place): []}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_what_is_published_of_any_source_is_accepted(node_packages: Path, tmp_path: Path) -> None:
    """Of all corpora, where it accepts the source; it takes half a second for a document."""
    node_modules = node_packages / "node_modules"
    every = [(folder, path) for folder, path in documents() if path != DOUBLING]
    refused = {
        path
        for start in range(0, len(every), BATCH)
        for path, errors in errors_of(
            [str(folder / path) for folder, path in every[start : start + BATCH]], node_modules
        ).items()
        if errors
    }
    accepted = [(folder, path) for folder, path in every if str(folder / path) not in refused]
    assert len(accepted) > len(every) / 2
    assert_accepted([*accepted, *made(tmp_path, range(40))], node_packages, tmp_path)


def assert_accepted(
    sources: Iterable[tuple[Path, str]], node_packages: Path, tmp_path: Path
) -> None:
    names: dict[str, str] = {}
    for number, (folder, path) in enumerate(sources):
        text = published(folder, path)
        if text is not None:
            place = tmp_path / f"published_{number}.json"
            place.write_text(text, encoding="utf-8")
            names[str(place)] = f"{folder.name}/{path}"
    found: dict[str, list[str]] = {}
    paths = list(names)
    for start in range(0, len(paths), BATCH):
        found |= errors_of(paths[start : start + BATCH], node_packages / "node_modules")
    assert {names[path]: errors for path, errors in found.items() if errors} == {}
    assert found.keys() == names.keys()
    assert found


def errors_of(paths: Sequence[str], node_modules: Path) -> dict[str, list[str]]:
    """What the parser has against each document."""
    done = subprocess.run(
        ["node", str(CHECK), *paths],
        env={**os.environ, "NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    made: dict[str, list[str]] = json.loads(done.stdout)
    return made
