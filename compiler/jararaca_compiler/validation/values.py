"""Values held against schemas: what a document gives is what it allows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import jsonschema_rs

from jararaca_compiler.references.resolver import Found, Resolver, UnresolvedRefError
from jararaca_compiler.schemas.checked_formats import CHECKS

_LONGEST_REASON = 160


Validator = jsonschema_rs.Draft202012Validator


def validator_of(schema: Any, resolver: Resolver | None) -> Validator | None:
    """A validator for a schema with absolute references; None where it is no valid schema."""
    return validator_by(schema, resolver.lookup if resolver is not None else None)


def validator_by(schema: Any, lookup: Callable[[str], Found] | None) -> Validator | None:
    """A validator, where `lookup` leads the schema's references on."""
    definitions: dict[str, Any] = {}
    waiting: list[tuple[str, str]] = []

    def local(value: Any) -> Any:
        if isinstance(value, list):
            return [local(item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {key: local(item) for key, item in value.items() if key != "$defs"}
        if isinstance(value.get("$ref"), str) and "#" in value["$ref"]:
            key = f"d{len(definitions)}"
            known = definitions.setdefault(value["$ref"], key)
            if known == key:
                waiting.append((value["$ref"], key))
            found["$ref"] = f"#/$defs/{known}"
        return found

    whole = local(schema)
    schemas: dict[str, Any] = {}
    try:
        while waiting and lookup is not None:
            ref, key = waiting.pop()
            schemas[key] = local(lookup(ref).value)
        root = {"allOf": [whole], "$defs": schemas}
        return Validator(root, validate_formats=True, formats=CHECKS)
    except (UnresolvedRefError, jsonschema_rs.ValidationError, ValueError, RecursionError):
        return None


def first_error(validator: Validator | None, value: Any) -> str | None:
    """Why a value is not valid; None where it is, or where nothing can be said."""
    return next(iter(errors(validator, value, 1)), None)


def errors(validator: Validator | None, value: Any, most: int) -> list[str]:
    """The first reasons why a value is not valid."""
    found = () if validator is None else validator.iter_errors(value)
    return [_reason(error) for error in islice(found, most)]


def _reason(error: jsonschema_rs.ValidationError) -> str:
    place = "/".join(str(part) for part in error.instance_path)
    message = error.message.replace("\n", " ")
    short = message if len(message) <= _LONGEST_REASON else f"{message[:_LONGEST_REASON]}..."
    return f"at `{place}`: {short}" if place else short
