"""Schemas that are not JSON Schema, said in it: Avro and Protobuf."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from jararaca_compiler.documents.node import Node

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


@dataclass(slots=True)
class Surroundings:
    """What a converter needs: what a `$ref` leads to, other files, and a place to complain."""

    follow: Callable[[Node], Node]
    file: Callable[[str, str], Node | None]
    faults: list[tuple[Node, str]] = field(default_factory=list)

    def fault(self, node: Node, reason: str) -> None:
        """Something about the schema is wrong, at a node."""
        self.faults.append((node, reason))


def family_of(format: str) -> Family | None:
    """Which language a `schemaFormat` names; None for one that is not supported (RAML, say)."""
    return next((family for pattern, family in _FAMILIES if pattern.match(format)), None)


def family_of_file(path: str) -> Family:
    """Which language a file's schemas are in, by its name."""
    return next((f for suffix, f in _SUFFIXES.items() if path.endswith(suffix)), "json")


def converted(family: Family, node: Node, surroundings: Surroundings) -> Any:
    """The JSON Schema of a foreign one; its definitions stand in `$defs` below the node."""
    if family == "avro":
        from jararaca_compiler.schemas.formats import avro

        return avro.to_json_schema(node, surroundings)
    from jararaca_compiler.schemas.formats import protobuf

    return protobuf.to_json_schema(node, surroundings)
