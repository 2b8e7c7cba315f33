"""Revisions of contracts that are in use: nothing that is told of them is denied."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.versions import read_version
from jararaca_compiler.project.config import Config

from tests.support.fetched import node_package, python_package

from .denied import denied

Files = dict[str, Any]
pytestmark = [pytest.mark.timeout(1_800), pytest.mark.soak]


def _version(folder: Path, files: Files, payloads: dict[str, str]) -> tuple[ContractVersion, Files]:
    folder.mkdir()
    messages = {name: {"payload": {"$ref": place}} for name, place in payloads.items()}
    root = {
        "asyncapi": "3.0.0",
        "info": {"title": "Revision", "version": "1"},
        "channels": {"a": {"address": "a", "messages": messages}},
        "operations": {"on": {"action": "receive", "channel": {"$ref": "#/channels/a"}}},
    }
    files = {**files, "main.json": root}
    for path, content in files.items():
        (folder / path).write_text(json.dumps(content), encoding="utf-8")
    return read_version([Path("main.json")], folder, Config()), files


def _hold(
    old: tuple[ContractVersion, Files], new: tuple[ContractVersion, Files], witnesses: int
) -> None:
    """That nothing is denied, and that a revision is no change of itself."""
    found = compare(old[0], new[0])
    assert sum(change.witness is not None for change in found) >= witnesses
    assert not [*denied((old[0], new[0]), (old[1], new[1]), found, random.Random(1), tries=10)]
    assert not compare(new[0], new[0])


def _ocpp(folder: Path, version: str) -> tuple[ContractVersion, Files]:
    source = python_package("ocpp", "2.1.0") / "ocpp" / version / "schemas"
    files = {p.name: json.loads(p.read_text("utf-8-sig")) for p in sorted(source.glob("*.json"))}
    return _version(folder, files, {name.removesuffix(".json"): name for name in files})


def _github(folder: Path, version: str) -> tuple[ContractVersion, Files]:
    place = node_package("@octokit/webhooks-schemas", version) / "schema.json"
    schema = json.loads(place.read_text("utf-8"))
    named = {part["$ref"].rpartition("/")[2] for part in schema["oneOf"]}
    payloads = {name: f"schema.json#/definitions/{name}" for name in sorted(named)}
    return _version(folder, {"schema.json": schema}, payloads)


def test_ocpp_from_2_0_1_to_2_1(tmp_path: Path) -> None:
    _hold(_ocpp(tmp_path / "old", "v201"), _ocpp(tmp_path / "new", "v21"), 50)


def test_the_webhooks_of_github(tmp_path: Path) -> None:
    _hold(_github(tmp_path / "old", "7.3.1"), _github(tmp_path / "new", "7.6.1"), 5)
