"""OpenAPI 3.x and Swagger 2.0 -> JSON Schema 2020-12: schemas, webhooks and callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jararaca_compiler.emit.document.bundle import MAPPING
from jararaca_compiler.importing.discovery import REFERENCE, camel
from jararaca_compiler.importing.schema_files.schema_language import (
    Described,
    ImportSchemaError,
    roots,
)
from jararaca_compiler.reading.load import parse
from jararaca_compiler.schemas.dialect import (
    is_modern_document,
    normalised,
    without_siblings,
)

_PLACES = ("#/components/schemas/", "#/definitions/")
_BY_NAME = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "dependencies"}
)
_DATA = frozenset({"const", "enum", "default", "examples"})
_ANNOTATIONS = frozenset({"$ref", "title", "description", "examples", "default", "deprecated"})
_DROPPED = frozenset({"xml", "externalDocs"})
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
"""A schema's name; anything else in a mapping is a reference."""
_JSON = re.compile(r"application/([\w.+-]*\+)?json\b")


def openapi_document(file: Path) -> dict[str, Any] | None:
    """The document in a file; None where it is something else.

    Raises ImportSchemaError, also for documents that need no import.
    """
    parsed = parse(file.name, file.read_text(encoding="utf-8-sig"))
    if parsed.diagnostics:
        raise ImportSchemaError(parsed.diagnostics[0].message)
    root = parsed.root
    if not isinstance(root, dict):
        return None
    if "asyncapi" in root:
        raise ImportSchemaError("it is an AsyncAPI document already: `jararaca codegen` takes it")
    if "json-schema.org/" in str(root.get("$schema")):
        raise needs_no_import(file.name)
    return root if "openapi" in root or "swagger" in root else None


def needs_no_import(name: str) -> ImportSchemaError:
    """The schema in a file is read where it is."""
    return ImportSchemaError(
        f"a schema needs no import: refer to it in a document, `payload: {{$ref: ./{name}}}`"
    )


def read_openapi(root: Mapping[str, Any]) -> Described:
    """Its schemas, and its webhooks and callbacks as messages. Raises ImportSchemaError."""
    modern = bool(is_modern_document(dict(root)))
    components = root.get("components") or {}
    found = components.get("schemas") or root.get("definitions") or {}
    schemas = {_fit(name): modernised(schema, modern) for name, schema in found.items()}
    hooks = {
        camel(name): modernised(schema, modern)
        for name, schema in (
            *_webhooks(root.get("webhooks") or {}, components),
            *_callbacks(root.get("paths") or {}, components),
        )
    }
    taken = {
        target["$ref"] for target in hooks.values() if isinstance(target, dict) and "$ref" in target
    }
    others = {name: ref for name, ref in roots(schemas).items() if ref["$ref"] not in taken}
    info = root.get("info")
    said = info if isinstance(info, dict) else {}
    title, version = (str(said.get(key) or "") for key in ("title", "version"))
    return Described({**hooks, **others}, schemas, title=title, version=version)


def modernised(schema: Any, modern: bool) -> Any:
    """A schema in the words of 2020-12; what stands beside a reference counts in OpenAPI 3.1."""
    if isinstance(schema, list):
        return [modernised(item, modern) for item in schema]
    if not isinstance(schema, dict):
        return schema
    given = schema if modern else without_siblings(schema)
    made = {key: _part(key, value, modern) for key, value in given.items() if key not in _DROPPED}
    if "example" in made:
        made.setdefault("examples", [made["example"]])
        del made["example"]
    if isinstance(made.get("discriminator"), dict):
        made |= _told_apart(made["discriminator"])
    return _apart(normalised(made, modern=modern))


def _part(key: str, value: Any, modern: bool) -> Any:
    if key == "$ref" and isinstance(value, str):
        return REFERENCE + _fit(_local(value))
    if key in _DATA or key == "example" or key.startswith("x-"):
        return value
    if key in _BY_NAME and isinstance(value, dict):
        return {name: modernised(item, modern) for name, item in value.items()}
    if key == "discriminator":
        return value
    return modernised(value, modern)


def _told_apart(said: dict[str, Any]) -> dict[str, Any]:
    """A discriminator as AsyncAPI has it, and what OpenAPI says besides as our extension."""
    mapping = said.get("mapping")
    names = mapping.items() if isinstance(mapping, dict) else ()
    found = {name: REFERENCE + _fit(_variant(ref)) for name, ref in names if isinstance(ref, str)}
    made = {"discriminator": said.get("propertyName")}
    return {**made, MAPPING: found} if found else made


def _variant(ref: str) -> str:
    """What a mapping names: a schema's name, or a reference to it."""
    return ref if _NAME.fullmatch(ref) else _local(ref)


def _apart(schema: dict[str, Any]) -> dict[str, Any]:
    """A reference with other keywords as a part of `allOf`: AsyncAPI reads it alone otherwise."""
    if "$ref" not in schema or schema.keys() <= _ANNOTATIONS:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *rest.get("allOf", ())]}


def _local(reference: str) -> str:
    for place in _PLACES:
        name = reference.removeprefix(place)
        if name != reference and "/" not in name:
            return name.replace("~1", "/").replace("~0", "~")
    raise ImportSchemaError(
        f"{reference} is not one of the document's schemas: bundle the document first"
    )


def _callbacks(
    paths: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What operations send to addresses that they were given: by its name, or with theirs."""
    seen: dict[str, Any] = {}
    for path, method, operation in _operations(paths):
        called = operation.get("callbacks")
        for name, callback in called.items() if isinstance(called, dict) else ():
            ref = str(callback.get("$ref", "")) if isinstance(callback, dict) else ""
            shared = ref.removeprefix("#/components/callbacks/")
            meant = (components.get("callbacks") or {}).get(shared, callback)
            if seen.setdefault(name, meant) != meant:
                name = f"{operation.get('operationId') or f'{method} {path}'} {name}"
            for item in meant.values() if isinstance(meant, dict) else ():
                yield from _webhooks({name: item}, components)


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in paths.items():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if isinstance(operation, dict):
                yield path, method, operation


def _webhooks(hooks: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, item in hooks.items():
        for operation in item.values() if isinstance(item, dict) else ():
            body = operation.get("requestBody") if isinstance(operation, dict) else None
            if not isinstance(body, dict):
                continue
            named = str(body.get("$ref", "")).removeprefix("#/components/requestBodies/")
            body = (components.get("requestBodies") or {}).get(named, body)
            for kind, media in (body.get("content") or {}).items():
                if _JSON.match(kind) and "schema" in media:
                    yield name, media["schema"]
                    break


def _fit(name: str) -> str:
    return _UNFIT.sub("_", name)
