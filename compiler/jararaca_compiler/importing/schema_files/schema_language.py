"""What a file in another schema language amounts to, and helpers that the readers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from jararaca_shared.distribution import install

from jararaca_compiler.importing.discovery import REFERENCE


class ImportSchemaError(Exception):
    """The file cannot be read as what it is; the text says why."""


@dataclass(frozen=True, slots=True)
class Described:
    """Messages and shared schemas by name, with references to `#/components/schemas`."""

    messages: Mapping[str, Any]
    schemas: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    version: str = ""


def need(module: str) -> None:
    """Raises ImportSchemaError where a library of the `export` extra is missing."""
    if find_spec(module) is None:
        raise ImportSchemaError(f"reading it needs more: {install('export')}")


def roots(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """A message for each object that no other schema refers to; all of them if there is none."""
    objects = {name: s for name, s in schemas.items() if _is_object(s)}
    referred = {
        target
        for name, schema in schemas.items()
        for target in references(schema)
        if target != name
    }
    free = {name for name in objects if name not in referred} or set(objects)
    return {name: {"$ref": REFERENCE + name} for name in objects if name in free}


def references(schema: Any) -> Iterator[str]:
    """The names of the shared schemas that a schema refers to."""
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)
    elif isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith(REFERENCE):
            yield target.removeprefix(REFERENCE)
        for value in schema.values():
            yield from references(value)


def _is_object(schema: Any) -> bool:
    keys = {"properties", "additionalProperties", "allOf"}
    return isinstance(schema, dict) and (schema.get("type") == "object" or bool(keys & set(schema)))
