"""Why a value does not match a JSON Schema, where that can be found out in bounded time.

Whether a value matches is remembered by the validator for each schema that contains itself. Its
errors are not: where two variants lead back to the schema, each level of a value doubles them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jararaca.messages.values.shown_values import MOST_REASONS

MOST_VALUES = 10_000
"""In a larger value only the first error is looked for."""
MOST_STEPS = 20_000
"""How often a part of a schema may be held against a part of a value to find errors."""
TOO_MANY = "does not match its schema, whose variants within one another are too many to say where"
_LISTS = ("allOf", "anyOf", "oneOf")
_SAME = ("not", "if", "then", "else")
_VALUES = ("additionalProperties", "unevaluatedProperties")
_ITEMS = ("items", "contains", "unevaluatedItems")


def reasons(validator: Any, schema: Mapping[str, Any] | bool, value: Any) -> Iterator[str]:
    """The first reasons; the validator is that of the schema."""
    if not isinstance(schema, bool) and _takes_too_long(schema, value):
        return iter((TOO_MANY,))
    # To collect the errors takes seconds where millions of values are wrong.
    errors = _first(validator, value) if _is_large(value) else validator.iter_errors(value)
    return (_reason(error) for error in islice(errors, MOST_REASONS))


def _takes_too_long(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether it takes too many steps; without references there are not more than it has parts.

    What is done in several ways at once is followed once, and counted for each.
    """
    definitions = schema.get("$defs")
    if not definitions:
        return False
    waiting: dict[tuple[int, int], tuple[Any, Any, int]] = {(0, 0): (schema, value, 1)}
    steps = 0
    while waiting and steps <= MOST_STEPS:
        below: dict[tuple[int, int], tuple[Any, Any, int]] = {}
        for part, of, ways in waiting.values():
            steps += ways
            if steps > MOST_STEPS:
                break
            for each, item in islice(_below(part, of, definitions), MOST_STEPS):
                key = id(each), id(item)
                below[key] = each, item, ways + (below[key][2] if key in below else 0)
        waiting = below
    return steps > MOST_STEPS


def _below(part: Any, of: Any, definitions: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(part, Mapping):
        ref = part.get("$ref")
        if isinstance(ref, str):
            yield definitions[ref.removeprefix("#/$defs/")], of
        yield from _about(part, of)


def _about(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of a schema, each with what it may be held against."""
    for key in _LISTS:
        yield from ((part, value) for part in schema.get(key, ()))
    yield from ((schema[key], value) for key in _SAME if key in schema)
    if isinstance(value, dict):
        yield from ((part, value) for part in schema.get("dependentSchemas", {}).values())
        yield from _about_properties(schema, value)
    elif isinstance(value, list):
        yield from zip(schema.get("prefixItems", ()), value, strict=False)
        yield from ((schema[key], item) for key in _ITEMS if key in schema for item in value)


def _about_properties(
    schema: Mapping[str, Any], value: dict[str, Any]
) -> Iterator[tuple[Any, Any]]:
    named = schema.get("properties", {})
    yield from ((named[name], item) for name, item in value.items() if name in named)
    others = [schema[key] for key in _VALUES if key in schema]
    others += schema.get("patternProperties", {}).values()
    yield from ((part, item) for part in others for item in value.values())
    if "propertyNames" in schema:
        yield from ((schema["propertyNames"], name) for name in value)


def _is_large(value: Any) -> bool:
    """Whether there are more values in a value than all errors are looked for in."""
    waiting, count = [value], 0
    while waiting and count <= MOST_VALUES:
        each = waiting.pop()
        if isinstance(each, list | dict):
            count += len(each)
            waiting.extend(islice(each.values() if isinstance(each, dict) else each, MOST_VALUES))
    return count > MOST_VALUES


def _first(validator: Any, value: Any) -> Iterator[Any]:
    """The first error alone, at which the validator stops."""
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


def _reason(error: Any) -> str:
    place = "/".join(map(str, error.instance_path))
    return f"{place}: {error.message}" if place else str(error.message)
