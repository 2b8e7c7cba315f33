"""Whether a document has the structure that its specification asks for, by the table of shapes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.expressions import is_location
from jararaca_compiler.documents.node import Node
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.schemas.ecma_patterns import strict_pattern
from jararaca_compiler.schemas.formats import family_of, family_of_file
from jararaca_compiler.schemas.identifiers import is_draft_4
from jararaca_compiler.validation.asyncapi_objects import SCHEMA_KEYWORDS, SCHEMA_TYPES, Shape
from jararaca_compiler.validation.extensions import BESIDE_REFERENCE, problem_of_extension

_VARIANTS = ("anyOf", "oneOf")
_FORMAT = ("schemaFormat",)
"""What stands beside `schema`, instead of keywords."""
_EXPECTED = {
    "str": "a text",
    "location": "a text",
    "bool": "true or false",
    "number": "a number",
    "bound": "a number",
    "count": "a whole number from 0",
    "positive": "a number greater than 0",
}


def check_document(root: Node, shapes: Mapping[str, Shape], resolver: Resolver) -> list[Diagnostic]:
    """What is wrong with an AsyncAPI document's structure."""
    walk = _StructureCheck(shapes, resolver, root)
    return walk.run("Document", "the document")


def check_schema(root: Node, resolver: Resolver) -> list[Diagnostic]:
    """What is wrong with a JSON Schema's structure."""
    walk = _StructureCheck({}, resolver, root)
    return walk.run("schema", "the schema")


def nearest_word(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """The known word that somebody who wrote `word` most likely meant."""
    folded = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(folded), n=1, cutoff=0.78)
    return folded[found[0]] if found else None


def is_protocol(name: str, meant: str, shape: Shape) -> bool:
    """Whether a key of bindings may well be another protocol than the one that looks like it.

    `wss`, `amqps`, `mqtts`: only what is compiled, AMQP's binding, is worth an error.
    """
    return "kafka" in shape.keys and (meant != "amqp" or name.startswith(meant))


class _StructureCheck:
    """One pass over a document; what several references lead to is visited once."""

    def __init__(self, shapes: Mapping[str, Shape], resolver: Resolver, root: Node) -> None:
        self._root = root
        self._shapes = shapes
        self._resolver = resolver
        self._seen: set[tuple[str, str]] = set()
        self._waiting: list[Node] = []
        self.diagnostics: list[Diagnostic] = []

    def run(self, shape: str, called: str) -> list[Diagnostic]:
        """Check the root, and every schema that a reference leads to."""
        self.visit(self._root, shape, called)
        while self._waiting:
            self._schema(self._waiting.pop(), "the schema")
        return self.diagnostics

    def visit(self, node: Node, shape: str, key: str) -> None:
        """Check `node`, which stands at `key`, against a shape."""
        if shape == "any" or node.value is None:
            return
        kind, _, inner = shape.partition(" ")
        if kind == "map":
            if inner != "schema" or key == "schemas":
                node = self._whole(node)
            if self._is(node, dict, key, "a mapping"):
                for name, child in node.items():
                    self.visit(child, inner, name)
        elif kind == "list":
            if self._is(node, list, key, "a list"):
                for child in node.elements():
                    if child.value is None and inner in _EXPECTED:
                        self._scalar(child, inner, key)
                    else:
                        self.visit(child, inner, key)
        elif kind in _EXPECTED:
            self._scalar(node, kind, key)
        elif kind == "schema":
            self._schema(node, key)
        else:
            self._object(node, kind, key)

    def _whole(self, node: Node) -> Node:
        """A mapping of AsyncAPI's, or what stands for all of it: `servers: {$ref: ...}`."""
        is_ref = isinstance(node.value, dict) and node.value.keys() == {"$ref"}
        return self._resolver.follow(node) if is_ref and node.text("$ref") else node

    def _scalar(self, node: Node, kind: str, key: str) -> None:
        value = node.value
        if kind == "bound" and isinstance(value, bool):
            return  # Draft 4 and OpenAPI 3.0: a flag beside the bound.
        types = {"str": str, "location": str, "bool": bool}.get(kind, (int, float))
        help = f'Put it into quotes: `{key}: "{value}"`.' if kind == "str" else None
        if isinstance(value, dict | list):
            help = None
        if self._is(node, types, key, _EXPECTED[kind], help):
            if kind == "location" and not is_location(value):
                self._report("location-without-effect", node, location=value)
            wrong = (kind == "count" and (value < 0 or value != int(value))) or (
                kind == "positive" and value <= 0
            )
            if wrong:
                expected = _EXPECTED[kind]
                self._report(
                    "wrong-type", node, key=key, actual=type_name(value), expected=expected
                )

    def _object(self, node: Node, kind: str, key: str) -> None:
        self._beside_reference(node)
        written = node
        node = self._resolver.follow(written)
        if not node.value and isinstance(written.value, dict) and "$ref" in written.value:
            return  # The reference is complained of, or what it leads to where that is written.
        if (node.ref, kind) in self._seen:
            return
        self._seen.add((node.ref, kind))
        shape = self._shapes[kind]
        if not self._is(node, dict, key, f"a mapping that describes {shape.called}"):
            return
        foreign = family_of(node.text("schemaFormat") or "application/schema") != "json"
        for name, child in node.items():
            if name == "payload" and foreign:
                continue
            if name in shape.keys:
                self.visit(child, shape.keys[name], name)
            elif name.startswith("x-"):
                self._extension(child, name, shape.called)
            elif name != "$ref":
                self._unknown(child, name, shape, node)
        for name in shape.required:
            is_misspelt = (node.ref, name) in self._resolver.misspelt
            if node.value.get(name) is None and not is_misspelt:
                self._report("missing-key", node, key=name, where=shape.called)

    def _beside_reference(self, node: Node) -> None:
        """AsyncAPI 3, "Reference Object": what stands beside a `$ref` is ignored."""
        if node.text("$ref") is not None:
            for name, child in node.items():
                self._extension(child, name, BESIDE_REFERENCE)

    def _extension(self, node: Node, name: str, where: str) -> None:
        problem = problem_of_extension(name, node.value, where)
        if problem is not None:
            span = self._resolver.span(node, key=True)
            found = diagnose(
                problem.code, span, help=problem.help, key=name, where=where, **problem.values
            )
            self.diagnostics.append(found)

    def _unknown(self, node: Node, name: str, shape: Shape, parent: Node) -> None:
        meant = nearest_word(name, shape.keys)
        if meant is not None and is_protocol(name, meant, shape):
            meant = None
        span = self._resolver.span(node, key=True)
        if meant is None:
            found = diagnose("unknown-key", span, key=name, where=shape.called)
        else:
            help = f"Did you mean `{meant}`?"
            found = diagnose("misspelt-key", span, help=help, key=name, where=shape.called)
            self._resolver.misspelt.add((parent.ref, meant))
        self.diagnostics.append(found)

    def _schema(self, node: Node, key: str) -> None:
        visited = (node.ref, "schema")
        if visited in self._seen or isinstance(node.value, bool):
            return
        self._seen.add(visited)
        if not self._is(node, dict, key, "a schema (a mapping, true or false)"):
            return
        if "schemaFormat" in node.value and "schema" in node.value:
            said = node.at("schemaFormat", node.value["schemaFormat"])
            if self._is(said, str, "schemaFormat", "a text") and family_of(said.value) == "json":
                self._schema(node.at("schema", node.value["schema"]), "schema")
            return
        for name, child in node.items():
            if name in SCHEMA_KEYWORDS:
                self._keyword(child, name)
            elif not name.startswith("x-"):
                meant = nearest_word(name, (*SCHEMA_KEYWORDS, *_FORMAT))
                if meant is not None and not (name == "id" and self._is_draft_4(node.path)):
                    span = self._resolver.span(child, key=True)
                    help = f"Did you mean `{meant}`?"
                    self.diagnostics.append(diagnose("suspect-keyword", span, help=help, key=name))

    def _is_draft_4(self, path: str) -> bool:
        document = self._resolver.documents.get(path)
        return document is not None and is_draft_4(document.root)

    def _keyword(self, node: Node, name: str) -> None:
        if name == "type":
            self._types(node)
        elif name == "dependencies":
            self._dependencies(node)
        elif name in _VARIANTS and node.value == []:
            help = f"List at least one schema, or leave `{name}` out."
            self._report("wrong-type", node, help, key=name, actual="empty", expected="schemas")
        elif name == "items":
            self.visit(node, "list schema" if isinstance(node.value, list) else "schema", name)
        elif name == "required" and isinstance(node.value, bool):
            help = "List the required properties beside `properties`: `required: [id]`."
            self._is(node, list, name, "a list of property names", help)
        elif name == "pattern" and isinstance(node.value, str):
            self._pattern(node, node.value)
        elif name == "patternProperties" and isinstance(node.value, dict):
            for key, child in node.items():
                self._pattern(child, key, key=True)
            self.visit(node, SCHEMA_KEYWORDS[name], name)
        elif name == "$ref":
            self._is(node, str, name, "a text")
            self._follow(node)
        else:
            self.visit(node, SCHEMA_KEYWORDS[name], name)

    def _pattern(self, node: Node, pattern: str, key: bool = False) -> None:
        if strict_pattern(pattern) is None:
            span = self._resolver.span(node, key=key)
            self.diagnostics.append(diagnose("invalid-pattern", span, pattern=pattern[:80]))

    def _follow(self, node: Node) -> None:
        if isinstance(node.value, str):
            schema = Node({"$ref": node.value}, node.path, node.pointer.removesuffix("/$ref"))
            target = self._resolver.step(schema)
            if target is None or target.absolute or family_of_file(target.path) != "json":
                return
            self._waiting.append(target)

    def _dependencies(self, node: Node) -> None:
        """Draft 7: what else must be there, as names or as a schema."""
        if self._is(node, dict, "dependencies", "a mapping"):
            for name, child in node.items():
                is_list = isinstance(child.value, list)
                self.visit(child, "list str" if is_list else "schema", name)

    def _types(self, node: Node) -> None:
        if node.value == []:
            self._report("wrong-type", node, key="type", actual="empty", expected="a type")
        for item in node.elements() if isinstance(node.value, list) else [node]:
            if isinstance(item.value, str) and item.value not in SCHEMA_TYPES:
                meant = nearest_word(item.value, SCHEMA_TYPES) or _SYNONYMS.get(item.value.lower())
                help = f"Did you mean `{meant}`?" if meant else f"One of {', '.join(SCHEMA_TYPES)}."
                self._report("unknown-value", item, help=help, key="type", value=item.value)
            else:
                self._is(item, str, "type", "the name of a type")

    def _is(
        self,
        node: Node,
        types: type | tuple[type, ...],
        key: str,
        expected: str,
        help: str | None = None,
    ) -> bool:
        fits = isinstance(node.value, types)
        if isinstance(node.value, bool) and types is not bool:
            fits = False
        if not fits:
            actual = type_name(node.value)
            self._report("wrong-type", node, help=help, key=key, actual=actual, expected=expected)
        return fits

    def _report(self, code: str, node: Node, help: str | None = None, **values: object) -> None:
        span = self._resolver.span(node)
        self.diagnostics.append(diagnose(code, span, help=help, related=(), **values))


_SYNONYMS = {
    "float": "number",
    "double": "number",
    "decimal": "number",
    "long": "integer",
    "int": "integer",
    "int64": "integer",
    "str": "string",
    "text": "string",
    "date": "string` with `format: date",
    "datetime": "string` with `format: date-time",
    "date-time": "string` with `format: date-time",
    "uuid": "string` with `format: uuid",
    "list": "array",
    "map": "object",
    "dict": "object",
}


def type_name(value: Any) -> str:
    """What a value is, in a person's words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "a text" if isinstance(value, str) else f"the number {value}"
