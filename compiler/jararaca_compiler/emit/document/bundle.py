"""Schemas with absolute references -> schemas that refer to `#/components/schemas` only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.emit.document.draft_7 import in_draft_7
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.emit.types.keywords import reference_among
from jararaca_compiler.lower.message_names import CLASS_NAME
from jararaca_compiler.lower.published.forms.fitting import extension
from jararaca_compiler.lower.published.forms.objects import placed
from jararaca_compiler.naming import class_name, unqualified
from jararaca_compiler.references.dynamic_scope import unscoped
from jararaca_compiler.references.resolver import Found

_DATA = frozenset({"const", "enum", "default", "examples", "example", "dependentRequired"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
_ELSEWHERE = frozenset({"$defs", "definitions", "$id", "$anchor", "$schema"})
"""What a reference has led away from: every definition stands in `components`."""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
MAPPING = "x-discriminator-mapping"
PREFIX = "#/components/schemas/"


class Bundle:
    """Collects what references lead to; `components` is complete once `close` has run.

    Schemas are in draft 7, or as `modern` ones in 2020-12.
    """

    def __init__(
        self,
        lookup: Callable[[str], Found],
        classes: Mapping[str, str],
        discriminators: Discriminators,
        modern: bool,
    ) -> None:
        self._words: Callable[[dict[str, Any]], dict[str, Any]] = dict if modern else in_draft_7
        self._lookup = lookup
        self._discriminators = discriminators
        self._classes = classes
        self._called_so = frozenset(classes.values())
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._reached: dict[str, Any] = {}

    def reach(self, schemas: Iterable[Any]) -> None:
        """Name all that the schemas refer to by place alone, whatever the messages' order."""
        waiting = list(schemas)
        while waiting:
            for ref in _refs(waiting.pop()):
                if ref not in self._reached:
                    self._reached[ref] = self._lookup(ref).value
                    waiting.append(self._reached[ref])
        for ref in sorted(self._reached, key=lambda ref: (*self._rank(ref), ref)):
            self._names[ref] = self._name(ref)

    def _rank(self, ref: str) -> tuple[bool, bool]:
        """First what its class is called like, last what has no class and must not look like one
        that has: compiled again, it would take the class's name."""
        called = self._classes.get(ref)
        plain = unescape(unscoped(ref)[0].rpartition("/")[2])
        return called is None, called is None or class_name(plain) != called

    def components(self) -> dict[str, Any]:
        """Every schema that is referred to, by its name in the bundle."""
        return {
            self._names[ref]: self._called(ref, self.schema(self._reached[ref], ref))
            for ref in sorted(self._reached, key=self._names.__getitem__)
        }

    def _called(self, ref: str, schema: Any) -> Any:
        """The schema, with its class's name where its key does not say it."""
        called = self._classes.get(ref)
        if called is None or class_name(self._names[ref]) == called or not isinstance(schema, dict):
            return schema
        rest = {key: value for key, value in schema.items() if key != CLASS_NAME}
        return {**rest, CLASS_NAME: called}  # Last, as when it is compiled for the first time.

    def schema(self, schema: Any, place: str = "") -> Any:
        """A schema as it stands in the bundle; `place` is where others refer to it."""
        if isinstance(schema, list):
            return [self.schema(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Any] = {}
        for key, value in reference_among(schema).items():
            if key in _ELSEWHERE or (key == "allOf" and value == []):
                continue
            if key == "$ref" and isinstance(value, str):
                made[key] = PREFIX + self._names[value] if value in self._names else value
            elif key == "discriminator" and isinstance(value, dict):
                made |= self._discriminator(value)
            elif key == "discriminator" and not isinstance(value, str):
                continue  # It says nothing to anybody.
            elif key == "schema":
                made[extension(key)] = value  # Where no `schemaFormat` is, it says nothing.
            elif key == "externalDocs":
                made |= placed(key, value, "ExternalDocs")
            elif key == MAPPING and isinstance(value, dict):
                made[key] = self._mapping(value)
            elif key in _DATA or key.startswith("x-") or not isinstance(value, dict | list):
                made[key] = value
            elif key in _BY_NAME and isinstance(value, dict):
                made[key] = {name: self.schema(item) for name, item in value.items()}
            else:
                made[key] = self.schema(value)
        made = self._words(made)
        renamed = self._renamed(schema, place) if "discriminator" in schema else {}
        return {**made, MAPPING: {**made.get(MAPPING, {}), **renamed}} if renamed else made

    def _renamed(self, schema: dict[str, Any], place: str) -> dict[str, str]:
        """The variants that are named by where they stand, where they are called otherwise here."""
        return {
            name: PREFIX + self._names[ref]
            for name, ref in self._discriminators.called(schema, place)
            if ref in self._names and self._names[ref] != name
        }

    def _discriminator(self, value: dict[str, Any]) -> dict[str, Any]:
        """AsyncAPI has the property's name only; what OpenAPI says besides is an extension."""
        if not isinstance(value.get("propertyName"), str):
            return {}  # It says nothing to anybody.
        mapping = value.get("mapping")
        made: dict[str, Any] = {"discriminator": value["propertyName"]}
        if isinstance(mapping, dict) and mapping:
            made[MAPPING] = self._mapping(mapping)
        return made

    def _mapping(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """By name the schemas; one that nothing else refers to is no variant."""
        return {
            name: PREFIX + self._names[ref] if ref in self._names else ref
            for name, ref in mapping.items()
            if ref in self._names or "#" not in str(ref)
        }

    def _name(self, ref: str) -> str:
        ref, scope = unscoped(ref)
        path, _, pointer = ref.partition("#")
        tokens = [_UNFIT.sub("_", unescape(token)) for token in pointer.split("/")[1:]]
        stem = _UNFIT.sub("_", PurePosixPath(path).name.split(".")[0]) or "schema"
        places = (".".join(tokens[-3:]), ".".join([stem, *tokens]), stem)
        own = tokens[-1:] if ref in self._classes else [_unlike_java(each) for each in tokens[-1:]]
        candidates = [*own, *(_unlike_java(place) for place in places)]
        if scope is not None:
            candidates = [f"{each or stem}.in.{_UNFIT.sub('_', scope)}" for each in candidates]
        others = frozenset() if ref in self._classes else self._called_so
        for candidate in filter(None, candidates):
            if candidate not in self._taken and class_name(candidate) not in others:
                self._taken.add(candidate)
                return candidate
        number = 2
        while f"{stem}.{number}" in self._taken:
            number += 1
        self._taken.add(f"{stem}.{number}")
        return f"{stem}.{number}"


def _unlike_java(place: str) -> str:
    """A place as a name; `components.schemas.Order` would be called `Order`, as in Java."""
    return place if unqualified(place, None) == place else place.replace(".", "_")


def _refs(schema: Any) -> Iterable[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _refs(item)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            elif key in _BY_NAME and isinstance(value, dict):
                for item in value.values():
                    yield from _refs(item)
            elif isinstance(value, dict | list) and not _is_data(key):
                yield from _refs(value)


def _is_data(key: str) -> bool:
    return key in _DATA or key in _ELSEWHERE or key.startswith("x-") or key == "discriminator"
