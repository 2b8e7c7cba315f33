"""Rules that hold examples, defaults and patterns against a validator: one function a rule."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.lint.finding import Finding, Subject
from jararaca_compiler.validation.values import refusal, validator_of


def invalid_example(subject: Subject) -> Iterator[Finding]:
    """An example, of the message or of its schema, that its own schema refuses."""
    for service in subject.services:
        for message in service.messages:
            if message.examples:
                yield from _examples(message, subject)


def _examples(message: ir.Message, subject: Subject) -> Iterator[Finding]:
    payload = validator_of(message.payload.schema, subject.resolver)
    schema = True if message.headers is None else message.headers.schema
    headers = validator_of(schema, subject.resolver)
    for example in message.examples:
        reason = refusal(payload, example.payload)
        if reason is None and example.headers is not None:
            reason = refusal(headers, example.headers)
        if reason is not None:
            values = {"name": message.name, "reason": reason}
            yield Finding("invalid-example", example.span, values)


def invalid_default(subject: Subject) -> Iterator[Finding]:
    """A default that its own schema refuses."""
    for node in subject.schemas:
        if "default" not in node.value or "$ref" in node.value:
            continue
        validator = validator_of(subject.resolver.schema(node).value, subject.resolver)
        default = node.value["default"]
        reason = refusal(validator, default)
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
    return validator_of({"pattern": pattern}, None) is not None
