"""What is known of a value -> whether one keyword about texts, numbers or its type surely holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jararaca_compiler.compat.proof.facts import TEXT_KEYS, Facts, Limit
from jararaca_compiler.compat.proof.formats import checked
from jararaca_compiler.compat.proof.patterns import is_within
from jararaca_compiler.compat.proof.values import exact, types_of
from jararaca_compiler.schemas.json_numbers import is_number

_NUMBERS = frozenset({"integer", "fraction"})
_ALL_TEXTS = ("", ".*", "^.*$", "^")
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
NOTHING = frozenset({"then", "else", "minContains", "maxContains"})
"""Keywords that belong to another one."""


def holds(known: Facts, keys: Mapping[str, Any], key: str) -> bool:
    """Whether the keyword surely holds; a keyword that is none of JSON Schema's always does."""
    value = keys[key]
    if key == "type":
        return known.types <= types_of(value)
    if key in ("enum", "const"):
        return False
    if key in TEXT_KEYS:
        return _text(known, key, value)
    if key in ("minLength", "maxLength"):
        return "string" not in known.types or fits(known, "string", key, value)
    if key in (*_BOUNDS, "multipleOf"):
        return not known.types & _NUMBERS or (is_number(value) and _number(known, key, value))
    return True


def fits(known: Facts, kind: str, key: str, value: Any) -> bool:
    """Whether a bound of a length or a count surely holds."""
    least, most = known.sizes[kind]
    if not is_number(value):
        return False
    return bool(least >= math.ceil(value) if key.startswith("min") else most <= value)


def _text(known: Facts, key: str, value: Any) -> bool:
    if "string" not in known.types or (key, value) in known.texts:
        return True
    if key == "format":
        kind = checked(value)
        return kind is None or any(k == key and checked(v) == kind for k, v in known.texts)
    if key != "pattern" or not isinstance(value, str):
        return False
    patterns = (text for kind, text in known.texts if kind == key)
    return value in _ALL_TEXTS or any(is_within(each, value) for each in patterns)


def _number(known: Facts, key: str, value: Any) -> bool:
    number = exact(value)
    if key == "multipleOf":
        whole = [exact(1)] if not known.types & {"fraction"} else []
        return any((m / number).denominator == 1 for m in (*known.multiples, *whole))
    if key in ("minimum", "exclusiveMinimum"):
        return known.low is not None and _beyond(known.low, number, key == "exclusiveMinimum")
    if known.high is None:
        return False
    high, exclusive = known.high
    return _beyond((-high, exclusive), -number, key == "exclusiveMaximum")


def _beyond(low: Limit, number: Any, exclusive: bool) -> bool:
    bound, above = low
    return bool(bound > number or (bound == number and (above or not exclusive)))
