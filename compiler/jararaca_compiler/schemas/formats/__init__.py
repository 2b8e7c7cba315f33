"""Schemas that are not JSON Schema, said in it: Avro and Protobuf."""

from __future__ import annotations

import re
from typing import Any, Literal

from jararaca_compiler.documents.node import Node
from jararaca_compiler.schemas.formats.context import ConversionContext

Family = Literal["json", "avro", "protobuf"]
_FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (
        re.compile(
            r"application/(vnd\.aai\.asyncapi|schema|vnd\.oai\.openapi)(\+json|\+yaml)?\s*(;.*)?$"
        ),
        "json",
    ),
    (re.compile(r"application/vnd\.apache\.avro(\+json|\+yaml)?\s*(;.*)?$"), "avro"),
    (re.compile(r"application/vnd\.google\.protobuf\s*(;.*)?$"), "protobuf"),
)
_SUFFIXES: dict[str, Family] = {".avsc": "avro", ".proto": "protobuf"}


def family_of(format: str) -> Family | None:
    """Which language a `schemaFormat` names; None for one that is not supported (RAML, say)."""
    return next((family for pattern, family in _FAMILIES if pattern.match(format)), None)


def family_of_file(path: str) -> Family:
    """Which language a file's schemas are in, by its name."""
    return next((f for suffix, f in _SUFFIXES.items() if path.endswith(suffix)), "json")


def converted(family: Family, node: Node, context: ConversionContext) -> Any:
    """The JSON Schema of a foreign one; its definitions stand in `$defs` below the node."""
    if family == "avro":
        from jararaca_compiler.schemas.formats import avro

        return avro.to_json_schema(node, context)
    from jararaca_compiler.schemas.formats import protobuf

    return protobuf.to_json_schema(node, context)
