"""A schema -> its Python type; inline objects become classes of the scope that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from jararaca_compiler.emit.types import variants
from jararaca_compiler.emit.types.checks import Bundler
from jararaca_compiler.emit.types.discriminators import TAGGED, Variant
from jararaca_compiler.emit.types.keywords import ARRAY, LOGIC, NUMBER, OBJECT, STRING, asserted
from jararaca_compiler.emit.types.merge import merged
from jararaca_compiler.emit.types.python_type import ANYTHING, NEVER, NULL, OF_TYPE, Type, union
from jararaca_compiler.emit.types.scalars import (
    integer_type,
    kind_of,
    lengths,
    listed_values,
    literal_type,
    number_type,
    picked,
    text_type,
)
from jararaca_compiler.emit.types.schemas import Flat, Schemas
from jararaca_compiler.schemas.checked_formats import has_format


class Scope(Protocol):
    """Where a type is written: the class around it."""

    def expanding(self, merged: frozenset[str]) -> AbstractContextManager[None]:
        """While a schema that was merged of places is written out."""

    @property
    def open(self) -> Sequence[frozenset[str]]:
        """The places that what is being written out was merged of, the outermost first."""

    def nested(self, hint: str, flat: Flat) -> Type:
        """The class for an inline object."""

    def shared(self, place: str) -> Type | None:
        """The class of a schema that is referred to; None where it has none of its own."""


class Builder:
    """Makes types."""

    def __init__(self, schemas: Schemas, bundler: Bundler) -> None:
        self.schemas = schemas
        self._bundler = bundler

    def type_of(self, schema: Any, hint: str, scope: Scope) -> Type:
        """The type that accepts just what `schema` accepts; `hint` names its inline classes."""
        if schema is False:
            return NEVER
        ref = self.schemas.only_ref(schema)
        if ref is not None:
            found = self.schemas.follow(ref)
            shared = scope.shared(f"{found.path}#{found.pointer}")
            return shared or self.type_of(found.value, hint, scope)
        flat = self.schemas.flat(schema)
        if flat.keywords.get("type") == []:
            return NEVER
        if self.schemas.expands_again(schema, flat, scope.open):
            return self._unexpanded(schema, flat)
        if not flat.merged:
            return self._written_out(flat, hint, scope)
        with scope.expanding(flat.merged):
            return self._written_out(flat, hint, scope)

    def _unexpanded(self, schema: Any, flat: Flat) -> Type:
        """A schema that would be written out within itself for ever: checked, and not typed."""
        is_object = flat.keywords.get("type") == "object"
        made = Type("dict[str, Any]", OF_TYPE["object"]) if is_object else ANYTHING
        return replace(made, check=self.check(schema))

    def _written_out(self, flat: Flat, hint: str, scope: Scope) -> Type:
        if flat.whole is not None and not is_class(flat.keywords):
            made = self._typed(flat.keywords, hint, scope)
            return replace(made, check=self.check(flat.whole))
        if is_class(flat.keywords):
            return scope.nested(hint, flat)
        return self._typed(flat.keywords, hint, scope)

    def check(self, schema: Any, is_text: bool = False) -> Any:
        """A part of a schema, made self-contained; None for what asserts nothing.

        `is_text` says that a `type` which is no part of it allows texts.
        """
        made = None if schema is None else self._bundler.bundle(schema, is_text)
        return None if made == {} else made

    def _typed(self, flat: dict[str, Any], hint: str, scope: Scope) -> Type:
        if "const" in flat or "enum" in flat:
            return self._values(flat)
        kinds = flat.get("type")
        chosen = [str(kind) for kind in kinds] if isinstance(kinds, list) else [kinds]
        for key in ("oneOf", "anyOf"):
            rest = asserted(flat).keys() - {key, "type"}
            if key in flat and not rest and isinstance(flat[key], list):
                return self._variants(flat, key, hint, scope)
        if kinds is None or not all(kind in OF_TYPE for kind in chosen):
            return replace(ANYTHING, check=self.check(asserted(flat) or None))
        if "number" in chosen:
            chosen = [kind for kind in chosen if kind != "integer"]
        made = union([self._of_type(str(k), flat, hint, scope) for k in dict.fromkeys(chosen)])
        return self._and(made, picked(flat, LOGIC))

    def _and(self, made: Type, rest: dict[str, Any] | None) -> Type:
        if rest is None:
            return made
        rest = self.check(rest, is_text="string" in made.kinds)
        if rest is None or made.check is None:
            return made if rest is None else replace(made, check=rest)
        if made.check is False or rest is False:
            return replace(made, check=False)
        return replace(made, check=self._bundler.together(made.check, rest))

    def _values(self, flat: dict[str, Any]) -> Type:
        values = listed_values(flat)
        if not values:
            return self._unlisted(flat)
        format = asserted(flat).get("format")
        values = [v for v in values if not isinstance(v, str) or has_format(format, v)]
        kinds = flat.get("type")
        if kinds is not None:
            listed = kinds if isinstance(kinds, list) else [kinds]
            allowed = frozenset().union(*(OF_TYPE.get(str(kind), frozenset()) for kind in listed))
            values = [value for value in values if kind_of(value) in allowed]
        made = literal_type(values)
        if made is None:
            return self._unlisted(flat)
        return self._and(made, picked(flat, _about(made.kinds)))

    def _unlisted(self, flat: dict[str, Any]) -> Type:
        return replace(ANYTHING, check=self.check(asserted(flat)))

    def _variants(self, flat: dict[str, Any], key: str, hint: str, scope: Scope) -> Type:
        if TAGGED in flat and key == "anyOf":
            listed = [Variant(tuple(values), s) for values, s in flat[TAGGED]["variants"]]
            return self._tagged(flat[TAGGED]["name"], listed, hint, scope)
        kinds = flat.get("type")
        hints = variants.hints(hint, flat[key], self.schemas)
        members = [
            self.type_of(self._narrowed(part, kinds), name, scope)
            for part, name in zip(flat[key], hints, strict=True)
        ]
        if key == "oneOf":
            members = variants.exclusive(members)
        made = variants.joined(members)
        if key == "oneOf" and not variants.disjoint(members):
            return self._and(made, {key: flat[key]})
        return made

    def _tagged(self, name: str, listed: Sequence[Variant], hint: str, scope: Scope) -> Type:
        """Variants that a discriminator names, by constants of their own or by what they are."""
        schemas = [variant.schema for variant in listed]
        names = [str(variant.values[0]) for variant in listed]
        hints = variants.hints(hint, schemas, self.schemas, names)
        members = [self.type_of(s, h, scope) for s, h in zip(schemas, hints, strict=True)]
        values = [variant.values for variant in listed]
        if len(members) > 1 and variants.are_told_by(name, members, values):
            return variants.joined(members)
        return variants.named(name, members, values) if members else NEVER

    def _narrowed(self, schema: Any, kinds: Any) -> Any:
        """A variant of a schema that has a `type` too; the same where that says no more."""
        if kinds is None:
            return schema
        own = self.schemas.flat(schema).keywords.get("type")
        says_more = own is None or merged({"type": own}, {"type": kinds}) != {"type": own}
        return {"allOf": [{"type": kinds}, schema]} if says_more else schema

    def _of_type(self, kind: str, flat: dict[str, Any], hint: str, scope: Scope) -> Type:
        if kind == "array":
            return self._array(flat, hint, scope)
        if kind == "object":
            return self._object(flat, hint, scope)
        simple: dict[str, Callable[[Mapping[str, Any]], Type]] = {
            "string": text_type,
            "integer": integer_type,
            "number": number_type,
        }
        if kind in simple:
            return simple[kind](flat)
        return NULL if kind == "null" else Type("bool", OF_TYPE[kind])

    def _array(self, flat: dict[str, Any], hint: str, scope: Scope) -> Type:
        items = flat.get("items", True)
        tuple_items = flat.get("prefixItems") or (items if isinstance(items, list) else None)
        if tuple_items:
            return self._tuple(tuple_items, flat, hint, scope)
        rest = set(ARRAY - {"items", "minItems", "maxItems", "additionalItems", "prefixItems"})
        if isinstance(items, list):
            items = flat.get("additionalItems", True)
        if flat.get("uniqueItems") is False:
            rest.discard("uniqueItems")
        if "contains" not in flat:
            rest -= {"minContains", "maxContains"}
        item = self.type_of(items, f"{hint} item", scope)
        text = f"list[{item.annotation()}]"
        length = lengths(flat, "minItems", "maxItems")
        return Type(text, OF_TYPE["array"], length, self.check(picked(flat, rest)))

    def _tuple(self, items: Sequence[Any], flat: dict[str, Any], hint: str, scope: Scope) -> Type:
        """Python's tuples have one length: others stay lists, checked as a whole."""
        count = len(items)
        after = flat.get("items") if "prefixItems" in flat else flat.get("additionalItems")
        fixed = flat.get("minItems") == count and (after is False or flat.get("maxItems") == count)
        rest = set(ARRAY)
        if not fixed:
            check = self.check(picked(flat, rest))
            return Type("list[Any]", OF_TYPE["array"], (), check)
        members = [
            self.type_of(item, f"{hint} item {index}", scope) for index, item in enumerate(items, 1)
        ]
        rest -= {"items", "prefixItems", "additionalItems", "minItems", "maxItems"}
        text = f"tuple[{', '.join(member.annotation() for member in members)}]"
        return Type(text, OF_TYPE["array"], (), self.check(picked(flat, rest)))

    def _object(self, flat: dict[str, Any], hint: str, scope: Scope) -> Type:
        if flat.get("properties"):
            only = {key: flat[key] for key in flat if key in OBJECT}
            return scope.nested(hint, Flat({**only, "type": "object"}))
        rest = set(OBJECT - {"additionalProperties", "minProperties", "maxProperties"})
        values = flat.get("additionalProperties", True)
        if "patternProperties" in flat or "properties" in flat:
            rest.add("additionalProperties")
            values = True
        if not flat.get("required"):
            rest.discard("required")
        value = self.type_of(values, f"{hint} value", scope)
        text = f"dict[str, {value.annotation()}]"
        length = lengths(flat, "minProperties", "maxProperties")
        return Type(text, OF_TYPE["object"], length, self.check(picked(flat, rest)))


def _about(kinds: frozenset[str]) -> frozenset[str]:
    """The keywords that may say more about values of these kinds."""
    strings = STRING if "string" in kinds else frozenset()
    return LOGIC | strings | (NUMBER if "integer" in kinds else frozenset())


def is_class(flat: Mapping[str, Any]) -> bool:
    """Whether a schema describes an object by its properties."""
    if "const" in flat or "enum" in flat or not isinstance(flat.get("properties"), dict):
        return False
    return flat.get("type") in (None, "object", ["object"]) and bool(flat["properties"])
