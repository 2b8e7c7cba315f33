"""The examples of a message: its own, else those that its payload's schema carries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.metadata import example_of
from jararaca_compiler.references.resolver import UnresolvedRefError

_DEEPEST = 40
_CLASSES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
_COMPOSITION = frozenset({"allOf", "anyOf", "oneOf", "if", "not"})


class _Absent(Exception):
    """A schema carries no complete example."""


def examples(
    fields: Mapping[str, Node], payload: ir.Payload, context: Context
) -> tuple[ir.Example, ...]:
    """Examples with a payload, in document order."""
    node = fields.get("examples")
    own = [] if node is None else [_example(item, context) for item in node.elements()]
    found = tuple(example for example in own if example is not None)
    if found or payload.schema is True:
        return found
    return tuple(
        ir.Example(None, value, None, payload.span) for value in _of_schema(payload.schema, context)
    )


def _example(node: Node, context: Context) -> ir.Example | None:
    """AsyncAPI's Message Example Object; before 2.1 also a bare payload."""
    node = context.resolver.follow(node)
    span = context.resolver.span(node)
    example = example_of(node)
    if example is None:
        return ir.Example(None, node.value, None, span)
    if "payload" not in example:
        return None
    return ir.Example(node.text("name"), example["payload"], example.get("headers"), span)


def _of_schema(schema: Any, context: Context) -> list[Any]:
    """Every example that a schema gives; else the one that its properties' examples make."""
    if not isinstance(schema, dict):
        return []
    if isinstance(schema.get("examples"), list) and schema["examples"]:
        return list(schema["examples"])
    try:
        return [_Maker(context).made(schema)]
    except _Absent:
        return []


def _carried(schema: dict[str, Any]) -> Iterator[Any]:
    """The values that a schema itself shows, the best one first."""
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list):
            yield from schema[key][:1]
    keys = ("example", "const") if "format" in schema else ("example", "const", "default")
    yield from (schema[key] for key in keys if key in schema)


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is of the schema's type; a default often is not: `default: 'false'`."""
    types = schema.get("type")
    named = types if isinstance(types, list) else [types]
    classes = [_CLASSES[name] for name in named if isinstance(name, str) and name in _CLASSES]
    if isinstance(value, bool) and bool not in classes and classes:
        return False
    is_whole = isinstance(value, float) and value.is_integer() and int in classes
    listed = schema.get("enum")
    return (not classes or is_whole or isinstance(value, tuple(classes))) and (
        not isinstance(listed, list) or value in listed
    )


class _Maker:
    """Puts an example together; what a reference leads to is made once."""

    def __init__(self, context: Context) -> None:
        self._resolver = context.resolver
        self._made: dict[str, Any] = {}
        self._depth = 0

    def made(self, schema: Any) -> Any:
        """The first example of a schema. Raises _Absent where a part has none."""
        if not isinstance(schema, dict):
            raise _Absent
        for value in _carried(schema):
            if _fits(value, schema):
                return value
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema["$ref"])
        if isinstance(schema.get("properties"), dict) and not schema.keys() & _COMPOSITION:
            return self._object(schema)
        raise _Absent

    def _referred(self, ref: str) -> Any:
        if ref not in self._made:
            self._made[ref] = _Absent
            self._depth += 1
            if self._depth < _DEEPEST:
                with contextlib.suppress(_Absent, UnresolvedRefError):
                    self._made[ref] = self.made(self._resolver.lookup(ref).value)
            self._depth -= 1
        if self._made[ref] is _Absent:
            raise _Absent
        return self._made[ref]

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        names = schema.get("required")
        required = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
        made: dict[str, Any] = {}
        for name, part in schema["properties"].items():
            with contextlib.suppress(_Absent):
                made[name] = self.made(part)
        if not made or any(name not in made for name in required):
            raise _Absent
        return made
