"""Protocol Buffers -> JSON Schema of their JSON form (https://protobuf.dev/programming-guides/json).

A payload is the first message of its file that no other message refers to. Local imports are read;
Google's well-known types are built in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from proto_schema_parser import ast
from proto_schema_parser.parser import Parser

from jararaca_compiler.documents.node import Node
from jararaca_compiler.schemas.formats.context import ConversionContext

_INT32 = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_UINT32 = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
_INT64 = {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"}
_UINT64 = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"}
_FLOAT = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
_SCALARS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    **dict.fromkeys(("double", "float"), _FLOAT),
    **dict.fromkeys(("int32", "sint32", "sfixed32"), _INT32),
    **dict.fromkeys(("uint32", "fixed32"), _UINT32),
    **dict.fromkeys(("int64", "sint64", "sfixed64"), _INT64),
    **dict.fromkeys(("uint64", "fixed64"), _UINT64),
}
_GOOGLE = "google.protobuf."
_WELL_KNOWN: dict[str, Any] = {
    "Timestamp": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"},
    "FieldMask": {"type": "string"},
    "Empty": {"type": "object", "additionalProperties": False},
    "Struct": {"type": "object"},
    "Any": {"type": "object", "properties": {"@type": {"type": "string"}}, "required": ["@type"]},
    "Value": {},
    "ListValue": {"type": "array"},
    "NullValue": {"type": "null"},
    **{
        f"{name}Value": {"anyOf": [_SCALARS[name.lower()], {"type": "null"}]}
        for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool")
    },
    "StringValue": {"type": ["string", "null"]},
    "BytesValue": {"type": ["string", "null"], "contentEncoding": "base64"},
}


@dataclass(frozen=True, slots=True)
class _Definition:
    """A message or an enum by its full name."""

    name: str
    element: ast.Message | ast.Enum


class _Raising(ErrorListener):  # type: ignore[misc]
    def syntaxError(
        self, _recognizer: Any, _symbol: Any, line: int, column: int, message: str, _error: Any
    ) -> None:
        raise ValueError(f"line {line}, column {column + 1}: {message.split(' expecting ')[0]}")


def to_json_schema(node: Node, context: ConversionContext) -> dict[str, Any]:
    """The JSON Schema of a `.proto` text, its messages and enums in `$defs` by their full name."""
    definitions: dict[str, _Definition] = {}
    found = _read(node, context, definitions, set())
    if not found:
        return {}
    inside = {name for d in definitions.values() for name in _mentioned(d, definitions)}
    roots = [name for name in found if isinstance(definitions[name].element, ast.Message)]
    if not roots:
        context.fault(node, "it has no message")
        return {}
    root = next((name for name in roots if name not in inside), roots[0])
    schemas = {name: _schema(d, definitions, node) for name, d in sorted(definitions.items())}
    return {"$ref": f"{node.ref}/$defs/{root}", "$defs": schemas}


def _read(
    node: Node, context: ConversionContext, definitions: dict[str, _Definition], seen: set[str]
) -> list[str]:
    """Add a text's definitions, imports first; the full names of its top-level ones."""
    if node.path in seen and not node.pointer:
        return []
    seen.add(node.path)
    if not isinstance(node.value, str):
        context.fault(node, "a Protobuf schema is a text")
        return []
    try:
        file = parsed(node.value)
    except (ValueError, RecursionError) as error:
        context.fault(node, str(error)[:200] or "it is nested too deep")
        return []
    package = next((e.name for e in file.file_elements if isinstance(e, ast.Package)), "")
    for element in file.file_elements:
        if isinstance(element, ast.Import) and not element.name.startswith("google/"):
            there = context.file(node.path, element.name)
            if there is None:
                context.fault(node, f'it imports "{element.name}", which is not there')
            else:
                _read(there, context, definitions, seen)
    return [d.name for d in _declared(file.file_elements, package, definitions)]


def parsed(text: str) -> ast.File:
    """The text's syntax tree. Raises ValueError."""

    def listen(recognizer: Any) -> None:
        recognizer.removeErrorListeners()
        recognizer.addErrorListener(_Raising())

    return Parser(setup_lexer=listen, setup_parser=listen).parse(text)


def _declared(
    elements: Any, scope: str, definitions: dict[str, _Definition]
) -> Iterator[_Definition]:
    for element in elements:
        if isinstance(element, ast.Message | ast.Enum):
            name = f"{scope}.{element.name}" if scope else element.name
            definitions[name] = _Definition(name, element)
            if isinstance(element, ast.Message):
                list(_declared(element.elements, name, definitions))
            yield definitions[name]


def _schema(
    definition: _Definition, definitions: dict[str, _Definition], node: Node
) -> dict[str, Any]:
    element = definition.element
    if isinstance(element, ast.Enum):
        names = [value.name for value in element.elements if isinstance(value, ast.EnumValue)]
        return {"title": element.name, "enum": names}
    found: dict[str, Any] = {"title": element.name, "type": "object", "properties": {}}
    required: list[str] = []
    choices: list[dict[str, Any]] = []
    for part in element.elements:
        members = part.elements if isinstance(part, ast.OneOf) else [part]
        fields = [m for m in members if isinstance(m, ast.Field | ast.MapField)]
        for field in fields:
            found["properties"][json_name(field)] = _field(field, definition, definitions, node)
            if getattr(field, "cardinality", None) == ast.FieldCardinality.REQUIRED:
                required.append(json_name(field))
        if isinstance(part, ast.OneOf) and len(fields) > 1:
            choices.append(_at_most_one([json_name(field) for field in fields]))
    if required:
        found["required"] = required
    return {**found, "allOf": choices} if choices else found


def _at_most_one(names: list[str]) -> dict[str, Any]:
    pairs = [[one, other] for i, one in enumerate(names) for other in names[i + 1 :]]
    refused = [{"required": pair} for pair in pairs]
    return {"not": refused[0] if len(refused) == 1 else {"anyOf": refused}}


def _field(
    field: ast.Field | ast.MapField,
    scope: _Definition,
    definitions: dict[str, _Definition],
    node: Node,
) -> dict[str, Any]:
    if isinstance(field, ast.MapField):
        values = _type(field.value_type, scope, definitions, node)
        return {"type": "object", "additionalProperties": values}
    found = _type(field.type, scope, definitions, node)
    if field.cardinality == ast.FieldCardinality.REPEATED:
        return {"type": "array", "items": found}
    return found


def _type(
    name: str, scope: _Definition, definitions: dict[str, _Definition], node: Node
) -> dict[str, Any]:
    if name in _SCALARS:
        return dict(_SCALARS[name])
    plain = name.lstrip(".")
    if plain.startswith(_GOOGLE):
        return dict(_WELL_KNOWN.get(plain.removeprefix(_GOOGLE), {}))
    full = _resolved(name, scope.name, definitions)
    return {"$ref": f"{node.ref}/$defs/{full}"} if full is not None else {}


def _resolved(name: str, scope: str, definitions: dict[str, _Definition]) -> str | None:
    """The innermost definition that a name means inside `scope`."""
    if name.startswith("."):
        return name[1:] if name[1:] in definitions else None
    while True:
        full = f"{scope}.{name}" if scope else name
        if full in definitions:
            return full
        if not scope:
            return None
        scope = scope.rpartition(".")[0]


def _mentioned(definition: _Definition, definitions: dict[str, _Definition]) -> Iterator[str]:
    element = definition.element
    if not isinstance(element, ast.Message):
        return
    for part in element.elements:
        for member in part.elements if isinstance(part, ast.OneOf) else [part]:
            name = getattr(member, "value_type", None) or getattr(member, "type", None)
            full = _resolved(name, definition.name, definitions) if name else None
            if full is not None and full != definition.name:
                yield full


def json_name(field: ast.Field | ast.MapField) -> str:
    """`json_name`, else the name in lowerCamelCase."""
    for option in field.options:
        if option.name == "json_name" and isinstance(option.value, str):
            return option.value
    head, *rest = field.name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
