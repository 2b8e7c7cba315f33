"""Protocol Buffers as descriptors, in the JSON form that protobuf's runtime reads.

See https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proto_schema_parser import ast

from jararaca_compiler.documents.node import Node
from jararaca_compiler.schemas.formats.context import ConversionContext
from jararaca_compiler.schemas.formats.protobuf import json_name, parsed

MAIN = "main.proto"
_SCALARS = frozenset(
    {
        *("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64"),
        *("fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"),
    }
)
_GOOGLE = "google/protobuf/"


@dataclass(frozen=True, slots=True)
class _File:
    """A `.proto` text: what it is called by those who import it, and what stands in it."""

    name: str
    parsed: ast.File

    @property
    def package(self) -> str:
        return next((e.name for e in self.parsed.file_elements if isinstance(e, ast.Package)), "")

    @property
    def imports(self) -> list[ast.Import]:
        return [e for e in self.parsed.file_elements if isinstance(e, ast.Import)]

    @property
    def syntax(self) -> str:
        return self.parsed.syntax or "proto2"


class UnmappedError(Exception):
    """Something that has no place in the descriptors; the text says what."""


def descriptors_of(node: Node, context: ConversionContext) -> list[dict[str, Any]]:
    """A text's files, those that it imports first. Raises UnmappedError.

    What is wrong with the text itself has been said already.
    """
    files = list(_files(MAIN, node, context, set()))
    kinds = {name: kind for file in files for name, kind in _declared(file)}
    return [_file(file, kinds) for file in files]


def _files(name: str, node: Node, context: ConversionContext, seen: set[str]) -> Iterator[_File]:
    seen.add(name)
    file = _File(name, parsed(str(node.value)))
    if file.parsed.edition is not None:
        raise UnmappedError(f'edition = "{file.parsed.edition}"')
    for each in file.imports:
        there = None if each.name.startswith(_GOOGLE) else context.file(node.path, each.name)
        if there is not None and each.name not in seen:
            yield from _files(each.name, there, context, seen)
    yield file


def _declared(file: _File) -> Iterator[tuple[str, str]]:
    """The full name of each message and enum, and which of them it is."""

    def walk(elements: Iterable[Any], scope: str) -> Iterator[tuple[str, str]]:
        for element in elements:
            if isinstance(element, ast.Message | ast.Enum):
                name = f"{scope}.{element.name}"
                yield name, "TYPE_ENUM" if isinstance(element, ast.Enum) else "TYPE_MESSAGE"
                yield from walk(element.elements, name)

    return walk(file.parsed.file_elements, f".{file.package}" if file.package else "")


def _file(file: _File, kinds: Mapping[str, str]) -> dict[str, Any]:
    scope = f".{file.package}" if file.package else ""
    elements = file.parsed.file_elements
    if any(isinstance(each, ast.Extension) for each in elements):
        raise UnmappedError("extend")
    names = [each.name for each in file.imports]
    return {
        "name": file.name,
        "package": file.package,
        "syntax": file.syntax,
        "dependency": names,
        "publicDependency": [names.index(each.name) for each in file.imports if each.public],
        "messageType": [
            _Messages(file.syntax, kinds).message(e, scope) for e in _messages(elements)
        ],
        "enumType": [_enum(e) for e in elements if isinstance(e, ast.Enum)],
    }


class _Messages:
    """The messages of one file, whose syntax decides what a field without a label is."""

    def __init__(self, syntax: str, kinds: Mapping[str, str]) -> None:
        self._syntax = syntax
        self._kinds = kinds

    def message(self, message: ast.Message, scope: str) -> dict[str, Any]:
        """The descriptor of a message, with what is declared in it."""
        full = f"{scope}.{message.name}"
        for element in message.elements:
            if isinstance(element, ast.Group | ast.Extension | ast.ExtensionRange):
                raise UnmappedError(f"{type(element).__name__.lower()} in {full[1:]}")
        fields: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        choices = [each for each in message.elements if isinstance(each, ast.OneOf)]
        optional: list[str] = []
        for element in message.elements:
            members = element.elements if isinstance(element, ast.OneOf) else [element]
            for member in members:
                if isinstance(member, ast.MapField):
                    entries.append(self._entry(member, full))
                    fields.append(_repeated(member, f"{full}.{entries[-1]['name']}"))
                elif isinstance(member, ast.Field):
                    made = self._field(member, full)
                    if isinstance(element, ast.OneOf):
                        made["oneofIndex"] = choices.index(element)
                    elif self._is_proto3_optional(member):
                        made["oneofIndex"] = len(choices) + len(optional)
                        made["proto3Optional"] = True
                        optional.append(f"_{member.name}")
                    fields.append(made)
        nested = [self.message(each, full) for each in _messages(message.elements)]
        return {
            "name": message.name,
            "field": fields,
            "nestedType": [*nested, *entries],
            "enumType": [_enum(e) for e in message.elements if isinstance(e, ast.Enum)],
            "oneofDecl": [{"name": name} for name in (*(c.name for c in choices), *optional)],
        }

    def _is_proto3_optional(self, field: ast.Field) -> bool:
        return self._syntax == "proto3" and field.cardinality == ast.FieldCardinality.OPTIONAL

    def _field(self, field: ast.Field, scope: str) -> dict[str, Any]:
        label = (field.cardinality or ast.FieldCardinality.OPTIONAL).value
        if label == "REQUIRED" and self._syntax == "proto3":
            raise UnmappedError(f"required in proto3 ({field.name})")
        options = {option.name: option.value for option in field.options}
        made = {
            "name": field.name,
            "number": int(field.number),
            "label": f"LABEL_{label}",
            "jsonName": json_name(field),
            **self._type(field.type, scope),
        }
        if "packed" in options:
            made["options"] = {"packed": _is_true(options["packed"])}
        if "default" in options:
            made["defaultValue"] = _default(options["default"])
        return made

    def _entry(self, field: ast.MapField, scope: str) -> dict[str, Any]:
        """The message that each entry of a map is on the wire."""
        name = "".join(word[:1].upper() + word[1:] for word in field.name.split("_")) + "Entry"
        parts = (("key", 1, field.key_type), ("value", 2, field.value_type))
        label = {"label": "LABEL_OPTIONAL"}
        made = [
            {"name": part, "number": number, "jsonName": part, **label, **self._type(kind, scope)}
            for part, number, kind in parts
        ]
        return {"name": name, "field": made, "options": {"mapEntry": True}}

    def _type(self, name: str, scope: str) -> dict[str, Any]:
        if name in _SCALARS:
            return {"type": f"TYPE_{name.upper()}"}
        full = self._resolved(name, scope)
        # Without a kind, protobuf's runtime looks whether it is a message or an enum.
        kind = self._kinds.get(full)
        return {"typeName": full} if kind is None else {"typeName": full, "type": kind}

    def _resolved(self, name: str, scope: str) -> str:
        """The innermost type that a name means inside `scope`; Google's are known by name."""
        if name.startswith("."):
            return name
        while True:
            full = f"{scope}.{name}"
            if full in self._kinds or not scope:
                return full
            scope = scope.rpartition(".")[0]


def _messages(elements: Iterable[Any]) -> Iterator[ast.Message]:
    return (element for element in elements if isinstance(element, ast.Message))


def _repeated(field: ast.MapField, entry: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "number": int(field.number),
        "label": "LABEL_REPEATED",
        "jsonName": json_name(field),
        "type": "TYPE_MESSAGE",
        "typeName": entry,
    }


def _enum(enum: ast.Enum) -> dict[str, Any]:
    values = [each for each in enum.elements if isinstance(each, ast.EnumValue)]
    made: dict[str, Any] = {
        "name": enum.name,
        "value": [{"name": each.name, "number": int(each.number)} for each in values],
    }
    if len({each.number for each in values}) < len(values):
        made["options"] = {"allowAlias": True}
    return made


def _is_true(value: Any) -> bool:
    return str(getattr(value, "name", value)).lower() == "true"


def _default(value: Any) -> str:
    value = getattr(value, "name", value)
    return str(value).lower() if isinstance(value, bool) else str(value)
