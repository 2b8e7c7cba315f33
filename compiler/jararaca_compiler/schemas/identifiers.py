"""What `$id` and `$anchor` name inside a document (JSON Schema 2020-12, section 8.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from jararaca_compiler.documents.source import Document, escape
from jararaca_compiler.schemas.dialect import is_modern_document

DATA = frozenset({"const", "enum", "default", "examples", "example"})
BY_NAME = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
)
_ANCHORS = ("$anchor", "$dynamicAnchor")
_RECURSIVE = "$recursiveAnchor"


@dataclass(slots=True)
class Names:
    """By URI the pointers of a document's schema resources; by base URI and anchor those in them.

    `bases` has the base URI of each resource by its pointer; the document's own is "" by default.
    """

    resources: dict[str, str] = field(default_factory=dict)
    anchors: dict[tuple[str, str], str] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=lambda: {"": ""})
    dynamic: dict[str, dict[str, str]] = field(default_factory=dict)
    """By a resource's pointer the places of its dynamic anchors; "" is `$recursiveAnchor`."""

    def around(self, pointer: str) -> tuple[str, str]:
        """The pointer and the base URI of the resource that a place belongs to."""
        while pointer and pointer not in self.bases:
            pointer = pointer.rpartition("/")[0]
        return pointer, self.bases[pointer]


def names_in(document: Document) -> Names:
    """The identifiers and anchors of a document; two of one name: the first has it."""
    names = Names()
    keyword = "id" if is_draft_4(document.root) else "$id"
    if any(word in document.text for word in (keyword, *_ANCHORS, _RECURSIVE)):
        hidden = is_modern_document(document.root) is False
        _Collector(names, keyword, hidden).collect(document.root, "", "", False)
    return names


def join(base: str, reference: str) -> str:
    """A URI reference resolved against a base URI; a malformed one stays as it is."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


@dataclass(frozen=True, slots=True)
class _Collector:
    """Walks a document; until draft 7 a `$ref` hides the `$id` beside it."""

    names: Names
    keyword: str
    hidden: bool

    def collect(self, value: Any, pointer: str, base: str, by_name: bool) -> None:
        """Add what a value names, and all that is below it."""
        if isinstance(value, dict) and not by_name:
            base = self._register(value, pointer, base)
        for key, child in _children(value, by_name):
            named = not by_name and isinstance(value, dict) and key in BY_NAME
            self.collect(child, f"{pointer}/{escape(key)}", base, named)

    def _register(self, value: dict[str, Any], pointer: str, base: str) -> str:
        names, identity = self.names, value.get(self.keyword)
        if isinstance(identity, str) and not (self.hidden and isinstance(value.get("$ref"), str)):
            uri, fragment = urldefrag(identity)
            if fragment and not uri:
                names.anchors.setdefault((base, fragment), pointer)
            elif uri:
                base = join(base, uri)
                names.resources.setdefault(base, pointer)
                names.bases[pointer] = base
        for word in _ANCHORS:
            if isinstance(value.get(word), str):
                names.anchors.setdefault((base, value[word]), pointer)
        self._register_dynamic(value, pointer)
        return base

    def _register_dynamic(self, value: dict[str, Any], pointer: str) -> None:
        names = self.names
        if isinstance(value.get("$dynamicAnchor"), str):
            resource, _ = names.around(pointer)
            found = names.dynamic.setdefault(resource, {})
            found.setdefault(value["$dynamicAnchor"], pointer)
        if value.get(_RECURSIVE) is True and pointer in names.bases:
            names.dynamic.setdefault(pointer, {}).setdefault("", pointer)


def _children(value: Any, by_name: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            data = not by_name and (key in DATA or key.startswith("x-"))
            if not data and isinstance(child, dict | list):
                yield key, child
    elif isinstance(value, list):
        for index, child in enumerate(value):
            if isinstance(child, dict | list):
                yield str(index), child


def is_draft_4(root: Any) -> bool:
    """Whether a document is a schema of draft 4, whose `id` is what `$id` became."""
    dialect = root.get("$schema") if isinstance(root, dict) else None
    return isinstance(dialect, str) and "draft-04" in dialect
