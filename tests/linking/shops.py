"""A system of documents that refer to one another in every way, for tests that change it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

COMMON: Json = {
    "Money": {
        "type": "object",
        "required": ["amount"],
        "properties": {"amount": {"type": "integer"}, "currency": {"$ref": "#/Currency"}},
    },
    "Currency": {"enum": ["EUR", "USD"]},
}
ANIMALS: Json = {
    "Animal": {
        "type": "object",
        "discriminator": "kind",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "age": {"type": "integer"}},
    },
    "Dog": {
        "allOf": [
            {"$ref": "#/components/schemas/Animal"},
            {"type": "object", "required": ["barks"], "properties": {"barks": {"type": "boolean"}}},
        ]
    },
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Animal"}]},
    "Pet": {
        "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
        "discriminator": {
            "propertyName": "is",
            "mapping": {"a": "#/components/schemas/A", "b": "B"},
        },
    },
    "A": {"type": "object", "required": ["is"], "properties": {"is": {"type": "string"}}},
    "B": {
        "type": "object",
        "required": ["is", "next"],
        "properties": {"is": {"type": "string"}, "next": {"$ref": "#/components/schemas/Pet"}},
    },
}
PLACED: Json = {
    "type": "object",
    "required": ["id", "total"],
    "properties": {
        "id": {"type": "integer"},
        "total": {"$ref": "common.json#/Money"},
        "animal": {"$ref": "#/components/schemas/Animal"},
        "pet": {"$ref": "#/components/schemas/Pet"},
    },
}
_BY_REFERENCE = '{"$ref": "common.json#/Money"}'
_INLINE = {"type": "object", "required": ["amount"]}
"""What the store takes for the money of the others."""
HEADERS: Json = {"type": "object", "properties": {"tenant": {"type": "string"}}}


def document(title: str, action: str, *names: str, **more: Any) -> Json:
    """A service that sends or receives `Placed` under some names, a topic each."""
    channels = {
        name: {
            "address": f"shop.{name}",
            "messages": {name: {"payload": PLACED, "headers": HEADERS}},
        }
        for name in names
    }
    operations = {
        f"{action}{name}": {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
        for name in names
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1"},
        "channels": channels,
        "operations": operations,
        "components": {"schemas": ANIMALS},
        **more,
    }


def write_system(folder: Path) -> None:
    """A shop, two who take its messages, a schema file for all, and settings."""
    (folder / "schemas").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["schemas"]\n')
    put(folder, "common.json", COMMON)
    put(folder, "shop.json", document("Shop", "send", "Placed", "Paid", "Sent"))
    store = json.dumps(document("Store", "receive", "Placed", "Sent"))
    put(folder, "store.json", json.loads(store.replace(_BY_REFERENCE, json.dumps(_INLINE))))
    put(folder, "bank.json", document("Bank", "receive", "Paid"))


def put(folder: Path, name: str, value: Any) -> None:
    """Write one document."""
    (folder / "schemas" / name).write_text(json.dumps(value), encoding="utf-8")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change one document's text."""
    path = folder / "schemas" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
