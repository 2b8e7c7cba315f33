"""A published document -> one schema a class: what a generator of types reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.naming import class_name

SHARED = "#/components/schemas/"
_DATA = frozenset({"const", "enum", "default", "examples"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"})


def openapi_of(components: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The schemas as OpenAPI 3.1, whose schemas are JSON Schema 2020-12, one class a component."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": {},
        "components": {"schemas": dict(components)},
    }


def components_of(
    service: ir.Service, document: Mapping[str, Any], wanted: Collection[str] | None = None
) -> dict[str, Any]:
    """The schemas of messages, by class name, and of all that they refer to.

    `wanted` are the class names of the messages that are asked for; None: all.
    """
    published = document["components"]
    shared = published.get("schemas", {})
    names = _names(shared, {message.class_name for message in service.messages})
    payloads = {
        message.class_name: _behind(body.get("payload", {}), shared)
        for message, body in zip(service.messages, published["messages"].values(), strict=True)
        if wanted is None or message.class_name in wanted
    }
    needed = reached(payloads.values(), shared)
    return {name: _plain(schema, names) for name, schema in payloads.items()} | {
        names[key]: _plain(shared[key], names) for key in shared if key in needed
    }


def _names(shared: Iterable[str], taken: set[str]) -> dict[str, str]:
    """A class name for each shared schema, none of them a message's."""
    names: dict[str, str] = {}
    used = {name.lower() for name in taken}
    for key in shared:
        stem = class_name(key)
        name, number = (stem, 2) if stem.lower() not in used else (f"{stem}Schema", 2)
        while name.lower() in used:
            name, number = f"{stem}Schema{number}", number + 1
        names[key] = name
        used.add(name.lower())
    return names


def _behind(schema: Any, shared: Mapping[str, Any]) -> Any:
    """The schema that a bare reference stands for: a message has fields, not one value."""
    seen: set[str] = set()
    while isinstance(schema, dict) and schema.keys() == {"$ref"} and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        schema = shared.get(schema["$ref"].removeprefix(SHARED), schema)
    return schema


def reached(schemas: Iterable[Any], shared: Mapping[str, Any]) -> set[str]:
    """The keys of the shared schemas that these refer to, also through one another."""
    waiting, found = list(schemas), set[str]()
    while waiting:
        for key in _references(waiting.pop()):
            if key in shared and key not in found:
                found.add(key)
                waiting.append(shared[key])
    return found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _references(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(SHARED)
        for key, value in schema.items():
            if key not in _DATA:
                yield from _references(value)


def _plain(schema: Any, names: Mapping[str, str]) -> Any:
    """The schema under the classes' names, without extensions and AsyncAPI's own keyword.

    AsyncAPI's `discriminator` is a name, OpenAPI's an object: each variant's own `const` says
    the same to both.
    """
    if isinstance(schema, list):
        return [_plain(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            made[key] = SHARED + names.get(value.removeprefix(SHARED), value)
        elif key in _BY_NAME and isinstance(value, dict):
            made[key] = {name: _plain(item, names) for name, item in value.items()}
        elif key in _DATA:
            made[key] = value
        elif key not in ("discriminator", "title") and not key.startswith("x-"):
            made[key] = _plain(value, names)
    return made
