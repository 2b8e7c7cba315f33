"""A schema with its references followed and its `allOf` merged, as a reader would think of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.references.resolver import Found, UnresolvedRefError

Lookup = Callable[[str], Found]
_NULL = {"type": "null"}
_MERGED = ("properties", "patternProperties")
_NEVER: dict[str, Any] = {"not": {}}
_GENERIC = ("schema", "payload", "headers", "items")


@dataclass(frozen=True, slots=True)
class FlatSchema:
    """A schema without `$ref` and `allOf`; `refs` led here, `name` is the last one of them."""

    schema: Mapping[str, Any]
    refs: tuple[str, ...] = ()
    name: str | None = None
    nullable: bool = False

    def known_as(self, ref: str) -> FlatSchema:
        """The same, also known by another reference."""
        return replace(self, refs=(*self.refs, ref))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """The mapping at `key`; an empty one for anything else."""
        found = self.schema.get(key)
        return found if isinstance(found, dict) else {}

    def text(self, key: str) -> str | None:
        """The text at `key`; None for anything else."""
        found = self.schema.get(key)
        return found if isinstance(found, str) and found else None

    @property
    def properties(self) -> Mapping[str, Any]:
        return self.mapping("properties")

    @property
    def required(self) -> frozenset[str]:
        names = self.schema.get("required")
        return frozenset(n for n in names if isinstance(n, str)) if isinstance(names, list) else _NO

    @property
    def other_keys(self) -> Any:
        return self.schema.get("additionalProperties", self.schema.get("unevaluatedProperties"))

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that it names, `null` left out."""
        named = self.schema.get("type")
        types = named if isinstance(named, list) else [named]
        return tuple(t for t in types if isinstance(t, str) and t != "null")

    @property
    def items(self) -> Any:
        """The schema of a list's elements; None where it has none, or a schema a position."""
        found = self.schema.get("items")
        return found if isinstance(found, dict) else None

    @property
    def tuple_items(self) -> tuple[Any, ...]:
        found = self.schema.get("prefixItems", self.schema.get("items"))
        return tuple(found) if isinstance(found, list) else ()

    @property
    def variants(self) -> tuple[Any, ...]:
        """The alternatives of `oneOf` or `anyOf`, null left out."""
        found = self.schema.get("oneOf", self.schema.get("anyOf"))
        return tuple(v for v in found if v != _NULL) if isinstance(found, list) else ()

    @property
    def has_children(self) -> bool:
        others = isinstance(self.other_keys, dict) and bool(self.other_keys)
        return bool(
            others
            or self.properties
            or self.variants
            or self.tuple_items
            or self.mapping("patternProperties")
        )

    @property
    def is_plain_object(self) -> bool:
        """Whether the body is best shown as its fields."""
        return bool(self.properties) and not self.variants and not self.nullable


_NO: frozenset[str] = frozenset()


class Flattener:
    """Follows references; what is asked for again by the same reference is made once."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._made: dict[str, FlatSchema] = {}

    def flat(self, schema: Any) -> FlatSchema:
        """A schema, flat."""
        return self._unwrapped(self._merged(schema, frozenset()))

    def _merged(self, schema: Any, above: frozenset[str]) -> FlatSchema:
        if not isinstance(schema, dict):
            return FlatSchema(_NEVER if schema is False else {})
        ref, parts = schema.get("$ref"), schema.get("allOf")
        if not isinstance(ref, str) and not isinstance(parts, list):
            return FlatSchema(schema)
        own = FlatSchema({k: v for k, v in schema.items() if k not in ("$ref", "allOf")})
        if isinstance(ref, str) and ref not in above:
            own = _both(own, self._referred(ref, above | {ref}))
        parts = parts if isinstance(parts, list) else []
        for part in parts:
            own = _both(own, self._merged(part, above), named=len(parts) == 1)
        return own

    def _referred(self, ref: str, above: frozenset[str]) -> FlatSchema:
        if ref not in self._made:
            try:
                found = self._lookup(ref)
            except UnresolvedRefError:
                return FlatSchema({})
            flat = self._merged(found.value, above)
            own = f"{found.path}#{found.pointer}"
            self._made[ref] = replace(flat, refs=(own, *flat.refs), name=_name(found) or flat.name)
        return self._made[ref]

    def _unwrapped(self, flat: FlatSchema) -> FlatSchema:
        """`oneOf: [X, null]` is an X that may be null."""
        types = flat.schema.get("type")
        nullable = flat.nullable or (isinstance(types, list) and "null" in types)
        for key in ("oneOf", "anyOf"):
            found = flat.schema.get(key)
            if not isinstance(found, list):
                continue
            nullable = nullable or _NULL in found
            rest = [v for v in found if v != _NULL]
            if len(rest) == 1:
                own = FlatSchema(
                    {k: v for k, v in flat.schema.items() if k != key}, flat.refs, flat.name
                )
                inner = self.flat(rest[0])
                return replace(_both(own, inner), nullable=nullable or inner.nullable)
        return replace(flat, nullable=nullable)


def _both(own: FlatSchema, other: FlatSchema, *, named: bool = True) -> FlatSchema:
    """What holds where both hold; the own words win."""
    schema = {**other.schema, **own.schema}
    for key in _MERGED:
        if own.mapping(key) or other.mapping(key):
            schema[key] = {**other.mapping(key), **own.mapping(key)}
    if own.required or other.required:
        schema["required"] = sorted(own.required | other.required)
    refs = (*own.refs, *(other.refs if named else ()))
    name = own.name or (other.name if named else None)
    return FlatSchema(schema, refs, name, own.nullable or other.nullable)


def _name(found: Found) -> str | None:
    last = unescape(found.pointer.rpartition("/")[2])
    return None if not last or last.isdecimal() or last in _GENERIC else last
