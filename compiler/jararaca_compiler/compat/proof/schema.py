"""Schemas of both sides in one store: each place once, references followed.

Two schemas that stand at the same place are the same object, so that recursion can be noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jararaca_compiler.documents.source import escape
from jararaca_compiler.references.resolver import Found

Lookup = Callable[[str], Found]

ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "examples",
        "example",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$id",
        "$schema",
        "$anchor",
        "$defs",
        "definitions",
        "externalDocs",
        "xml",
        "contentSchema",
        "discriminator",
        "nullable",
        "optional",
        "$vocabulary",
        "$dynamicAnchor",
        "$recursiveAnchor",
    ]
)
"""What says nothing about which values are valid."""

OPAQUE = ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef")
_LONGEST_CHAIN = 64
_SEARCHED, _MOST_SEARCHED, _MOST_BUILT = 20_000, 100_000, 300_000
"""How many looks one search for a value has, and all of a store that find none: some seconds.

Values that are built and only then looked at have a store of looks of their own.
"""
FoundT = TypeVar("FoundT")


@dataclass(slots=True, eq=False)
class Schema:
    """A schema where it stands.

    `sender` marks what a sender's message is known to satisfy, when it is asked what senders
    that send declared fields only can send.
    """

    value: Any
    path: str
    pointer: str
    side: int
    sender: bool
    serial: int
    store: SchemaStore = field(repr=False)
    _atoms: tuple[Schema, ...] | None = field(default=None, repr=False)
    _named: dict[str, Mapping[str, Schema]] = field(default_factory=dict, repr=False)

    def below(self, value: Any, *tokens: str | int, sender: bool | None = None) -> Schema:
        """The schema `value`, which stands below this one at the keys `tokens`."""
        pointer = self.pointer + "".join(f"/{escape(str(token))}" for token in tokens)
        is_sender = self.sender if sender is None else sender and self.sender
        return self.store.schema(value, self.path, pointer, self.side, is_sender)

    @property
    def keys(self) -> Mapping[str, Any]:
        """The keywords; none for a boolean schema."""
        return self.value if isinstance(self.value, dict) else {}

    def child(self, key: str, sender: bool | None = None) -> Schema | None:
        """The schema at a keyword that takes one."""
        found = self.keys.get(key)
        return self.below(found, key, sender=sender) if isinstance(found, dict | bool) else None

    def children(self, key: str) -> tuple[Schema, ...]:
        """The schemas at a keyword that takes a list of them."""
        found = self.keys.get(key)
        items = found if isinstance(found, list) else []
        return tuple(self.below(item, key, i) for i, item in enumerate(items))

    def named(self, key: str) -> Mapping[str, Schema]:
        """The schemas at a keyword that takes them by name; each name of a value asks for them."""
        if key not in self._named:
            found = self.keys.get(key)
            items = found if isinstance(found, dict) else {}
            self._named[key] = {str(n): self.below(item, key, n) for n, item in items.items()}
        return self._named[key]

    @property
    def prefix(self) -> tuple[Schema, ...]:
        """The schemas of an array's first items: `prefixItems`, or a list in `items`."""
        items = self.keys.get("items")
        return self.children("items" if isinstance(items, list) else "prefixItems")

    @property
    def rest(self) -> Schema | None:
        """The schema of the items after the first ones."""
        listed = isinstance(self.keys.get("items"), list)
        return self.child("additionalItems" if listed else "items")

    @property
    def conditions(self) -> tuple[tuple[Schema, Schema | None, Schema | None], ...]:
        """`if`, `then`, `else`; `dependentSchemas` and its kin are conditions too."""
        found: list[tuple[Schema, Schema | None, Schema | None]] = []
        condition = self.child("if", sender=False)
        if condition is not None:
            found.append((condition, self.child("then"), self.child("else")))
        for key in ("dependentSchemas", "dependentRequired", "dependencies"):
            dependent = self.keys.get(key)
            for name, item in dependent.items() if isinstance(dependent, dict) else ():
                there = {"type": "object", "required": [name]}
                then = {"required": item} if isinstance(item, list) else item
                found.append(
                    (
                        self.store.made(self, ("has", key, name), there, sender=False),
                        (
                            self.store.made(self, ("then", key, name), then)
                            if isinstance(item, list)
                            else self.below(then, key, name)
                        ),
                        None,
                    )
                )
        return tuple(found)

    @property
    def atoms(self) -> tuple[Schema, ...]:
        """What must hold together: this schema without its references and `allOf`, and theirs."""
        if self._atoms is None:
            self._atoms = tuple(dict.fromkeys(self._flat(0, set())))
        return self._atoms

    def _flat(self, depth: int, seen: set[Schema]) -> Iterator[Schema]:
        if self in seen:
            return
        seen.add(self)
        if depth > _LONGEST_CHAIN:
            yield self.store.made(self, ("unknown",), {"$dynamicRef": "(too deep)"})
            return
        if not isinstance(self.value, dict):
            if self.value is False:
                yield self
            return
        here = self.value
        own = _apart({k: v for k, v in here.items() if k not in ("$ref", "allOf")}, here)
        if any(constrains(key) for key in own):
            same = len(own) == len(self.value)
            yield self if same else self.store.made(self, ("own",), own)
        target = self.target
        if target is not None:
            yield from target._flat(depth + 1, seen)
        elif "$ref" in self.value:
            yield self.store.made(self, ("unknown",), {"$dynamicRef": self.value["$ref"]})
        for part in self.children("allOf"):
            yield from part._flat(depth + 1, seen)

    @property
    def target(self) -> Schema | None:
        """What the reference leads to; None where there is none, or it leads nowhere."""
        ref = self.keys.get("$ref")
        if not isinstance(ref, str):
            return None
        try:
            found = self.store.lookups[self.side](ref)
        except LookupError:
            return None
        return self.store.schema(found.value, found.path, found.pointer, self.side, self.sender)

    def without(self, key: str) -> Schema:
        """This schema but for one keyword (and what belongs to it)."""
        gone = {"if": ("if", "then", "else")}.get(key, (key,))
        left = _apart({k: v for k, v in self.keys.items() if k not in gone}, self.keys)
        return self.store.made(self, ("without", key), left)


class SchemaStore:
    """All schemas that are compared, each once; `lookups` are the old and the new side's.

    `lookups_left` is how often a question may still look into a schema. At zero, the answer is
    unknown. `verdicts` is what the question found of schemas and values so far.
    """

    def __init__(self, old: Lookup, new: Lookup) -> None:
        self.lookups = (old, new)
        self.lookups_left = 0
        self.verdicts: dict[tuple[Schema, int], tuple[Any, bool | None]] = {}
        self._searches_left = _MOST_SEARCHED
        self._built_left = _MOST_BUILT
        self._known: dict[tuple[Any, ...], Schema] = {}

    def look(self) -> bool:
        """Count a look into a schema; False where there were enough."""
        self.lookups_left -= 1
        return self.lookups_left >= 0

    def searched(self, search: Callable[[], FoundT | None]) -> FoundT | None:
        """What a search finds: it may take so long, and all that find nothing not for ever."""
        allowed = self.lookups_left = min(_SEARCHED, self._searches_left)
        found = search()
        if found is None:
            self._searches_left -= allowed - max(self.lookups_left, 0)
        return found

    def built(self, build: Callable[[], FoundT | None]) -> FoundT | None:
        """What is built without a search, within its own looks."""
        allowed = self.lookups_left = min(_SEARCHED, self._built_left)
        found = build()
        if found is None:
            self._built_left -= allowed - max(self.lookups_left, 0)
        return found

    def schema(
        self, value: Any, path: str, pointer: str, side: int, sender: bool = False
    ) -> Schema:
        """The schema `value` of one side (0 is old, 1 is new)."""
        return self._intern((side, sender, id(value), path, pointer), value, path, pointer)

    def made(
        self, base: Schema, how: tuple[str, ...], value: Any, sender: bool | None = None
    ) -> Schema:
        """A schema that is derived from `base`; asked again in the same way, the same again."""
        is_sender = base.sender if sender is None else sender and base.sender
        key = (base.side, is_sender, id(base), *how)
        return self._intern(key, value, base.path, base.pointer)

    def as_sender(self, schema: Schema) -> Schema:
        """The same schema as what senders are known to satisfy."""
        return self.schema(schema.value, schema.path, schema.pointer, schema.side, True)

    def plain(self, schema: Schema) -> Schema:
        """The same schema, whoever sends."""
        return self.schema(schema.value, schema.path, schema.pointer, schema.side, False)

    def _intern(self, key: tuple[Any, ...], value: Any, path: str, pointer: str) -> Schema:
        found = self._known.get(key)
        if found is None:
            found = Schema(value, path, pointer, key[0], key[1], len(self._known), self)
            self._known[key] = found
        return found


def constrains(key: str) -> bool:
    """Whether a keyword can say anything about a value."""
    return key not in ANNOTATIONS and not key.startswith("x-")


def _apart(part: dict[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a schema; `unevaluated*` means something else without the rest, so it is lost."""
    if len(part) == len(whole) or not any(key in part for key in OPAQUE):
        return part
    return {k: v for k, v in part.items() if k not in OPAQUE} | {"$dynamicRef": "(the rest)"}
