"""Two schemas side by side, field by field: what changed, where, and what that does."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.compat.proof import arrays, objects
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.relation import Relation, relate
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.difference import (
    NARROWED,
    SAME,
    WIDENED,
    Difference,
    reconciled,
)
from jararaca_compiler.compat.schemas.limits import limits
from jararaca_compiler.compat.schemas.view import View, view
from jararaca_compiler.documents.source import unescape

Schemas = tuple[Schema, ...]
Key = tuple[Schemas, Schemas]
_DEEPEST = 16
_MOST_COMPARISONS = 2_000
_ABSENT = object()


class SchemaComparison:
    """Compares what stands at the same place in two contracts."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._open: list[Key] = []
        self._clean: set[Key] = set()
        self._left = _MOST_COMPARISONS

    def compare(self, old: Schema, new: Schema, subject: str) -> list[Difference]:
        """The differences of two schemas; `subject` is what they describe, like `Order.items`."""
        return self._compare((old,), (new,), subject, new)[0]

    def _compare(
        self, old: Schemas, new: Schemas, subject: str, place: Schema
    ) -> tuple[list[Difference], set[Key]]:
        """The differences, and the comparisons under way that they are left to."""
        key = (old, new)
        if key in self._clean:
            return [], set()
        if key in self._open:
            return [], {key}
        self._left -= 1
        self._open.append(key)
        differences, left_to = self._parts(view(old), view(new), subject, place)
        self._open.pop()
        left_to -= {key}
        whole = relate(self._prover, old, new)
        found = reconciled(differences, whole, subject, place, bool(left_to))
        if not found and not left_to:
            self._clean.add(key)
        return found, left_to

    def _parts(
        self, old: View, new: View, subject: str, place: Schema
    ) -> tuple[list[Difference], set[Key]]:
        found = limits(self._prover, old, new, subject, place)
        found += _renamed(old, new, subject, place)
        left_to: set[Key] = set()
        if len(self._open) > _DEEPEST or self._left < 0:
            return found, left_to
        for differences, left in (
            self._objects(old, new, subject, place),
            self._items(old, new, subject, place),
            self._variants(old, new, subject, place),
        ):
            found += differences
            left_to |= left
        return found, left_to

    def _objects(
        self, old: View, new: View, subject: str, place: Schema
    ) -> tuple[list[Difference], set[Key]]:
        before, after = old.fields, new.fields
        found: list[Difference] = []
        left_to: set[Key] = set()
        for name in (*after, *(name for name in before if name not in after)):
            if name in before and name in after:
                differences, left = self._field(old, new, name, subject)
                found += differences
                left_to |= left
            elif name in after:
                found.append(self._added(old, new, name, subject))
            else:
                found.append(self._removed(old, new, name, subject))
        found += _closing(old, new, subject, place)
        differences, left = self._extra(old, new, subject)
        return found + differences, left_to | left

    def _field(
        self, old: View, new: View, name: str, subject: str
    ) -> tuple[list[Difference], set[Key]]:
        below, place = f"{subject}.{name}", new.fields[name]
        found, left_to = self._compare(
            objects.at(old.atoms, name), objects.at(new.atoms, name), below, place
        )
        was, now = name in old.facts.required, name in new.facts.required
        if now and not was:
            found.append(_difference("field-required", below, place, NARROWED, True, name=name))
        elif was and not now:
            found.append(_difference("field-optional", below, place, WIDENED, True, name=name))
        first, second = default(old.fields[name]), default(place)
        if not now and not was and first is not _ABSENT and first != second:
            values = {"old": _text(first), "new": _text(second)}
            found.append(_difference("default-changed", below, place, SAME, False, **values))
        return found, left_to

    def _added(self, old: View, new: View, name: str, subject: str) -> Difference:
        below, place = f"{subject}.{name}", new.fields[name]
        relation = relate(self._prover, objects.at(old.atoms, name), objects.at(new.atoms, name))
        if self._is_undeclared(old, name):
            relation = relation._replace(declared_narrowed=False)
        if name in new.facts.required:
            relation = relation._replace(narrowed=True, declared_narrowed=True)
            return _difference("required-field-added", below, place, relation, True, name=name)
        return _difference("field-added", below, place, relation, False, name=name)

    def _removed(self, old: View, new: View, name: str, subject: str) -> Difference:
        relation = relate(self._prover, objects.at(old.atoms, name), objects.at(new.atoms, name))
        if self._is_undeclared(new, name):
            relation = relation._replace(declared_widened=False)
        if name in old.facts.required and name not in new.facts.required:
            relation = relation._replace(widened=True, declared_widened=True)
        below = f"{subject}.{name}"
        return _difference("field-removed", below, old.fields[name], relation, True, name=name)

    def _is_undeclared(self, side: View, name: str) -> bool:
        senders = tuple(self._prover.store.as_sender(atom) for atom in side.atoms)
        names = objects.declared(senders)
        return names is not None and name not in names

    def _extra(self, old: View, new: View, subject: str) -> tuple[list[Difference], set[Key]]:
        """The values of a map: `additionalProperties` that is a schema."""
        before, after = old.keyword("additionalProperties"), new.keyword("additionalProperties")
        if before is None or after is None or False in (before[0], after[0]):
            return [], set()
        first, second = (pair[1].child("additionalProperties") for pair in (before, after))
        if first is None or second is None:
            return [], set()
        return self._compare((first,), (second,), f"{subject}.*", second)

    def _items(
        self, old: View, new: View, subject: str, place: Schema
    ) -> tuple[list[Difference], set[Key]]:
        found: list[Difference] = []
        left_to: set[Key] = set()
        sides = (old.atoms, new.atoms)
        named = max((len(a.prefix) for atoms in sides for a in atoms), default=0)
        for index in range(named + 1):
            first, second = (arrays.at(atoms, index) for atoms in sides)
            if first and second:
                below = f"{subject}[{index if index < named else ''}]"
                differences, left = self._compare(first, second, below, second[0])
                found += differences
                left_to |= left
        return found, left_to

    def _variants(
        self, old: View, new: View, subject: str, place: Schema
    ) -> tuple[list[Difference], set[Key]]:
        before, after = old.variants(), new.variants()
        found: list[Difference] = []
        left_to: set[Key] = set()
        if not before or not after or _are_constants(before) == _are_constants(after) is True:
            return found, left_to
        pairs = self._paired(before, after)
        for name, (first, second) in pairs.items():
            differences, left = self._compare((first,), (second,), f"{subject}<{name}>", second)
            found += differences
            left_to |= left
        known = {s for pair in pairs.values() for s in pair}
        for name, variant in after.items():
            if variant not in known:
                values = {"name": f"`{name}`"}
                found.append(
                    Difference("variant-added", subject, variant, WIDENED, False, None, values)
                )
        for name, variant in before.items():
            if variant not in known:
                values = {"name": f"`{name}`"}
                found.append(
                    Difference("variant-removed", subject, variant, NARROWED, True, None, values)
                )
        return found, left_to

    def _paired(
        self, before: dict[str, Schema], after: dict[str, Schema]
    ) -> dict[str, tuple[Schema, Schema]]:
        """The variants that go on: by what they say, else by name."""
        found: dict[str, tuple[Schema, Schema]] = {}
        for name, second in after.items():
            same = [s for s in before.values() if self._prover.same(s, second)]
            first = before.get(name) if name in before else next(iter(same), None)
            if first is not None and all(first is not pair[0] for pair in found.values()):
                found[name] = (first, second)
        return found


def _are_constants(variants: dict[str, Schema]) -> bool:
    """Whether the choices are an enumeration in other words."""
    return all("const" in variant.keys for variant in variants.values())


def default(schema: Schema) -> Any:
    """The default value of a field; `_ABSENT` where there is none."""
    for _ in range(16):
        if "default" in schema.keys:
            return schema.keys["default"]
        target = schema.target
        if target is None:
            break
        schema = target
    return _ABSENT


def _closing(old: View, new: View, subject: str, place: Schema) -> list[Difference]:
    if old.is_closed == new.is_closed or "object" not in old.facts.types & new.facts.types:
        return []
    closed, opened = (new, old) if new.is_closed else (old, new)
    is_meant = opened.keyword("additionalProperties") is not None or not opened.fields
    if closed is new:
        relation = Relation(True, False, is_meant, False)
        return [
            Difference("object-closed", subject, place, relation, False, "additionalProperties")
        ]
    relation = Relation(False, True, False, is_meant)
    return [Difference("object-opened", subject, place, relation)]


def _renamed(old: View, new: View, subject: str, place: Schema) -> list[Difference]:
    """A shared schema under another name: its class is called differently."""
    names = [
        [
            unescape(ref.rpartition("/")[2])
            for ref in (s.keys.get("$ref") for s in side.schemas)
            if isinstance(ref, str)
        ]
        for side in (old, new)
    ]
    if len(names[0]) != 1 or len(names[1]) != 1 or names[0] == names[1]:
        return []
    values = {"old": names[0][0], "new": names[1][0]}
    return [Difference("schema-renamed", subject, place, SAME, False, "$ref", values)]


def _difference(
    code: str, subject: str, place: Schema, relation: Relation, code_too: bool, **values: Any
) -> Difference:
    return Difference(code, subject, place, relation, code_too, None, values)


def _text(value: Any) -> str:
    return "none" if value is _ABSENT else repr(value)
