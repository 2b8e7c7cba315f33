"""What is written of a catalogue is at most three times as long as what was read.

Catalogues are read as they are published: indented by two.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.emit.json_layout import WIDTH, json_text
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config

from benchmarks.linked import document as linked
from tests.support.models import document

LARGEST = 3
COUNT = 60
Parts = tuple[dict[str, Any], dict[str, Any]]


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def resources() -> Parts:
    """As FHIR has them: everything is described, any contains any."""
    schemas = {
        f"Resource{n}": {
            "description": f"What is recorded as number {n} of a person's treatment, by whom.",
            "properties": {
                "resourceType": {"const": f"Resource{n}"},
                "id": {"description": "The logical id of the resource.", **ref("Id")},
                "contained": {"type": "array", "items": ref("Any")},
                "status": {"description": "Where it is.", "enum": ["draft", "active", "retired"]},
                "_status": {"description": "Extensions for status", **ref("Element")},
            },
            "required": ["resourceType"],
            "additionalProperties": False,
        }
        for n in range(COUNT)
    }
    element = {"type": "object", "properties": {"id": {"type": "string"}}}
    others = {"Id": {"type": "string", "pattern": "^[a-z]{1,64}$"}, "Element": element}
    return {n: ref(n) for n in schemas}, {
        **schemas,
        **others,
        "Any": {"oneOf": [ref(n) for n in schemas]},
    }


def entities() -> Parts:
    """As TM Forum has them: each extends others, and its reference says what it is of."""
    base = {"type": "object", "properties": {"id": {"type": "string"}, "href": {"type": "string"}}}
    schemas: dict[str, Any] = {"Entity": base}
    for n in range(COUNT):
        related = {"type": "array", "items": ref(f"Entity{(n + 1) % COUNT}Ref")}
        own = {"name": {"type": "string"}, "relatedEntity": related}
        schemas[f"Entity{n}"] = {"allOf": [ref("Entity"), {"type": "object", "properties": own}]}
        kind = {"@referredType": {"type": "string"}}
        schemas[f"Entity{n}Ref"] = {
            "allOf": [ref("Entity"), {"properties": kind, "required": ["id"]}]
        }
    return {f"Entity{n}": ref(f"Entity{n}") for n in range(COUNT)}, schemas


def nested() -> Parts:
    """As CDEvents has them: nothing is shared but the links."""
    payloads = {
        f"changed{n}": {
            "type": "object",
            "properties": {
                "context": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "minLength": 1},
                        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
                        "type": {"type": "string", "enum": [f"dev.changed{n}.0.1.0"]},
                        "timestamp": {"type": "string", "format": "date-time"},
                        "links": {"type": "array", "items": ref("Link")},
                    },
                    "required": ["id", "source", "type", "timestamp"],
                    "additionalProperties": False,
                },
                "subject": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "minLength": 1},
                        "content": {"type": "object", "properties": {"uri": {"type": "string"}}},
                    },
                    "required": ["id", "content"],
                },
            },
            "required": ["context", "subject"],
        }
        for n in range(COUNT)
    }
    return payloads, {"Link": {"type": "object", "properties": {"linkType": {"type": "string"}}}}


def size(folder: Path, root: dict[str, Any]) -> tuple[int, int]:
    """How long a document is, and all that is written of it."""
    text = json.dumps(root, indent=2)
    (folder / "contract.json").write_text(text, encoding="utf-8")
    config = Config(sources=("contract.json",))
    contract = read_contract(config, folder)
    assert contract.is_sound, contract.diagnostics[:5]
    made = compile(contract, contract.services, config, lambda _: None)
    return len(text), sum(len(file.source.encode()) for file in made.generated)


@pytest.mark.parametrize("catalogue", [resources, entities, nested])
def test_what_is_written_is_at_most_three_times_what_was_read(
    catalogue: Callable[[], Parts], tmp_path: Path
) -> None:
    read, written = size(tmp_path, document(*catalogue()))
    assert written <= LARGEST * read


def test_nor_is_more_written_of_linked_schemas(tmp_path: Path) -> None:
    read, written = size(tmp_path, linked(COUNT))
    assert written <= LARGEST * read


@pytest.mark.parametrize(
    "value",
    [{}, [], None, "ü", {"a": []}, {"a": {"b": [1, "x" * 99]}}, [{"k": n} for n in range(99)]],
)
def test_what_fits_into_a_line_stands_on_one(value: Any) -> None:
    text = json_text({"value": value})
    assert json.loads(text) == {"value": value}
    assert (text.count("\n") == 1) is (len(json.dumps({"value": value})) <= WIDTH)
    apart = json_text({"value": value}, apart=1)
    assert json.loads(apart) == {"value": value} and apart.startswith('{\n "value": ')
