"""The JSON-Schema-Test-Suite through compiled classes: each group is one message."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jararaca import DecodeError
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.reading.remote import Remote, RemoteError
from jararaca_compiler.references.resolver import Resolver

from tests.support.fetched import python_package

BESIDE = Path(__file__).parents[3] / "shared" / "json-schema-test-suite" / "tests"
"""A newer suite, which stands beside the project on some machines; it lacks `remotes`."""
REMOTES = Path(__file__).with_name("remotes")
"""What that suite's server has (JSON-Schema-Test-Suite, `remotes`; MIT)."""
BESIDE_US = ("draft7", "draft2020-12")
SERVER = "http://localhost:1234/"
DIALECTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
"""What a schema of the suite that has no `$schema` is to be read as: the suite leaves it out."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The folders of a suite's tests, by draft, and of its server."""

    tests: Path
    remotes: Path


@dataclass(frozen=True, slots=True)
class Group:
    """A schema of the suite with its tests; `name` is its file and description."""

    name: str
    schema: Any
    tests: tuple[dict[str, Any], ...]


class SuiteServer(Remote):
    """The suite's server without a network."""

    def __init__(self, folder: Path, remotes: Path) -> None:
        super().__init__(folder)
        self._remotes = remotes

    def fetch(self, url: str, referrer: str | None) -> bytes:
        """The bytes of the file that the suite's server has at a URL."""
        file = self._remotes / url.removeprefix(SERVER)
        if not url.startswith(SERVER) or not file.is_file():
            raise RemoteError("unreachable-ref", "it is not on the suite's server")
        return file.read_bytes()


def suite_of(draft: str) -> Suite:
    """The suite beside us, where it has the draft, else the one that jsonschema's source has."""
    if draft in BESIDE_US and BESIDE.is_dir():
        return Suite(BESIDE, REMOTES)
    place = python_package("jsonschema", "4.23.0", source=True) / "jsonschema-4.23.0" / "json"
    return Suite(place / "tests", place / "remotes")


def groups(suite: Suite, draft: str) -> list[Group]:
    """The groups of a draft, optional ones aside."""
    return [
        Group(f"{file.stem}: {group['description']}", group["schema"], tuple(group["tests"]))
        for file in sorted((suite.tests / draft).glob("*.json"))
        for group in json.loads(file.read_text(encoding="utf-8"))
    ]


def outcomes(suite: Suite, draft: str, folder: Path) -> Iterator[tuple[str, bool | None]]:
    """(`group / test`, whether the compiled class agrees) for each test; None: not compiled."""
    found = groups(suite, draft)
    package = f"suite_{draft.replace('-', '_')}"
    _write_documents(found, folder, draft)
    classes = _compile(folder, package, suite.remotes)
    for index, group in enumerate(found):
        cls = classes.get(index)
        for test in group.tests:
            yield f"{group.name} / {test['description']}", _agrees(cls, test)


def _agrees(cls: Any, test: dict[str, Any]) -> bool | None:
    if cls is None:
        return None
    try:
        cls.decode(json.dumps(test["data"]).encode())
    except DecodeError:
        return not test["valid"]
    except Exception as error:
        print(error, file=sys.stderr)
        return False
    return bool(test["valid"])


def _write_documents(found: list[Group], folder: Path, draft: str) -> None:
    channels = {}
    for index, group in enumerate(found):
        schema = group.schema
        if isinstance(schema, dict):
            schema = {"$schema": DIALECTS[draft], **schema}
        (folder / f"group{index}.json").write_text(json.dumps(schema), encoding="utf-8")
        message = {"payload": {"$ref": f"group{index}.json"}}
        channels[f"group{index}"] = {
            "address": f"group.{index}",
            "messages": {f"Group{index}": message},
        }
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "suite", "version": "1"},
        "channels": channels,
    }
    (folder / "suite.asyncapi.json").write_text(json.dumps(document), encoding="utf-8")


def _compile(folder: Path, package: str, remotes: Path) -> dict[int, Any]:
    documents, _ = load(["suite.asyncapi.json"], folder, SuiteServer(folder, remotes))
    resolver = Resolver(documents)
    services, found = lower(documents, None, resolver)
    broken = {d.span.path for d in found if d.severity == "error"}
    files = emit_models(services[0], resolver.lookup)
    place = folder / package
    place.mkdir()
    (place / "__init__.py").touch()
    for file in files:
        (place / file.path).write_text(file.source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(f"{package}.messages")
    finally:
        sys.path.remove(str(folder))
    return {
        index: getattr(module, f"Group{index}")
        for index in range(len(services[0].messages))
        if f"group{index}.json" not in broken
    }
