"""Rules about the variants of a schema."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, permutations

from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Schema, SchemaStore
from jararaca_compiler.lint.finding import Finding, LintContext

_MOST_PAIRS = 2_000
"""Of a union of more than 45 variants only the first are compared."""


def swallowed_variant(context: LintContext) -> Iterator[Finding]:
    """A variant of a `oneOf` whose values are all valid under another one, and so are refused."""
    lookup = context.resolver.lookup
    store = SchemaStore(lookup, lookup)
    prover = Prover(store)
    for node in context.schemas:
        written = node.get("oneOf")
        if written is None or "discriminator" in node.value:
            continue
        schema = context.resolver.schema(node).value
        beside = {key: value for key, value in schema.items() if key != "oneOf"}
        whole = store.schema(beside, node.path, f"{node.pointer}/beside", 0)
        variants = store.schema(schema, node.path, node.pointer, 0).children("oneOf")
        places = list(written.elements())
        for one, other in _swallowed(prover, whole, variants):
            yield context.find("swallowed-variant", places[one], one=one + 1, other=other + 1)


def _swallowed(
    prover: Prover, beside: Schema, variants: tuple[Schema, ...]
) -> Iterator[tuple[int, int]]:
    """Each variant of which no value is left, with one that takes all of them as well."""
    gone: set[int] = set()
    pairs = islice(permutations(range(len(variants)), 2), _MOST_PAIRS)
    for other, one in pairs:
        known = (beside, variants[one])
        if {one, other} & gone or not prover.covers(known, variants[other]):
            continue
        if not prover.is_empty(known):
            gone.add(one)
            yield one, other
