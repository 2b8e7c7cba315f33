"""A message's schema as a file of its own, in its own language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.exporting.components import SHARED, reached

_DATA = frozenset({"const", "enum", "default", "examples"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"})
_DEFINITIONS = "#/$defs/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_files(
    service: ir.Service, components: Mapping[str, Any]
) -> Mapping[str, tuple[str, str]]:
    """By message the file's name and text, from the components of the published document."""
    shared = components.get("schemas", {})
    return {
        message.name: _file(message, said.get("payload"), shared)
        for message, said in zip(service.messages, components["messages"].values(), strict=True)
    }


def _file(message: ir.Message, payload: Any, shared: Mapping[str, Any]) -> tuple[str, str]:
    if message.encoding is not None:
        return _encoded(message.encoding)
    body = _moved({} if payload is None else payload)
    made = {"$schema": DIALECT, **(body if isinstance(body, dict) else {"not": {}})}
    wanted = reached([payload], shared)
    if wanted:
        made["$defs"] = {name: _moved(shared[name]) for name in shared if name in wanted}
    return "schema.json", json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def is_recursive(schema: str) -> bool:
    """Whether a JSON Schema of ours contains itself, which EventCatalog's viewer cannot show."""
    definitions = json.loads(schema).get("$defs", {})
    names = {_DEFINITIONS + name: value for name, value in definitions.items()}
    return any(name in reached([value], names) for name, value in names.items())


def _encoded(encoding: ir.Encoding) -> tuple[str, str]:
    if encoding.language == "avro":
        made = json.dumps(json.loads(encoding.text or encoding.schema), indent=2)
        return "schema.avsc", made + "\n"
    if encoding.text:
        return "schema.proto", encoding.text
    return "schema.json", encoding.schema


def _moved(schema: Any) -> Any:
    """The schema with its references into `$defs`."""
    if isinstance(schema, list):
        return [_moved(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            made[key] = value.replace(SHARED, _DEFINITIONS, 1)
        elif key in _BY_NAME and isinstance(value, dict):
            made[key] = {name: _moved(item) for name, item in value.items()}
        else:
            made[key] = value if key in _DATA else _moved(value)
    return made
