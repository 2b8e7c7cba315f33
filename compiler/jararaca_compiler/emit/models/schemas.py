"""Schemas as the emitter sees them: references followed, `allOf` merged where that is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.models.dialect import Dialect, dialect
from jararaca_compiler.emit.models.merge import merged
from jararaca_compiler.resolve import Found, UnresolvedRefError

Lookup = Callable[[str], Found]

BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONE = frozenset(
    {"items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not"}
    | {"if", "then", "else", "unevaluatedItems", "unevaluatedProperties"}
)
_NOTES = frozenset({"title", "description", "deprecated", "default"})
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema without `$ref` and, where that is exact, `allOf`.

    `whole` is set where keywords depend on each other across parts: only the schema itself, as a
    check, says what it says.
    """

    keywords: dict[str, Any]
    whole: Any = None


class Schemas:
    """The schemas of one compilation; `name` gives the class of a place (`path#pointer`)."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._dialects: dict[str, Dialect] = {}
        self._places: dict[str, Found] = {}

    def dialect(self, path: str) -> Dialect:
        """The dialect of the schemas in a document."""
        if path not in self._dialects:
            self._dialects[path] = dialect(self._key(path, "$schema"), self._key(path, "openapi"))
        return self._dialects[path]

    def follow(self, ref: str) -> Found:
        """Where a reference leads in the end; anything, where it leads nowhere."""
        if ref not in self._places:
            self._places[ref] = self._follow(ref)
        return self._places[ref]

    def only_ref(self, schema: Any, path: str) -> str | None:
        """The reference that a schema is nothing but (its notes aside)."""
        if not isinstance(schema, Mapping):
            return None
        if isinstance(schema.get("$ref"), str):
            asserts = self._asserts(schema, path) if self.dialect(path).siblings else False
            return None if asserts else str(schema["$ref"])
        parts = schema.get("allOf")
        if isinstance(parts, list) and len(parts) == 1 and not self._asserts(schema, path, "allOf"):
            return self.only_ref(parts[0], path)
        return None

    def flat(self, schema: Any, path: str, depth: int = 0) -> Flat:
        """The keywords that assert something, in one mapping, and the notes."""
        if not isinstance(schema, Mapping):
            return Flat({} if schema is True else {"not": {}})
        if depth > _DEEPEST:
            return Flat({}, schema)
        ref = schema.get("$ref")
        if isinstance(ref, str) and not self.dialect(path).siblings:
            below = self._referred(ref, depth)
            notes = {k: v for k, v in schema.items() if k in _NOTES}
            return Flat({**below.keywords, **notes}, below.whole)
        known = self.dialect(path).keywords
        own = {k: v for k, v in schema.items() if k in known or not _is_assertion(k)}
        parts = [self.flat(part, path, depth + 1) for part in own.pop("allOf", ())]
        if isinstance(ref, str):
            parts.insert(0, self._referred(own.pop("$ref"), depth))
        if "unevaluatedProperties" in own or "unevaluatedItems" in own:
            if not parts and not _applies_in_place(own):
                return Flat(_evaluated(own))
            kept = {k: v for k, v in own.items() if not k.startswith("unevaluated")}
            return Flat(_together(kept, parts)[0], schema)
        keywords, exact = _together(own, parts)
        return Flat(keywords, None if exact else schema)

    def _referred(self, ref: str, depth: int) -> Flat:
        found = self.follow(ref)
        return self.flat(found.value, found.path, depth + 1)

    def _asserts(self, schema: Mapping[str, Any], path: str, *but: str) -> bool:
        known = self.dialect(path).keywords - set(but)
        return any(key in known for key in schema)

    def _key(self, path: str, key: str) -> object:
        try:
            return self._lookup(f"{path}#/{key}").value
        except UnresolvedRefError:
            return None

    def _follow(self, ref: str) -> Found:
        seen: set[str] = set()
        while ref not in seen:
            seen.add(ref)
            try:
                found = self._lookup(ref)
            except UnresolvedRefError:
                return Found(True, *ref.split("#", 1))
            following = self.only_ref(found.value, found.path)
            if following is None:
                return found
            ref = following
        return Found(True, *ref.split("#", 1))


def refs(schema: Any) -> Iterator[str]:
    """Every reference in a schema, examples and constants aside."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            yield value
        elif (key in BY_NAME or key == "dependencies") and isinstance(value, Mapping):
            for child in value.values():
                yield from refs(child)
        elif (key in _LISTS or key == "items") and isinstance(value, list):
            for child in value:
                yield from refs(child)
        elif key in _ONE:
            yield from refs(value)


def _together(own: dict[str, Any], parts: list[Flat]) -> tuple[dict[str, Any], bool]:
    """As many of the parts as can be merged, and whether that were all."""
    exact = True
    for part in parts:
        both = merged(own, part.keywords) if part.whole is None else None
        if both is None:
            exact = False
        else:
            own = both
    return own, exact


def _applies_in_place(schema: Mapping[str, Any]) -> bool:
    return any(k in schema for k in ("anyOf", "oneOf", "if", "not", "dependentSchemas", "contains"))


def _evaluated(schema: dict[str, Any]) -> dict[str, Any]:
    """Where nothing else evaluates, what is unevaluated is what is additional."""
    found = dict(schema)
    properties = found.pop("unevaluatedProperties", None)
    if properties is not None:
        found.setdefault("additionalProperties", properties)
    items = found.pop("unevaluatedItems", None)
    if items is not None:
        found.setdefault("items", items)
    return found


def _is_assertion(key: str) -> bool:
    return key in _ONE or key in _LISTS or key in _ASSERTIONS or key in BY_NAME


_ASSERTIONS = frozenset(
    {"type", "enum", "const", "required", "minContains", "maxContains", "dependentRequired"}
    | {"dependencies", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
    | {"minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum"}
    | {"exclusiveMaximum", "multipleOf"}
)
