"""What a lint rule looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import SCHEMAS, Resolver, UnresolvedRefError
from jararaca_compiler.schemas.formats import family_of, family_of_file
from jararaca_compiler.schemas.identifiers import BY_NAME


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule applies; `values` fill its wording and its fix."""

    code: str
    span: Span
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class LintContext:
    """The services, and every JSON Schema that they use, each once and where it was written."""

    services: tuple[ir.Service, ...]
    documents: Documents
    resolver: Resolver
    schemas: tuple[Node, ...] = field(init=False)
    discriminators: Discriminators = field(init=False)

    def __post_init__(self) -> None:
        shared = [place for service in self.services for place in service.shared_schemas]
        discriminators = Discriminators(self.resolver.lookup, shared)
        object.__setattr__(self, "discriminators", discriminators)
        object.__setattr__(self, "schemas", tuple(self._reached()))

    def find(self, code: str, node: Node, *, key: bool = False, **values: object) -> Finding:
        """A finding at a node, or at its key."""
        return Finding(code, self.resolver.span(node, key=key), values)

    def _reached(self) -> Iterator[Node]:
        seen: set[str] = set()
        waiting = list(reversed(list(self._roots())))
        while waiting:
            node = waiting.pop()
            place = node.ref
            if place in seen or not isinstance(node.value, dict):
                continue
            seen.add(place)
            yield node
            waiting += reversed(list(self._below(node)))

    def _roots(self) -> Iterator[Node]:
        for service in self.services:
            for message in service.messages:
                for payload in (message.payload, message.headers):
                    if payload is not None:
                        yield from self._written(f"{payload.path}#{payload.pointer}")
        for document in self.documents.roots:
            if isinstance(document.root, dict) and "asyncapi" in document.root:
                yield from self._components(document.path)

    def _components(self, path: str) -> Iterator[Node]:
        for root in self._written(f"{path}#/components/schemas"):
            for _, node in root.items():
                yield from self._plain(node)

    def _below(self, node: Node) -> Iterator[Node]:
        if isinstance(node.value.get("$ref"), str):
            # One step: what a long chain leads to in the end is looked at from its last link.
            target = self.resolver.peek(node)
            yield from () if target is None else self._plain(target)
        for key, child in node.parts():
            if key in BY_NAME:
                yield from (schema for _, schema in child.items())
            elif key in SCHEMAS:
                yield from child.elements() if isinstance(child.value, list) else (child,)

    def _written(self, ref: str) -> Iterator[Node]:
        """What stands at a place, if it is there and is JSON Schema."""
        try:
            yield from self._plain(self.resolver.place(ref))
        except UnresolvedRefError:
            return

    def _plain(self, node: Node) -> Iterator[Node]:
        value: Any = node.value
        if node.absolute or family_of_file(node.path) != "json":
            return
        if isinstance(value, dict) and "schemaFormat" in value:
            if family_of(str(value["schemaFormat"])) == "json" and "schema" in value:
                yield node.at("schema", value["schema"])
            return
        yield node


def children(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """The members of a node's mapping; nothing where there is none."""
    found = node.get(key)
    return iter(()) if found is None else found.items()
