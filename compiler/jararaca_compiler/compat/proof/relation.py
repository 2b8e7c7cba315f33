"""How a new schema relates to an old one: what it no longer allows, and what it allows newly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Lookup, Schema, SchemaStore


class Relation(NamedTuple):
    """Whether values of the old schema may be refused by the new one (`narrowed`), and the other
    way round (`widened`); False is proved, True is not excluded.

    The `declared` ones leave out messages with fields that their sender's contract does not name.
    """

    narrowed: bool
    widened: bool
    declared_narrowed: bool
    declared_widened: bool


def relation(old: Any, new: Any, lookup_old: Lookup, lookup_new: Lookup) -> Relation:
    """The relation of two schemas whose references are absolute."""
    store = SchemaStore(lookup_old, lookup_new)
    return relate(Prover(store), (store.schema(old, "", "", 0),), (store.schema(new, "", "", 1),))


def relate(prover: Prover, old: Sequence[Schema], new: Sequence[Schema]) -> Relation:
    """The relation of what satisfies all of `old` and of what satisfies all of `new`."""
    narrowed, widened = _lost(prover, old, new), _lost(prover, new, old)
    return Relation(
        narrowed,
        widened,
        narrowed and _lost(prover, _sent(prover, old), new),
        widened and _lost(prover, _sent(prover, new), old),
    )


def _lost(prover: Prover, part: Sequence[Schema], whole: Sequence[Schema]) -> bool:
    return not all(prover.covers(part, schema) for schema in whole)


def _sent(prover: Prover, schemas: Sequence[Schema]) -> list[Schema]:
    return [prover.store.as_sender(schema) for schema in schemas]
