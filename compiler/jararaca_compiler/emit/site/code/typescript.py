"""A schema as a TypeScript type, and an example that is of the type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.site.schemas.flattening import FlatSchema, Flattener, Lookup

_WORD = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}
_SAID = frozenset(
    {"description", "title", "deprecated", "examples", "example", "default", "$comment"}
)
"""What a schema may say beside a reference without being another type."""
_MOST_DEEP = 16
_MOST_LISTED = 40


def typescript(message: ir.Message, lookup: Lookup) -> str:
    """The type of a message's payload; what contains itself has a name of its own."""
    types = _Types(Flattener(lookup).flat)
    payload, name = message.payload, types.free(message.class_name)
    root = types.flat(payload.schema)
    types.names[f"{payload.path}#{payload.pointer}"] = name
    if _referred(payload.schema) is not None:
        types.names[root.refs[0]] = name
    parts = [f"export type {name} = {types.declared(name, root)};\n"]
    while types.waiting:
        name, shape = types.waiting.pop(0)
        parts.append(f"export type {name} = {types.declared(name, shape)};\n")
    return "\n".join(parts)


def _referred(schema: Any) -> Any:
    """The reference that a schema is, whatever else it says of it; None where it is none."""
    if not isinstance(schema, dict):
        return None
    parts = schema.get("allOf")
    if isinstance(parts, list) and len(parts) == 1 and not schema.keys() - _SAID - {"allOf"}:
        return _referred(parts[0])
    is_reference = isinstance(schema.get("$ref"), str) and not schema.keys() - _SAID - {"$ref"}
    return schema if is_reference else None


def _or_null(schema: Any) -> Any:
    """The one alternative to null; None where there are others."""
    for key in ("oneOf", "anyOf"):
        found = schema.get(key) if isinstance(schema, dict) else None
        if isinstance(found, list) and not schema.keys() - _SAID - {key}:
            rest = [each for each in found if each != {"type": "null"}]
            if len(rest) == 1 and len(found) == 2:
                return rest[0]
    return None


class _Types:
    """Writes types; `names` are those that have a name, `waiting` the ones yet to write."""

    def __init__(self, flat: Callable[[Any], FlatSchema]) -> None:
        self.flat = flat
        self.names: dict[str, str] = {}
        self.waiting: list[tuple[str, FlatSchema]] = []
        self._taken: set[str] = set()
        self._current = ""

    def of(self, schema: Any, above: tuple[str, ...], depth: int) -> str:
        """The type of a part; a reference to an object has a name."""
        other = _or_null(schema)
        if other is not None:
            return _union([self.of(other, above, depth), "null"])
        shape = self.flat(schema)
        if _referred(schema) is not None and shape.refs:
            name = self._named(shape)
            if name is not None:
                return name
        if depth > _MOST_DEEP or {*shape.refs} & {*above}:
            return "unknown"
        return self.written(shape, (*above, *shape.refs), depth)

    def _named(self, shape: FlatSchema) -> str | None:
        ref = shape.refs[0]
        if ref not in self.names and (shape.properties or shape.variants or shape.items):
            self.names[ref] = self.free(shape.name or "Type")
            self.waiting.append((self.names[ref], shape))
        return self.names.get(ref)

    def declared(self, name: str, shape: FlatSchema) -> str:
        """What a name stands for."""
        self._current = name
        return self.written(shape, ())

    def written(self, shape: FlatSchema, above: tuple[str, ...], depth: int = 0) -> str:
        """The type itself, spelled out."""
        text = self._written(shape, above, depth)
        return _union([text, "null"]) if shape.nullable and text != "null" else text

    def _written(self, shape: FlatSchema, above: tuple[str, ...], depth: int) -> str:
        schema = shape.schema
        if "const" in schema:
            return _constant(schema["const"])
        listed = schema.get("enum")
        if isinstance(listed, list) and 0 < len(listed) <= _MOST_LISTED:
            return _union([_constant(value) for value in listed if value is not None])
        if shape.variants:
            return self._variants(shape, above, depth)
        kinds = [self._kind(kind, shape, above, depth) for kind in shape.types or (_kind(shape),)]
        return _union(kinds)

    def _variants(self, shape: FlatSchema, above: tuple[str, ...], depth: int) -> str:
        parts = [self.of(each, above, depth + 1) for each in shape.variants]
        if depth == 0 and self._current in parts:
            parts = []  # An heir is not told apart again from its siblings.
        if not shape.properties:
            return _union(parts)
        own = self._object(shape, above, depth)
        return f"{own} & ({_union(parts)})" if parts else own

    def _kind(self, kind: str, shape: FlatSchema, above: tuple[str, ...], depth: int) -> str:
        if kind == "object":
            return self._object(shape, above, depth)
        if kind == "array":
            if shape.tuple_items:
                parts = ", ".join(self.of(i, above, depth + 1) for i in shape.tuple_items)
                return f"[{parts}]"
            item = "unknown" if shape.items is None else self.of(shape.items, above, depth)
            return f"{item}[]" if _WORD.fullmatch(item) else f"Array<{item}>"
        return _SIMPLE.get(kind, "null" if kind == "null" else "unknown")

    def _object(self, shape: FlatSchema, above: tuple[str, ...], depth: int) -> str:
        if not shape.properties:
            other = shape.other_keys
            value = self.of(other, above, depth + 1) if isinstance(other, dict) else "unknown"
            return f"Record<string, {value}>"
        pad = "  " * (depth + 1)
        lines = []
        for name, schema in shape.properties.items():
            mark = "" if name in shape.required else "?"
            key = name if _WORD.fullmatch(name) else json.dumps(name)
            lines.append(f"{pad}{key}{mark}: {self.of(schema, above, depth + 1)};\n")
        for name in sorted(shape.required - shape.properties.keys()):
            lines.append(f"{pad}{json.dumps(name)}: unknown;\n")
        return "{\n" + "".join(lines) + "  " * depth + "}"

    def free(self, name: str) -> str:
        """A name that no other type has."""
        wanted = "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))
        wanted = wanted if _WORD.fullmatch(wanted) else f"Type{wanted}"
        found, number = wanted, 2
        while found in self._taken:
            found, number = f"{wanted}{number}", number + 1
        self._taken.add(found)
        return found


def _kind(shape: FlatSchema) -> str:
    if shape.properties or isinstance(shape.other_keys, dict):
        return "object"
    return "array" if shape.items is not None or shape.tuple_items else "any"


def _constant(value: Any) -> str:
    return (
        json.dumps(value, ensure_ascii=False) if not isinstance(value, dict | list) else "unknown"
    )


def _union(parts: list[str]) -> str:
    return " | ".join(dict.fromkeys(parts)) or "unknown"
