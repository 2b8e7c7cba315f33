"""Texts that probably satisfy what is known of them: lengths, a pattern, a format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jararaca_compiler.compat.proof.formats import EXAMPLES, checked
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.schemas.pattern_texts import FILLER, matching

_LONGEST = 400


def texts(known: Iterable[Schema], near: Iterable[Schema]) -> Iterator[str]:
    """Short ones first; `near` are schemas whose bounds are worth a try."""
    listed = [atom.keys for atom in (*known, *near)]
    lengths = {0, 1}
    for keys in listed:
        if isinstance(keys.get("pattern"), str):
            yield from matching(keys["pattern"])
        kind = checked(keys.get("format"))
        if kind is not None:
            yield EXAMPLES[kind]
        for word in ("minLength", "maxLength"):
            bound = keys.get(word)
            if isinstance(bound, int | float):
                lengths |= {int(bound) - 1, int(bound), int(bound) + 1}
    yield from (FILLER * length for length in sorted(lengths) if 0 <= length <= _LONGEST)
