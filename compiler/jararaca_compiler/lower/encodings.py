"""Which binary form a message has on the wire: by its content type and its schema's language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.inlining import inlined
from jararaca_compiler.schemas.formats import Family, family_of

AVRO = frozenset(
    {
        *("application/vnd.apache.avro", "application/vnd.apache.avro+binary"),
        *("application/avro", "application/x-avro", "application/avro-binary"),
        *("avro/binary", "application/x-avro-binary"),
    }
)
"""The content types of Avro's binary encoding; Avro as JSON has `+json`."""
PROTOBUF = frozenset(
    {
        *("application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"),
        "application/x-google-protobuf",
    }
)
"""The content types of Protobuf's wire format."""
_NAMED = ("record", "error", "enum", "fixed")
_GROUPS = {
    **dict.fromkeys(("string", "bytes", "enum", "fixed"), "text"),
    **dict.fromkeys(("record", "error", "map"), "object"),
}


def media_type(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def encoding_of(
    payload: Node | None, format: str | None, content_type: str, kind: ir.Kind, context: Context
) -> ir.Encoding | None:
    """The binary form of a message; None where its body is JSON."""
    language = _language(content_type)
    if payload is None or language is None or kind == "websocket":
        return None
    if isinstance(payload.value, dict) and payload.value.keys() >= {"schemaFormat", "schema"}:
        format = str(payload.value["schemaFormat"])
        payload = payload.at("schema", payload.value["schema"])
    if format is None or family_of(format) != language:
        return None
    return _avro(payload, context) if language == "avro" else _protobuf(payload, format, context)


def _language(content_type: str) -> Family | None:
    kind = media_type(content_type)
    return "avro" if kind in AVRO else "protobuf" if kind in PROTOBUF else None


def _protobuf(payload: Node, format: str, context: Context) -> ir.Encoding | None:
    from jararaca_compiler.schemas.formats.descriptors import UnmappedError, descriptors_of

    node = context.resolver.follow(payload)
    found = context.resolver.schema(node, format).value
    if not isinstance(found, dict) or "$ref" not in found:
        return None  # What is wrong with the text has been said.
    try:
        files = descriptors_of(node, context.resolver.conversion())
    except UnmappedError as error:
        context.report("protobuf-unmapped", payload, what=str(error))
        return None
    text = str(node.value) if len(files) == 1 else ""
    root = found["$ref"].rpartition("/$defs/")[2]
    return ir.Encoding("protobuf", _compact(files), root, text)


def _avro(payload: Node, context: Context) -> ir.Encoding:
    schema = _once(inlined(payload, context))
    for union in _ambiguous(schema, {}):
        context.report("avro-union-ambiguous", payload, union=json.dumps(union)[:60])
    return ir.Encoding("avro", _compact(schema))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _once(schema: Any) -> Any:
    """A schema whose inlined files say each named type once; the others are by its name."""
    known: dict[str, Any] = {}

    def walk(value: Any, space: str) -> Any:
        if isinstance(value, list):
            return [walk(item, space) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("type") in _NAMED and isinstance(value.get("name"), str):
            full = _full_name(value, space)
            if known.setdefault(full, value) is not value and known[full] == value:
                return full
            space = full.rpartition(".")[0]
        made = dict(value)
        for key in ("type", "items", "values", "fields"):
            if isinstance(value.get(key), dict | list):
                made[key] = walk(value[key], space)
        return made

    return walk(schema, "")


def _full_name(value: dict[str, Any], space: str) -> str:
    name = str(value["name"])
    space = value["namespace"] if isinstance(value.get("namespace"), str) else space
    return name if "." in name or not space else f"{space}.{name}"


def _ambiguous(schema: Any, names: dict[str, str]) -> Iterator[Any]:
    """Unions of which two branches have the same form in JSON: the first that fits is written."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _ambiguous(branch, names)
        groups = [_GROUPS.get(_kind(branch, names)) for branch in schema]
        if any(groups.count(group) > 1 for group in ("text", "object")):
            yield [
                _kind(branch, names) if isinstance(branch, dict) else branch for branch in schema
            ]
    elif isinstance(schema, dict):
        if schema.get("type") in _NAMED:
            names[str(schema.get("name")).rpartition(".")[2]] = str(schema["type"])
        for key in ("type", "items", "values"):
            if isinstance(schema.get(key), dict | list):
                yield from _ambiguous(schema[key], names)
        for field in schema["fields"] if isinstance(schema.get("fields"), list) else ():
            yield from _ambiguous(field, names)


def _kind(branch: Any, names: dict[str, str]) -> str:
    kind = branch.get("type") if isinstance(branch, dict) else branch
    return names.get(str(kind).rpartition(".")[2], str(kind))
