"""`$ref` within and across files: what a reference leads to, and schemas with absolute ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.dynamic_scope import DYNAMIC, DynamicScopes, Scope, unscoped
from jararaca_compiler.references.endless import endless
from jararaca_compiler.references.schema_refs import may_refer, refs_in
from jararaca_compiler.references.targets import ReferenceTargets, UnresolvedRefError
from jararaca_compiler.schemas.dialect import (
    is_modern_dialect,
    is_modern_document,
    is_modern_format,
    normalised,
    shortened,
    without_siblings,
)
from jararaca_compiler.schemas.ecma_patterns import strict_pattern
from jararaca_compiler.schemas.formats import (
    Family,
    converted,
    family_of,
    family_of_file,
)
from jararaca_compiler.schemas.formats.context import ConversionContext
from jararaca_compiler.schemas.identifiers import BY_NAME, DATA

SCHEMAS = frozenset(
    {"items", "additionalItems", "prefixItems", "contains", "unevaluatedItems"}
    | {"additionalProperties", "propertyNames", "unevaluatedProperties", "contentSchema"}
    | {"not", "if", "then", "else", "allOf", "anyOf", "oneOf"}
)
_IDENTITY = frozenset(
    ("$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$schema", "$vocabulary")
)
"""What has done its work once every reference is absolute."""
_MAYBE_NULL = frozenset({"const", "default", "example"})
"""Where null is a value."""


__all__ = ["SCHEMAS", "Found", "Resolver", "UnresolvedRefError"]


class Found(NamedTuple):
    """What a reference leads to: a value (its own references absolute) and its place."""

    value: Any
    path: str
    pointer: str


class Resolver:
    """Follows references; what is wrong with one is a diagnostic at the reference."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.diagnostics: list[Diagnostic] = []
        self.misspelt: set[tuple[str, str]] = set()
        """Mappings, each with a key that it was meant to have: told by who knows the keys."""
        self._remote: set[tuple[str, str]] = set()
        """Files on the network, each with the document that refers to it: told once."""
        self._missing: dict[Diagnostic, tuple[str, str]] = {}
        self._found: dict[str, Found] = {}
        self._pending: list[tuple[str, Span]] = []
        self._targets = ReferenceTargets(documents)
        self._scopes = DynamicScopes(self._targets)
        self._modern: dict[str, bool] = {}

    def root(self, document: Document) -> Node:
        """The whole of a document."""
        return Node(document.root, document.path, "")

    def span(self, node: Node, *, key: bool = False) -> Span:
        """Where a node stands, or its key."""
        document = self.documents.get(node.path)
        return document.span(node.pointer, key=key) if document else Span(node.path)

    @property
    def causes(self) -> tuple[Diagnostic, ...]:
        """What is wrong with references, but for those that wait for a misspelt key's mending."""
        return tuple(d for d in self.diagnostics if self._missing.get(d) not in self.misspelt)

    def lookup(self, ref: str) -> Found:
        """What the absolute reference `path#/pointer` leads to. Raises UnresolvedRefError."""
        if ref not in self._found:
            scoped = self._scopes.of(ref)
            if scoped is None:
                node = self.schema(self.place(ref))
                self._found[ref] = Found(node.value, node.path, node.pointer)
            else:
                value = self._scoped_schema(*scoped)
                self._found[ref] = Found(value, *ref.split("#", 1))
        return self._found[ref]

    def place(self, ref: str) -> Node:
        """What stands at the absolute reference, as it was written. Raises UnresolvedRefError."""
        path, _, pointer = unscoped(ref)[0].partition("#")
        return self._targets.walk(path, pointer)

    def leads_to(self, node: Node) -> Iterator[str]:
        """The place that a node's own `$ref` names, and the one that it leads to in one step."""
        ref = node.value.get("$ref") if isinstance(node.value, dict) else None
        if not isinstance(ref, str):
            return
        yield node.path + ref if ref.startswith("#") else ref
        try:
            yield self._targets.target(ref, node).ref
        except UnresolvedRefError:
            meant = self._targets.escaped(ref, node)
            if meant is not None:
                yield self._targets.target(meant, node).ref

    def follow(self, node: Node) -> Node:
        """The node itself, or what its `$ref` leads to in the end; an empty mapping if nothing."""
        return self.reached(node) or Node({}, node.path, node.pointer)

    def reached(self, node: Node) -> Node | None:
        """The node itself, or what its `$ref` leads to in the end; None, and told, if nothing."""
        seen: set[str] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            if node.ref in seen:
                self._complain(node, UnresolvedRefError("circular-ref"))
                return None
            seen.add(node.ref)
            target = self._target_of(node.value["$ref"], node)
            if target is None:
                return None
            node = target
        return node

    def step(self, node: Node) -> Node | None:
        """What the node's own `$ref` leads to, which may be another reference; None if nothing."""
        return self._target_of(str(node.value["$ref"]), node)

    def peek(self, node: Node) -> Node | None:
        """What the node's own `$ref` leads to in one step; None, and no complaint, if nothing."""
        try:
            return self._targets.target(str(node.value["$ref"]), node)
        except UnresolvedRefError:
            return None

    def child(self, node: Node, key: str) -> Node | None:
        """The value of `key`, its reference followed."""
        found = node.get(key)
        return None if found is None else self.follow(found)

    def schema(self, node: Node, format: str | None = None) -> Node:
        """The schema at `node` in JSON Schema 2020-12 with every `$ref` absolute.

        `format` is the `schemaFormat` that holds there, if any. What the references lead to is
        checked later.
        """
        if node.absolute:
            return node
        value = node.value
        if isinstance(value, dict) and "schemaFormat" in value and "schema" in value:
            inner = self.schema(node.at("schema", value["schema"]), str(value["schemaFormat"]))
            return Node(inner.value, node.path, node.pointer, True)
        family = family_of(format) if format else family_of_file(node.path)
        if family is None:
            return Node(True, node.path, node.pointer, True)
        if family != "json":
            return self._converted(family, node)
        modern = self._is_modern(node, format)
        schema = self._absolute(value, node, modern, self._scopes.entered((), node))
        return Node(schema, node.path, node.pointer, True)

    def _scoped_schema(self, node: Node, scope: Scope) -> Any:
        """A schema as it is where one comes to it from another resource."""
        if node.absolute:
            return node.value
        return self._absolute(node.value, node, self._is_modern(node, None), scope)

    def conversion(self) -> ConversionContext:
        """What a converter of foreign schemas needs."""
        return ConversionContext(self.follow, self._file)

    def _is_modern(self, node: Node, format: str | None) -> bool:
        """Whether keywords beside `$ref` count; where nothing says so, as where it is used."""
        document = self.documents.get(node.path)
        said = is_modern_document(document.root) if document is not None else None
        if format is not None and (said is None or is_modern_format(format)):
            return is_modern_format(format)
        return self._modern.get(node.ref, True) if said is None else said

    def _converted(self, family: Family, node: Node) -> Node:
        """The JSON Schema of a foreign schema; a reference leads to one of the same language."""
        if node.ref not in self._targets.foreign:
            target = self.follow(node)
            if target.ref != node.ref and not target.absolute and target.value != {}:
                self._converted(family, target)
                found = Node({"$ref": target.ref}, node.path, node.pointer, True)
                self._targets.foreign[node.ref] = found
                return found
            if target.value == {} and node.value != {}:
                return Node(True, node.path, node.pointer, True)  # The reference is complained of.
            context = self.conversion()
            self._targets.foreign[node.ref] = Node(True, node.path, node.pointer, True)
            value = converted(family, target, context)
            self._targets.foreign[node.ref] = Node(value, node.path, node.pointer, True)
            for place, reason in context.faults:
                where = self.span(place)
                language = family.capitalize()
                self.diagnostics.append(
                    diagnose("foreign-schema", where, language=language, reason=reason)
                )
        return self._targets.foreign[node.ref]

    def _file(self, base: str, file: str) -> Node | None:
        path, problem = self.documents.target(base, file)
        document = None if problem else self.documents.get(path)
        return None if document is None else self.root(document)

    @property
    def referenced_places(self) -> frozenset[str]:
        """Every place that a schema refers to, as it was named and where it led (once closed)."""
        return frozenset(self._found) | {f"{f.path}#{f.pointer}" for f in self._found.values()}

    @property
    def has_only_json_schemas(self) -> bool:
        """Whether all schemas are JSON Schemas as they stand in their documents, by themselves."""
        return not self._targets.foreign and not self._scopes.any

    def close(self) -> None:
        """Follow every reference in the schemas seen so far, and in those they lead to."""
        self.diagnostics += endless(self._pending, lambda ref: self.lookup(ref).value)

    def _absolute(self, value: Any, place: Node, modern: bool, scope: Scope) -> Any:
        if isinstance(value, list):
            return [
                self._absolute(item, place.at(i, item), modern, scope)
                for i, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return True if value is None else value
        if isinstance(value.get("schemaFormat"), str) and "schema" in value:
            return self.schema(place).value
        scope = self._scopes.beginning(place, scope)
        if isinstance(value.get("$schema"), str):
            modern = is_modern_dialect(value["$schema"])
        result: dict[str, Any] = {}
        refs: list[str] = []
        for key, item in (value if modern else without_siblings(value)).items():
            if (key == "$ref" or key in DYNAMIC) and isinstance(item, str):
                led = self._led(key, item, place, modern, scope)
                if led is None:
                    return True
                refs.append(led)
            elif key in _IDENTITY or (item is None and key not in _MAYBE_NULL):
                continue  # `properties:` with nothing behind it says nothing.
            elif key == "pattern" and isinstance(item, str):
                if (pattern := strict_pattern(item)) is not None:
                    result[key] = pattern
            elif key in BY_NAME and isinstance(item, dict):
                below = place.at(key, item)
                result[key] = {
                    n: self._absolute(s, below.at(n, s), modern, scope) for n, s in item.items()
                }
                if key == "patternProperties":
                    result[key] = _with_patterns(result[key])
            elif key == "discriminator" and isinstance(item, dict):
                result[key] = self._discriminator(item, place.at(key, item), modern)
            elif key == "x-discriminator-mapping" and isinstance(item, dict):
                said = self._discriminator({"mapping": item}, place.at(key, item), modern)
                result[key] = said["mapping"]
            elif key in SCHEMAS:
                result[key] = self._absolute(item, place.at(key, item), modern, scope)
            elif key in DATA or key.startswith("x-") or next(refs_in(item), None) is None:
                result[key] = item  # A reference below an unknown keyword would lead nowhere.
        if refs:
            result = {"$ref": refs[0], **result}
        if refs[1:]:
            result["allOf"] = [*result.get("allOf", []), *({"$ref": ref} for ref in refs[1:])]
        return shortened(normalised(result, modern=modern))

    def _led(self, key: str, ref: str, place: Node, modern: bool, scope: Scope) -> str | None:
        """Where a reference of a schema leads, to be looked at in the end; None if nowhere."""
        static = self._target_of(ref, place)
        if static is None:
            return None
        self._modern.setdefault(static.ref, modern)
        try:
            led = self._scopes.target(key, ref, static, scope)
        except UnresolvedRefError as error:
            self._complain(place, error)
            return None
        if led not in self._found:
            self._pending.append((led, self.span(place.at(key, ref))))
        return led

    def _expect(self, target: Node, place: Node, modern: bool) -> None:
        """Remember what a schema refers to, to be looked at in the end."""
        self._modern.setdefault(target.ref, modern)
        if target.ref not in self._found:
            self._pending.append((target.ref, self.span(place)))

    def _target_of(self, ref: str, place: Node) -> Node | None:
        try:
            return self._targets.target(ref, place)
        except UnresolvedRefError as error:
            meant = self._targets.escaped(ref, place)
            if meant is None:
                self._complain(place, error)
                return None
        span = self.span(place.at("$ref", ref))
        help = f"Write `{meant}`: a slash in a key is `~1`."
        self.diagnostics.append(diagnose("unescaped-ref", span, help=help, ref=ref))
        return self._targets.target(meant, place)

    def _discriminator(self, value: dict[str, Any], place: Node, modern: bool) -> dict[str, Any]:
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            return value
        below = place.at("mapping", mapping)
        absolute: dict[str, Any] = {}
        for name, ref in mapping.items():
            if not isinstance(ref, str) or not may_refer(ref):
                absolute[name] = ref
                continue
            target = self._target_of(ref, below.at(name, {"$ref": ref}))
            if target is not None:
                self._expect(target, below.at(name, ref), modern)
                absolute[name] = target.ref
        return {**value, "mapping": absolute}

    def _complain(self, node: Node, error: UnresolvedRefError) -> None:
        ref = node.value.get("$ref") if isinstance(node.value, dict) else node.value
        file = (node.path, str(ref).partition("#")[0])
        if error.code == "remote-ref":
            if file in self._remote:
                return
            self._remote.add(file)
        span = self.span(node.at("$ref", ref))
        found = diagnose(error.code, span, help=error.help, ref=ref, reason=str(error))
        self.diagnostics.append(found)
        if error.missing is not None:
            self._missing[found] = error.missing


def _with_patterns(schemas: dict[str, Any]) -> dict[str, Any]:
    """`patternProperties` in strict syntax, without those that are no regular expressions."""
    made = {strict_pattern(pattern): schema for pattern, schema in schemas.items()}
    return {pattern: schema for pattern, schema in made.items() if pattern is not None}
