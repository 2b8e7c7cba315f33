"""`$ref` within and across files: what a reference leads to, and schemas with absolute ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from jararaca_compiler.diagnostics import Diagnostic, diagnose
from jararaca_compiler.load import Documents
from jararaca_compiler.node import Node
from jararaca_compiler.source import Document, Span, escape, unescape

_DATA = frozenset({"const", "enum", "default", "examples", "example"})
_BY_NAME = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
)
_LONGEST_CHAIN = 64


class Found(NamedTuple):
    """What a reference leads to: a value (its own references absolute) and its place."""

    value: Any
    path: str
    pointer: str


class UnresolvedRefError(LookupError):
    """A reference that leads nowhere; `code` is the diagnostic's, the text its reason."""

    def __init__(self, code: str, reason: str = "", help: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.help = help


class Resolver:
    """Follows references; what is wrong with one is a diagnostic at the reference."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.diagnostics: list[Diagnostic] = []
        self._found: dict[str, Found] = {}
        self._pending: list[tuple[str, Span]] = []

    def root(self, document: Document) -> Node:
        """The whole of a document."""
        return Node(document.root, document.path, "")

    def span(self, node: Node, *, key: bool = False) -> Span:
        """Where a node stands, or its key."""
        document = self.documents.get(node.path)
        return document.span(node.pointer, key=key) if document else Span(node.path)

    def lookup(self, ref: str) -> Found:
        """What the absolute reference `path#/pointer` leads to. Raises UnresolvedRefError."""
        if ref not in self._found:
            path, _, pointer = ref.partition("#")
            node = self._walk(path, pointer, 0)
            absolute = self.schema(node)
            self._found[ref] = Found(absolute.value, node.path, node.pointer)
        return self._found[ref]

    def follow(self, node: Node) -> Node:
        """The node itself, or what its `$ref` leads to in the end; an empty mapping if nothing."""
        seen: set[str] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            if node.ref in seen:
                self._complain(node, UnresolvedRefError("circular-ref"))
                return Node({}, node.path, node.pointer)
            seen.add(node.ref)
            try:
                node = self._target(node.value["$ref"], node.path, node.absolute, 0)
            except UnresolvedRefError as error:
                self._complain(node, error)
                return Node({}, node.path, node.pointer)
        return node

    def child(self, node: Node, key: str) -> Node | None:
        """The value of `key`, its reference followed."""
        found = node.get(key)
        return None if found is None else self.follow(found)

    def schema(self, node: Node) -> Node:
        """The schema at `node` with every `$ref` absolute; what they lead to is checked later."""
        if node.absolute:
            return node
        return Node(self._absolute(node.value, node), node.path, node.pointer, True)

    def close(self) -> None:
        """Follow every reference in the schemas seen so far, and in those they lead to.

        A schema that refers to itself for the same value says nothing, and is a diagnostic.
        """
        founded: set[str] = set()
        while self._pending:
            ref, span = self._pending.pop()
            if self._is_circular(ref, (), founded):
                self.diagnostics.append(diagnose("circular-ref", span, ref=_short(ref)))

    def _is_circular(self, ref: str, above: tuple[str, ...], founded: set[str]) -> bool:
        if ref in founded:
            return False
        if ref in above or len(above) > _LONGEST_CHAIN:
            return True
        circular = any(
            self._is_circular(following, (*above, ref), founded)
            for following in _applied_in_place(self.lookup(ref).value)
        )
        if not circular:
            founded.add(ref)
        return circular

    def reached(self, document: Document) -> tuple[Document, ...]:
        """The document and all that its references reach, sorted by path."""
        found: dict[str, Document] = {}
        waiting = [document]
        while waiting:
            here = waiting.pop()
            if here.path in found:
                continue
            found[here.path] = here
            for ref in _refs(here.root):
                path, problem = self.documents.target(here.path, ref.partition("#")[0])
                there = None if problem else self.documents.get(path)
                if there is not None:
                    waiting.append(there)
        return tuple(found[path] for path in sorted(found))

    def _absolute(self, value: Any, place: Node) -> Any:
        if isinstance(value, list):
            return [self._absolute(item, place.at(i, item)) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        result: dict[str, Any] = {}
        for key, item in value.items():
            if key == "$ref" and isinstance(item, str):
                target = self._target_of(item, place)
                if target is None:
                    return True
                result[key] = target
            elif key in _DATA or key.startswith("x-") or not isinstance(item, dict | list):
                result[key] = item
            elif key in _BY_NAME and isinstance(item, dict):
                below = place.at(key, item)
                result[key] = {n: self._absolute(s, below.at(n, s)) for n, s in item.items()}
            elif key == "discriminator" and isinstance(item, dict):
                result[key] = self._discriminator(item, place.at(key, item))
            else:
                result[key] = self._absolute(item, place.at(key, item))
        return _without_openapi(result)

    def _target_of(self, ref: str, place: Node) -> str | None:
        try:
            target = self._target(ref, place.path, False, 0).ref
        except UnresolvedRefError as error:
            self._complain(place, error)
            return None
        if target not in self._found:
            self._pending.append((target, self.span(place.at("$ref", ref))))
        return target

    def _discriminator(self, value: dict[str, Any], place: Node) -> dict[str, Any]:
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            return value
        below = place.at("mapping", mapping)
        absolute: dict[str, Any] = {}
        for name, ref in mapping.items():
            is_ref = isinstance(ref, str) and ("#" in ref or "/" in ref)
            target = self._target_of(ref, below.at(name, {"$ref": ref})) if is_ref else ref
            if target is not None:
                absolute[name] = target
        return {**value, "mapping": absolute}

    def _target(self, ref: str, base: str, absolute: bool, depth: int) -> Node:
        file, _, fragment = ref.partition("#")
        if absolute:
            return self._walk(file, fragment, depth)
        path, problem = self.documents.target(base, file)
        if problem is not None:
            known = self._by_id(base, ref)
            if known is not None:
                return known
            raise UnresolvedRefError(
                "unresolved-ref" if problem == "missing-file" else problem,
                f"there is no file {path}" if problem == "missing-file" else "",
            )
        return self._walk(path, unquote(fragment), depth)

    def _walk(self, path: str, pointer: str, depth: int) -> Node:
        document = self.documents.get(path)
        if document is None:
            raise UnresolvedRefError("unresolved-ref", f"{path} could not be read")
        if depth > _LONGEST_CHAIN:
            raise UnresolvedRefError("circular-ref")
        if pointer and not pointer.startswith("/"):
            return self._anchor(document, pointer)
        node = self.root(document)
        for token in pointer.split("/")[1:]:
            key = unescape(token)
            while isinstance(node.value, dict) and key not in node.value:
                ref = node.value.get("$ref")
                if not isinstance(ref, str):
                    break
                node, depth = self._target(ref, node.path, False, depth + 1), depth + 1
            node = _step(node, key)
        return node

    def _anchor(self, document: Document, name: str) -> Node:
        for node in _mappings(self.root(document)):
            if node.value.get("$anchor") == name or node.value.get("$id") == f"#{name}":
                return node
        raise UnresolvedRefError("unresolved-ref", f"{document.path} has no `$anchor: {name}`")

    def _by_id(self, base: str, ref: str) -> Node | None:
        document = self.documents.get(base)
        name, _, fragment = ref.partition("#")
        if document is None or (fragment and not fragment.startswith("/")):
            return None
        for node in _mappings(self.root(document)):
            identity = node.value.get("$id")
            if isinstance(identity, str) and identity.rstrip("#") == name:
                return self._walk(base, node.pointer + unquote(fragment), 1)
        return None

    def _complain(self, node: Node, error: UnresolvedRefError) -> None:
        ref = node.value.get("$ref") if isinstance(node.value, dict) else node.value
        span = self.span(node.at("$ref", ref))
        self.diagnostics.append(
            diagnose(error.code, span, help=error.help, ref=ref, reason=str(error))
        )


def _step(node: Node, key: str) -> Node:
    if isinstance(node.value, dict) and key in node.value:
        return node.at(key, node.value[key])
    if isinstance(node.value, list) and key.isdecimal() and int(key) < len(node.value):
        return node.at(key, node.value[int(key)])
    where = f"{node.path}#{node.pointer}" if node.pointer else node.path
    keys = [str(name) for name in node.value] if isinstance(node.value, dict) else []
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
    help = f"Did you mean `#{node.pointer}/{escape(close[0])}`?" if close else None
    raise UnresolvedRefError("unresolved-ref", f"{where} has no `{key}`", help)


def _applied_in_place(schema: Any) -> Iterator[str]:
    """The references of a schema that must hold for the very value that it describes."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        if isinstance(schema.get("allOf"), list):
            for part in schema["allOf"]:
                yield from _applied_in_place(part)


def _short(ref: str) -> str:
    return "#" + ref.partition("#")[2]


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str):
            yield ref
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from _refs(child)


def _mappings(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        yield node
    for _, child in node.items():
        yield from _mappings(child)
    for child in node.elements():
        yield from _mappings(child)


def _without_openapi(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's `nullable` and boolean exclusive bounds in JSON Schema's words."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if schema.get("nullable") is not True:
        return schema
    del schema["nullable"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        return schema
    return {"anyOf": [schema, {"type": "null"}]} if "$ref" in schema else schema
