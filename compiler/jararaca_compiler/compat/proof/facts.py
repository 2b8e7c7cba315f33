"""What is known of a value that satisfies several schemas at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jararaca_compiler.compat.proof.equality import canonical
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.proof.values import exact, type_of, types_of
from jararaca_compiler.schemas.json_numbers import is_number

TYPES = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
Limit = tuple[Fraction, bool]
"""A bound, and whether it is exclusive."""
TEXT_KEYS = ("pattern", "format", "contentEncoding", "contentMediaType")
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}
_CONSTANTS: dict[str, tuple[Any, ...]] = {"null": (None,), "boolean": (False, True)}


@dataclass(slots=True)
class Facts:
    """`values` are all that are left, None if they are not listed; sizes are (least, most)."""

    types: frozenset[str]
    values: tuple[Any, ...] | None
    low: Limit | None
    high: Limit | None
    multiples: tuple[Fraction, ...]
    sizes: dict[str, tuple[int, float]]
    required: frozenset[str]
    texts: frozenset[tuple[str, str]]
    unique: bool

    @property
    def is_impossible(self) -> bool:
        """Whether surely no value is left."""
        return not self.types or self.values == ()


def facts(atoms: Sequence[Schema]) -> Facts:
    """What the keywords of the atoms say that needs no look into other schemas."""
    keys = [atom.keys for atom in atoms]
    types = TYPES if all(atom.value is not False for atom in atoms) else frozenset[str]()
    values = _values(keys)
    for each in keys:
        if "type" in each:
            types &= types_of(each["type"])
        refused = each.get("not")
        if isinstance(refused, dict) and refused.keys() == {"type"}:
            types -= types_of(refused["type"])
    if values is None and types <= _CONSTANTS.keys():
        values = tuple(value for kind in sorted(types) for value in _CONSTANTS[kind])
    if values is not None:
        values = tuple(value for value in values if type_of(value) in types)
        types &= {type_of(value) for value in values}
    found = Facts(
        types=types,
        values=values,
        low=_strictest(keys, "minimum", "exclusiveMinimum", max),
        high=_strictest(keys, "maximum", "exclusiveMaximum", min),
        multiples=tuple(m for each in keys for m in _multiple(each)),
        sizes={kind: _sizes(keys, word) for kind, word in _SIZES.items()},
        required=frozenset(
            name
            for each in keys
            if isinstance(each.get("required"), list)
            for name in each["required"]
        ),
        texts=frozenset(
            (key, each[key]) for each in keys for key in TEXT_KEYS if isinstance(each.get(key), str)
        ),
        unique=any(each.get("uniqueItems") is True for each in keys),
    )
    _conclude(found)
    return found


def _conclude(found: Facts) -> None:
    """Drop the types that the other facts leave no value."""
    if any(multiple.denominator == 1 for multiple in found.multiples):
        found.types -= {"fraction"}
    if not found.types & {"fraction"}:
        found.low, found.high = _whole(found.low, math.ceil), _whole(found.high, math.floor)
    if found.low is not None and found.high is not None:
        (low, above), (high, below) = found.low, found.high
        if low > high or (low == high and (above or below)):
            found.types -= {"integer", "fraction"}
    least, most = found.sizes["object"]
    found.sizes["object"] = (max(least, len(found.required)), most)
    for kind, (least, most) in found.sizes.items():
        if least > most:
            found.types -= {kind}
    if found.values is None and not found.types:
        found.values = ()


def _whole(limit: Limit | None, rounded: Any) -> Limit | None:
    """A bound of integers as an inclusive one."""
    if limit is None:
        return None
    number, exclusive = limit
    whole = Fraction(rounded(number))
    if exclusive and whole == number:
        whole += 1 if rounded is math.ceil else -1
    return whole, False


def _values(keys: Sequence[Any]) -> tuple[Any, ...] | None:
    found: dict[str, Any] | None = None
    for each in keys:
        for listed in (
            [each["const"]] if "const" in each else None,
            each["enum"] if isinstance(each.get("enum"), list) else None,
        ):
            if listed is not None:
                these = {canonical(value): value for value in listed}
                found = these if found is None else {k: v for k, v in found.items() if k in these}
    return None if found is None else tuple(found.values())


def _strictest(keys: Sequence[Any], inclusive: str, exclusive: str, pick: Any) -> Limit | None:
    limits = [
        (exact(each[key]), key == exclusive)
        for each in keys
        for key in (inclusive, exclusive)
        if is_number(each.get(key))
    ]
    if not limits:
        return None
    number = pick(number for number, _ in limits)
    return number, (number, True) in limits


def _multiple(keys: Any) -> list[Fraction]:
    value = keys.get("multipleOf")
    return [exact(value)] if is_number(value) and value > 0 else []


def _sizes(keys: Sequence[Any], word: str) -> tuple[int, float]:
    least = [math.ceil(k[f"min{word}"]) for k in keys if is_number(k.get(f"min{word}"))]
    most = [math.floor(k[f"max{word}"]) for k in keys if is_number(k.get(f"max{word}"))]
    return max([0, *least]), min([math.inf, *most])
