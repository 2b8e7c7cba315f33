"""Apache Avro 1.12 schemas -> JSON Schema of the plain JSON that carries such values.

Records are objects, maps objects too, enums texts, bytes and fixed texts of the characters
U+0000-U+00FF, a union any of its branches; a logical type is its underlying one, as in Avro's own
JSON encoding (https://avro.apache.org/docs/1.12.0/specification/#json-encoding).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import escape, unescape
from jararaca_compiler.schemas.formats.context import ConversionContext

_NAMED = ("record", "error", "enum", "fixed")
_BYTES = "^[\\u0000-\\u00ff]*$"
_PRIMITIVES: dict[str, dict[str, Any]] = {
    "null": {"type": "null"},
    "boolean": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bytes": {"type": "string", "pattern": _BYTES},
    "string": {"type": "string"},
}
_EXTRAS = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "array": ("minItems", "maxItems", "uniqueItems"),
}
"""Keywords that AsyncAPI's Avro parser takes over from a type or a field."""


def to_json_schema(node: Node, context: ConversionContext) -> dict[str, Any]:
    """The JSON Schema of an Avro schema, all of its named types but the root's in `$defs`."""
    return _Converter(node, context).schema()


class _Converter:
    def __init__(self, node: Node, context: ConversionContext) -> None:
        self._root = node
        self._context = context
        self._refs = _references(node)
        self._definitions: dict[str, Any] = {}
        self._done: set[str] = set()

    def schema(self) -> dict[str, Any]:
        """The root's schema."""
        schema = self._type(self._root, "", inline=True)
        if self._definitions:
            schema = {**schema, "$defs": dict(sorted(self._definitions.items()))}
        return schema

    def _type(self, node: Node, namespace: str, *, inline: bool = False) -> dict[str, Any]:
        value = node.value
        if isinstance(value, str):
            return self._by_name(node, namespace)
        if isinstance(value, list):
            return self._union(node, namespace)
        if not isinstance(value, dict):
            return self._refuse(node, "a type is a name, a mapping or a list of types")
        if isinstance(value.get("$ref"), str):
            return self._elsewhere(node)
        kind = value.get("type")
        if kind in _NAMED:
            return self._named(node, namespace, inline)
        if kind == "array":
            found = {"type": "array", "items": self._inner(node, "items", namespace)}
            return self._described(found, node)
        if kind == "map":
            values = self._inner(node, "values", namespace)
            return self._described({"type": "object", "additionalProperties": values}, node)
        inner = node.get("type")
        if inner is None:
            return self._refuse(node, "`type` is missing")
        return self._described(self._type(inner, namespace), node)

    def _inner(self, node: Node, key: str, namespace: str) -> dict[str, Any]:
        inner = node.get(key)
        if inner is None:
            return self._refuse(node, f"`{key}` is missing")
        return self._type(inner, namespace)

    def _by_name(self, node: Node, namespace: str) -> dict[str, Any]:
        name = str(node.value)
        if name in _PRIMITIVES:
            return dict(_PRIMITIVES[name])
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        for known in (full, name):
            if known in self._refs:
                return {"$ref": self._refs[known]}
        if name in ("map", "array", *_NAMED):
            return self._refuse(node, f"`{name}` needs a mapping of its own: {{type: {name}, ...}}")
        return self._refuse(node, f"no type is called `{name}` in this file")

    def _union(self, node: Node, namespace: str) -> dict[str, Any]:
        branches = [self._type(branch, namespace) for branch in node.elements()]
        if not branches:
            return self._refuse(node, "a union has at least one type")
        if all(b.keys() == {"type"} and isinstance(b["type"], str) for b in branches):
            types = list(dict.fromkeys(branch["type"] for branch in branches))
            return {"type": types[0] if len(types) == 1 else types}
        return branches[0] if len(branches) == 1 else {"anyOf": branches}

    def _elsewhere(self, node: Node) -> dict[str, Any]:
        target = self._context.follow(node)
        return {"$ref": target.ref} if target.value else {}

    def _named(self, node: Node, namespace: str, inline: bool) -> dict[str, Any]:
        full = _full_name(node.value, namespace)
        space = full.rpartition(".")[0]
        if not full:
            return self._refuse(node, "`name` is missing")
        if full in self._done:
            return self._refuse(node, f"two types are called `{full}`")
        self._done.add(full)
        kind = node.value["type"]
        if kind == "enum":
            found = self._enum(node)
        elif kind == "fixed":
            found = self._fixed(node)
        else:
            found = self._record(node, space)
        found = self._described({"title": full.rpartition(".")[2], **found}, node)
        if inline:
            return found
        key = unescape(self._refs[full].rpartition("/")[2])
        self._definitions[key] = found
        return {"$ref": self._refs[full]}

    def _enum(self, node: Node) -> dict[str, Any]:
        symbols = node.value.get("symbols")
        if not isinstance(symbols, list) or not symbols:
            return self._refuse(node, "an enum needs `symbols`")
        return {"type": "string", "enum": symbols}

    def _fixed(self, node: Node) -> dict[str, Any]:
        size = node.value.get("size")
        if not isinstance(size, int):
            return self._refuse(node, "a fixed needs a `size` in bytes")
        return {"type": "string", "minLength": size, "maxLength": size, "pattern": _BYTES}

    def _record(self, node: Node, namespace: str) -> dict[str, Any]:
        fields = node.get("fields")
        if fields is None or not isinstance(fields.value, list):
            return self._refuse(node, "a record needs `fields`")
        properties: dict[str, Any] = {}
        required: list[str] = []
        for item in fields.elements():
            name = item.text("name")
            if name is None:
                self._context.fault(item, "a field needs a `name`")
                continue
            properties[name] = self._field(item, namespace)
            if "default" not in item.value and not _is_optional(item.value.get("type")):
                required.append(name)
        found: dict[str, Any] = {"type": "object", "properties": properties}
        return {**found, "required": required} if required else found

    def _field(self, node: Node, namespace: str) -> dict[str, Any]:
        found = self._described(self._inner(node, "type", namespace), node)
        if "default" in node.value:
            found["default"] = node.value["default"]
        return found

    def _described(self, schema: dict[str, Any], node: Node) -> dict[str, Any]:
        """With a type's or a field's documentation, examples and the keywords of `_EXTRAS`."""
        found = dict(schema)
        if node.text("doc"):
            found["description"] = node.text("doc")
        if "example" in node.value:
            found["examples"] = [node.value["example"]]
        elif isinstance(node.value.get("examples"), list):
            found["examples"] = node.value["examples"]
        if node.value.get("logicalType") == "uuid" and found.get("type") == "string":
            found["format"] = "uuid"
        for key in _EXTRAS.get(str(found.get("type")), ()):
            if key in node.value:
                found[key] = node.value[key]
        return found

    def _refuse(self, node: Node, reason: str) -> dict[str, Any]:
        self._context.fault(node, reason)
        return {}


def _full_name(value: Mapping[str, Any], namespace: str) -> str:
    name, space = value.get("name"), value.get("namespace")
    if not isinstance(name, str) or not name:
        return ""
    if "." in name:
        return name
    space = space if isinstance(space, str) else namespace
    return f"{space}.{name}" if space else name


def _references(root: Node) -> dict[str, str]:
    """By full name the reference to each named type: `$defs/Name`, in full where two share it."""
    names = dict.fromkeys(name for name, _ in _named_types(root, ""))
    short = Counter(name.rpartition(".")[2] for name in names)
    found: dict[str, str] = {}
    for name in names:
        last = name.rpartition(".")[2]
        key = last if short[last] == 1 else name
        found[name] = f"{root.ref}/$defs/{escape(key)}"
    value = root.value
    if isinstance(value, dict) and value.get("type") in _NAMED and _full_name(value, ""):
        found[_full_name(value, "")] = root.ref
    return found


def _named_types(node: Node, namespace: str) -> Iterator[tuple[str, Node]]:
    value = node.value
    if isinstance(value, list):
        for branch in node.elements():
            yield from _named_types(branch, namespace)
    if not isinstance(value, dict):
        return
    if value.get("type") in _NAMED:
        full = _full_name(value, namespace)
        if full:
            yield full, node
        namespace = full.rpartition(".")[0]
        for field in value["fields"] if isinstance(value.get("fields"), list) else ():
            if isinstance(field, dict):
                yield from _named_types(node.at("type", field.get("type")), namespace)
        return
    for key in ("type", "items", "values"):
        if isinstance(value.get(key), dict | list):
            yield from _named_types(node.at(key, value[key]), namespace)


def _is_optional(type: Any) -> bool:
    return isinstance(type, list) and "null" in type
