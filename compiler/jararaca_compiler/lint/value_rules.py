"""Rules that hold examples, defaults and patterns against a validator: one function a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from jararaca_compiler import ir
from jararaca_compiler.lint.finding import Finding, Subject
from jararaca_compiler.resolve import Resolver, UnresolvedRefError

_LONGEST_REASON = 160


def invalid_example(subject: Subject) -> Iterator[Finding]:
    """An example, of the message or of its schema, that its own schema refuses."""
    for service in subject.services:
        for message in service.messages:
            if message.examples:
                yield from _examples(message, subject)


def _examples(message: ir.Message, subject: Subject) -> Iterator[Finding]:
    payload = _validator(message.payload.schema, subject.resolver)
    schema = True if message.headers is None else message.headers.schema
    headers = _validator(schema, subject.resolver)
    for example in message.examples:
        reason = _reason(payload, example.payload)
        if reason is None and example.headers is not None:
            reason = _reason(headers, example.headers)
        if reason is not None:
            values = {"name": message.name, "reason": reason}
            yield Finding("invalid-example", example.span, values)


def invalid_default(subject: Subject) -> Iterator[Finding]:
    """A default that its own schema refuses."""
    for node in subject.schemas:
        if "default" not in node.value or "$ref" in node.value:
            continue
        validator = _validator(subject.resolver.schema(node).value, subject.resolver)
        default = node.value["default"]
        reason = _reason(validator, default)
        if reason is not None:
            place = node.at("default", default)
            shown = f"`{str(default)[:40]}`"
            yield subject.find("invalid-default", place, value=shown, reason=reason)


def invalid_pattern(subject: Subject) -> Iterator[Finding]:
    """A `pattern` that no regular expression engine takes."""
    for node in subject.schemas:
        pattern = node.value.get("pattern")
        if isinstance(pattern, str) and not _compiles(pattern):
            place = node.at("pattern", pattern)
            yield subject.find("invalid-pattern", place, pattern=pattern[:80])


def _compiles(pattern: str) -> bool:
    return _validator({"pattern": pattern}, None) is not None


def _validator(schema: Any, resolver: Resolver | None) -> jsonschema_rs.Draft202012Validator | None:
    """A validator for a schema with absolute references; None where it is no valid schema."""
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
        while waiting and resolver is not None:
            ref, key = waiting.pop()
            schemas[key] = local(resolver.lookup(ref).value)
        root = {"allOf": [whole], "$defs": schemas}
        return jsonschema_rs.Draft202012Validator(root, validate_formats=True)
    except (UnresolvedRefError, jsonschema_rs.ValidationError, ValueError, RecursionError):
        return None


def _reason(validator: jsonschema_rs.Draft202012Validator | None, value: Any) -> str | None:
    """Why a value is not valid; None where it is, or where nothing can be said."""
    if validator is None:
        return None
    error = next(iter(validator.iter_errors(value)), None)
    if error is None:
        return None
    place = "/".join(str(part) for part in error.instance_path)
    message = error.message.replace("\n", " ")
    short = message if len(message) <= _LONGEST_REASON else f"{message[:_LONGEST_REASON]}..."
    return f"at `{place}`: {short}" if place else short
