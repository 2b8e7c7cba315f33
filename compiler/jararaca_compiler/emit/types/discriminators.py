"""Schemas with a `discriminator`, in the words of JSON Schema: variants told apart by a value.

OpenAPI (3.0, "Discriminator Object"): the property names one of the `oneOf`, by its `mapping` or by
the schema's own name. AsyncAPI ("Schema Object", `discriminator`): it names a schema that inherits
this one by `allOf`. JSON Schema itself sees neither: several variants may accept a value, or all.
So where such a schema is what a value must be, the value's variant is the one that it names, and a
value that names none is refused. Where it is a part of an `allOf`, it is its fields alone. Where a
variant of a `oneOf` has no name (it is written in place, without constant and title), nothing can
name it: then the discriminator has no effect, and JSON Schema decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.emit.types.keywords import ASSERTIONS, BY_NAME
from jararaca_compiler.references.resolver import Found

TAGGED = "x-jararaca-tagged"
"""Beside `anyOf`: the property, and the values that name each variant with its schema."""
ANY = "|any"
"""Behind a place: not the schema that stands there, but whatever its discriminator may name."""
Name = str | int
"""What names a variant: a text, unless the property is a number or a boolean."""
T = TypeVar("T")
_DATA = frozenset({"const", "enum", "default", "examples", "example", "required"})
_UNIONS = ("oneOf", "anyOf")
DISCRIMINATOR = ("discriminator", "x-discriminator-mapping")
"""OpenAPI's is one mapping, AsyncAPI's a text with an extension beside it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A schema, and the values of the property that name it."""

    values: tuple[Name, ...]
    schema: Any


class Discriminators:
    """Schemas with their discriminators said; `components` may inherit what they refer to."""

    def __init__(self, lookup: Callable[[str], Found], components: Iterable[str]) -> None:
        self._lookup = lookup
        self._children: dict[str, list[str]] = {}
        self._inheriting: dict[str, str | None] = {}
        self._heirs: dict[str, dict[str, None]] = {}
        for place in sorted(components):
            for parent in _parents(self._value(place)):
                self._children.setdefault(self._place(parent), []).append(place)

    def lookup(self, ref: str) -> Found:
        """What a reference leads to. Raises UnresolvedRefError."""
        if ref.endswith(ANY):
            place = ref.removesuffix(ANY)
            path, _, pointer = place.partition("#")
            return Found(self._choice(self._value(place), place), path, pointer + ANY)
        found = self._lookup(ref)
        if not isinstance(found.value, dict):
            return found
        value = found.value
        if self._names_variants(f"{found.path}#{found.pointer}"):
            value = {k: v for k, v in value.items() if k not in (*_UNIONS, "discriminator")}
        return found._replace(value=self._keywords(value))

    def said(self, schema: Any) -> Any:
        """A schema whose value is at hand; one that inherits is what it says itself."""
        if not isinstance(schema, dict):
            return schema
        if self._tells_listed(schema):
            return self._choice(schema, "")
        if _is_only_part(schema):
            return {**schema, "allOf": [self.said(schema["allOf"][0])]}
        return self._keywords(schema)

    def without_effect(self, schema: dict[str, Any]) -> str | None:
        """The property of a discriminator that cannot name all of the listed variants."""
        is_told = self._tells_listed(schema) or not _listed(schema)
        return None if is_told else _property(schema)

    def untold(self, schema: dict[str, Any]) -> Iterator[tuple[str, Name]]:
        """(property, value) for each variant that JSON Schema alone does not tell by its value."""
        name = _property(schema)
        if name is None or not self._tells_listed(schema):
            return
        for variant in self._variants(schema, name, _listed(schema), ""):
            if self._constants(variant.schema, name) != variant.values:
                yield name, variant.values[0]

    def called(self, schema: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
        """What names a variant for no other reason than where it stands, and that place."""
        name = _property(schema)
        refs = _listed(schema) or (self._descendants(place) if place else [])
        if name is None or (_listed(schema) and not self._tells_listed(schema)):
            return
        mapping = self._mapping(schema, refs)
        constants = self._told_apart(refs, name)
        for index, part in enumerate(refs):
            if _ref(part) and index not in mapping and not constants[index]:
                yield from ((called, part["$ref"]) for called in _own_name(self._place, part))

    def _keywords(self, schema: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                place = self._place(value)
                made[key] = place + ANY if self._names_variants(place) else value
            elif key == "allOf" and isinstance(value, list):
                made[key] = [self._part(part) for part in value]
            elif key in BY_NAME and isinstance(value, dict):
                made[key] = {name: self.said(item) for name, item in value.items()}
            elif key in _DATA or key.startswith("x-"):
                made[key] = value
            elif isinstance(value, list):
                made[key] = [self.said(item) for item in value]
            else:
                made[key] = self.said(value)
        return made

    def _part(self, part: Any) -> Any:
        """A part of `allOf`: what it refers to is inherited."""
        if not isinstance(part, dict):
            return part
        inherited = {"$ref": part["$ref"]} if isinstance(part.get("$ref"), str) else {}
        return {**self._keywords({k: v for k, v in part.items() if k != "$ref"}), **inherited}

    def _names_variants(self, place: str) -> bool:
        """Whether what stands at a place is told apart by a discriminator."""
        value = self._value(place)
        if not isinstance(value, dict):
            return False
        if _property(value) and _listed(value):
            return self._tells_listed(value)
        return place in self._children and self._inherited(place) is not None

    def _tells_listed(self, schema: dict[str, Any]) -> bool:
        """Whether a discriminator stands beside variants, and each of them has a name."""
        name = _property(schema)
        named = [part for part in _listed(schema) if not _is_null(part)]
        return name is not None and bool(named) and all(self._names(schema, name, named))

    def _inherited(self, place: str) -> str | None:
        """The property of a schema's own discriminator, or of the first one that it inherits."""
        waiting, seen = [place], {place}
        while waiting:
            here = waiting.pop()
            value = self._value(here)
            known = self._inheriting.get(here)
            own = _property(value) if known is None else known
            if own is not None:
                self._inheriting[place] = own
                return own
            above = [self._place(ref) for ref in _parents(value)]
            if here in self._inheriting:
                continue
            waiting += [each for each in reversed(above) if each not in seen]
            seen.update(above)
        self._inheriting |= dict.fromkeys(seen, None)
        return None

    def _choice(self, schema: dict[str, Any], place: str) -> dict[str, Any]:
        """The variants; null among them has no property to be told by, and is beside them."""
        key = next((k for k in _UNIONS if isinstance(schema.get(k), list)), "")
        named = [part for part in schema.get(key, ()) if not _is_null(part)]
        if not key or len(named) == len(schema[key]) or not named or "type" in schema:
            return self._union(schema, place)
        inner = {k: v for k, v in schema.items() if k in ASSERTIONS or k in DISCRIMINATOR}
        notes = {k: v for k, v in schema.items() if k not in inner}
        return {**notes, "anyOf": [self._union({**inner, key: named}, place), {"type": "null"}]}

    def _union(self, schema: dict[str, Any], place: str) -> dict[str, Any]:
        name = _property(schema) or (self._inherited(place) if place else None) or ""
        variants = self._variants(schema, name, _listed(schema), place)
        notes = {key: v for key, v in schema.items() if key not in ASSERTIONS and key != "$ref"}
        return {
            **notes,
            "anyOf": [_said(variant, name) for variant in variants],
            TAGGED: {"name": name, "variants": [[list(v.values), v.schema] for v in variants]},
        }

    def _variants(
        self, schema: dict[str, Any], name: str, listed: list[Any], place: str
    ) -> list[Variant]:
        refs = listed or self._descendants(place)
        base = {k: v for k, v in schema.items() if k in ASSERTIONS and k not in (*_UNIONS, "type")}
        variants: list[Variant] = []
        for part, values in zip(refs, self._names(schema, name, refs), strict=True):
            inner = part
            if base and listed and not self._inherits(part, place):
                inner = {"allOf": [{"$ref": place} if place else base, part]}
            variants.append(Variant(values, self.said(inner) if listed else inner))
        return [variant for variant in variants if variant.values]

    def _names(self, schema: dict[str, Any], name: str, parts: list[Any]) -> list[tuple[Name, ...]]:
        """What names each variant: the mapping, its constants, or what it is called."""
        mapping = self._mapping(schema, parts)
        constants = self._told_apart(parts, name)
        found: list[tuple[Name, ...]] = []
        for index, part in enumerate(parts):
            texts = tuple(mapping.get(index, ()))
            if not texts and constants[index]:
                found.append(constants[index])
            else:
                found.append(self._as_its_type(texts or _own_name(self._place, part), part, name))
        return found

    def _told_apart(self, parts: list[Any], name: str) -> list[tuple[Name, ...]]:
        """The constants of each variant; none where two have the same."""
        constants = [self._constants(part, name) for part in parts]
        every = [value for values in constants for value in values]
        return constants if len(set(every)) == len(every) else [() for _ in parts]

    def _as_its_type(self, texts: tuple[str, ...], part: Any, name: str) -> tuple[Name, ...]:
        """The texts that name a variant, as the type of its property has them."""
        kinds = next(self._said_of(part, name, _kinds), ("string",))
        if "string" in kinds:
            return texts
        values = [_scalar(text) for text in texts]
        return tuple(value for value in values if value is not None)

    def _descendants(self, place: str) -> list[dict[str, Any]]:
        """What inherits a schema, by whatever way, and the schema itself."""
        return [{"$ref": each} for each in (*self._heirs_of(place), place)]

    def _heirs_of(self, place: str) -> dict[str, None]:
        """The places of what inherits a schema, in order."""
        if place not in self._heirs:
            found = {place: None}
            waiting = [place]
            for each in waiting:
                new = [child for child in self._children.get(each, ()) if child not in found]
                found |= dict.fromkeys(new)
                waiting += new
            self._heirs[place] = {each: None for each in found if each != place}
        return self._heirs[place]

    def _mapping(self, schema: dict[str, Any], refs: list[Any]) -> dict[int, list[str]]:
        """The names that a mapping gives to each of the variants."""
        discriminator = schema.get("discriminator")
        said = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        said = said if isinstance(said, dict) else schema.get("x-discriminator-mapping")
        places = [self._place(part["$ref"]) if _ref(part) else "" for part in refs]
        found: dict[int, list[str]] = {}
        for name, target in (said if isinstance(said, dict) else {}).items():
            for index, place in enumerate(places):
                if place and (place == self._place(str(target)) or _last(place) == target):
                    found.setdefault(index, []).append(str(name))
        return found

    def _constants(self, part: Any, name: str) -> tuple[Name, ...]:
        """The values that a variant itself allows, or the last part of it that says so."""
        return next(self._said_of(part, name, _own_constants), ())

    def _said_of(
        self, part: Any, name: str, of: Callable[[Any], tuple[T, ...]]
    ) -> Iterator[tuple[T, ...]]:
        """What each part of a variant says of the property, the last first."""
        for schema in self._parts(part):
            properties = schema.get("properties")
            own: Any = properties.get(name) if isinstance(properties, dict) else None
            yield from (said for inner in self._parts(own) if (said := of(inner)))

    def _parts(self, schema: Any) -> Iterator[dict[str, Any]]:
        """A schema and, behind its references, what it is all of: the last first."""
        waiting, seen = [schema], set[str]()
        while waiting:
            here = waiting.pop()
            if _ref(here):
                if here["$ref"] in seen:
                    continue
                seen.add(here["$ref"])
                here = self._value(here["$ref"])
            if isinstance(here, dict):
                yield here
                waiting += here["allOf"] if isinstance(here.get("allOf"), list) else []

    def _inherits(self, part: Any, place: str) -> bool:
        if not place or not _ref(part):
            return False
        named = self._place(part["$ref"])
        return named == place or named in self._heirs_of(place)

    def _value(self, ref: str) -> Any:
        try:
            return self._lookup(ref).value
        except LookupError:
            return True

    def _place(self, ref: str) -> str:
        try:
            found = self._lookup(ref)
        except LookupError:
            return ref
        return f"{found.path}#{found.pointer}"


def _own_constants(schema: dict[str, Any]) -> tuple[Name, ...]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    are_names = isinstance(values, list) and all(isinstance(v, str | int) for v in values)
    return tuple(values) if are_names else ()


def _kinds(schema: dict[str, Any]) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return tuple(kinds) if isinstance(kinds, list) else (kinds,) if kinds else ()


def _scalar(text: str) -> Name | None:
    """The number or boolean that a text is in JSON; None for any other."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def _own_name(place: Callable[[str], str], part: Any) -> tuple[str, ...]:
    """What a variant is called where it stands (a file by its own name), else by its title."""
    if _ref(part):
        path, _, pointer = place(part["$ref"]).partition("#")
        return (_last(pointer) if pointer else PurePosixPath(path).name.split(".")[0],)
    title = part.get("title") if isinstance(part, dict) else None
    return (title,) if isinstance(title, str) else ()


def _listed(schema: Mapping[str, Any]) -> list[Any]:
    """The variants that a schema lists itself."""
    return next((schema[key] for key in _UNIONS if isinstance(schema.get(key), list)), [])


def _said(variant: Variant, name: str) -> dict[str, Any]:
    """A variant as JSON Schema has it: the schema, for values that name it."""
    tag = {"enum": list(variant.values)}
    named = {"type": "object", "required": [name], "properties": {name: tag}}
    return {"allOf": [named, variant.schema]}


def _property(schema: Any) -> str | None:
    """The property that a discriminator is; AsyncAPI has its name alone."""
    value = schema.get("discriminator") if isinstance(schema, dict) else None
    name = value.get("propertyName") if isinstance(value, dict) else value
    return name if isinstance(name, str) and name else None


def _parents(schema: Any) -> Iterator[str]:
    parts = schema.get("allOf") if isinstance(schema, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if _ref(part):
            yield part["$ref"]


def _ref(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("$ref"), str)


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and (
        part.get("type") in ("null", ["null"])
        or ("const" in part and part["const"] is None)
        or part.get("enum") == [None]
    )


def _is_only_part(schema: Mapping[str, Any]) -> bool:
    """Whether a schema only refers to another, by an `allOf` that leaves room for notes."""
    parts = schema.get("allOf")
    return isinstance(parts, list) and len(parts) == 1 and (ASSERTIONS & schema.keys()) == {"allOf"}


def _last(place: str) -> str:
    return unescape(place.rpartition("/")[2])
