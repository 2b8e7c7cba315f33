"""The bodies and headers of a message: their schemas side by side, and where each change is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, Witness, change
from jararaca_compiler.compat.contract.unchanged import Unchanged
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.generated.package import Package
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.relation import relate
from jararaca_compiler.compat.proof.schema import Schema, SchemaStore
from jararaca_compiler.compat.schemas.comparison import SchemaComparison
from jararaca_compiler.compat.schemas.defaults import NO_DEFAULT
from jararaca_compiler.compat.schemas.difference import Difference
from jararaca_compiler.compat.schemas.whereabouts import refers, within
from jararaca_compiler.compat.witness.least import Leasts
from jararaca_compiler.compat.witness.shown import witness_of
from jararaca_compiler.documents.source import Span

ALL: tuple[Whom, ...] = ("producers", "consumers", "stored")
_MOST_WITNESSES = 400
_NO_HEADERS = {"type": "object", "properties": {}}
_WHY = {
    "default-changed": "Old and new code read a message without the field differently.",
    "schema-renamed": "Its class has a different name.",
}
_FIRST_DEFAULT = "New code reads a message without the field as if it had the default."
_CLOSED = (
    "Messages without the field go on as before. Old consumers refuse those that have it: their"
    " contract allows no other fields."
)
_CLASS = re.compile(r"^(?:class )?(\w+)(?=\(| = )", re.M)
_UNCHECKED = "No generated class checks this format."


def _classes(packages: Mapping[str, Package]) -> set[str]:
    """The names that the packages give to shared schemas."""
    texts = (package.get("schemas.py", "") for package in packages.values())
    return {name for text in texts for name in _CLASS.findall(text)}


class Payloads:
    """Compares schemas of an old and a new contract."""

    def __init__(self, old: ContractVersion, new: ContractVersion) -> None:
        self._sides = (old, new)
        self._store = SchemaStore(old.lookup, new.lookup)
        self._leasts = Leasts()
        self._prover = Prover(self._store, self._leasts.refute)
        self._comparison = SchemaComparison(self._prover)
        self._unchanged = Unchanged(old.lookup, new.lookup)
        self._witnesses: dict[tuple[object, ...], Witness | None] = {}

    def are_same(self, old: ir.Message, new: ir.Message) -> bool:
        """Whether the bodies of two messages surely allow the same values."""
        sides = self._schema(old.payload, 0), self._schema(new.payload, 1)
        return not any(relate(self._prover, sides[:1], sides[1:]))

    def changes(self, old: ir.Message, new: ir.Message) -> Iterator[Change]:
        """Every change of the body and of the headers."""
        yield from self._schemas(old.payload, new.payload, new, new.name)
        nothing = ir.Payload(_NO_HEADERS, new.payload.path, new.payload.pointer, new.span)
        if old.headers is not None or new.headers is not None:
            sides = old.headers or nothing, new.headers or nothing
            yield from self._schemas(*sides, new, f"{new.name}[headers]")

    def _schemas(
        self, old: ir.Payload, new: ir.Payload, message: ir.Message, subject: str
    ) -> Iterator[Change]:
        if self._unchanged(old.schema, new.schema):
            return
        is_body = subject == message.name
        was, now = (
            (schema,) if is_body else (schema, self._table(schema))
            for schema in (self._schema(old, 0), self._schema(new, 1))
        )
        for difference in self._comparison.compare(was, now, subject):
            if difference.code != "schema-renamed" or self._is_a_class_gone:
                yield self._change(difference, message)

    @cached_property
    def _is_a_class_gone(self) -> bool:
        """Whether a schema of another name may have another class; not where all remain."""
        old, new = (side.packages for side in self._sides)
        return not (old and new) or bool(_classes(old) - _classes(new))

    def _change(self, difference: Difference, message: ir.Message) -> Change:
        breaks, risks, why = difference.breaks, difference.risks, _WHY.get(difference.code)
        if difference.code == "default-changed" and difference.values["old"] == NO_DEFAULT:
            risks, why = set(ALL), _FIRST_DEFAULT
        elif difference.code == "default-changed":
            breaks = breaks | set(ALL)
        elif difference.code == "schema-renamed":
            risks = {"code"}
        elif difference.code == "field-added" and breaks == {"consumers"}:
            why = _CLOSED
        elif difference.code == "format-changed" and not risks:
            why = _UNCHECKED
        found = change(
            difference.code, message.name, difference.named, self._place(difference),
            breaks=breaks, risks=risks, why=why, **difference.values,
        )  # fmt: skip
        return replace(
            found,
            witness=self._witness(difference, found),
            within=within(difference.frame),
            refers=refers(difference),
        )

    def _schema(self, payload: ir.Payload, side: int) -> Schema:
        return self._store.schema(payload.schema, payload.path, payload.pointer, side)

    def _table(self, headers: Schema) -> Schema:
        """What headers are whatever their schema says: a table."""
        return self._store.made(headers, ("table",), {"type": "object"})

    def _witness(self, difference: Difference, told: Change) -> Witness | None:
        """The value that shows it: once for what is told once, and for as much as a person reads.

        Fields that share a schema differ alike: all of them are told as one.
        """
        key = (told.code, told.group, told.span, told.message, told.breaks)
        if key not in self._witnesses:
            is_read = len(self._witnesses) < _MOST_WITNESSES
            self._witnesses[key] = witness_of(difference, self._leasts) if is_read else None
        return self._witnesses[key]

    def _place(self, difference: Difference) -> Span:
        place, key = difference.shown, difference.key
        for _ in range(16):
            target = None if key is None or key in place.keys else place.target
            if target is None:
                break
            place = target
        below = f"/{key}" if key is not None and key in place.keys else ""
        side = self._sides[place.side]
        return side.place(side.locate(place.path, place.pointer + below))
