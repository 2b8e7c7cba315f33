"""Numbers around the bounds of schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.schemas.json_numbers import is_number

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def numbers(schemas: Iterable[Schema]) -> Iterator[Any]:
    """Small ones first."""
    found: set[Any] = {0, 1, -1, 0.5}
    for schema in schemas:
        for word in _BOUNDS:
            bound: Any = schema.keys.get(word)
            if is_number(bound):
                found |= {bound, bound - 1, bound + 1, bound + 0.5, 2 * bound}
    yield from sorted((_plain(number) for number in found), key=lambda n: (abs(n), n < 0, n))


def _plain(number: Any) -> Any:
    return int(number) if number == int(number) else number
