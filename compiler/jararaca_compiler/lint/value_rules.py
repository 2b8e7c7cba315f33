"""Rules that hold examples, defaults and patterns against a validator: one function a rule."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.emit.types.keywords import asserted
from jararaca_compiler.lint.finding import Finding, LintContext
from jararaca_compiler.schemas.checked_formats import has_format
from jararaca_compiler.validation.values import first_error, validator_by, validator_of


def invalid_example(context: LintContext) -> Iterator[Finding]:
    """An example, of the message or of its schema, that its own schema refuses."""
    for service in context.services:
        for message in service.messages:
            if message.examples:
                yield from _examples(message, context)


def _examples(message: ir.Message, context: LintContext) -> Iterator[Finding]:
    discriminators = context.discriminators
    schema = True if message.headers is None else message.headers.schema
    payload, headers = (
        validator_by(discriminators.said(each), discriminators.lookup)
        for each in (message.payload.schema, schema)
    )
    for example in message.examples:
        reason = first_error(payload, example.payload)
        if reason is None and example.headers is not None:
            reason = first_error(headers, example.headers)
        if reason is not None:
            values = {"name": message.name, "reason": reason}
            yield Finding("invalid-example", example.span, values)


def invalid_default(context: LintContext) -> Iterator[Finding]:
    """A default that its own schema refuses."""
    for node in context.schemas:
        if "default" not in node.value or "$ref" in node.value:
            continue
        discriminators = context.discriminators
        schema = discriminators.said(context.resolver.schema(node).value)
        validator = validator_by(schema, discriminators.lookup)
        default = node.value["default"]
        reason = first_error(validator, default)
        if reason is not None:
            place = node.at("default", default)
            shown = f"`{str(default)[:40]}`"
            yield context.find("invalid-default", place, value=shown, reason=reason)


def value_without_format(context: LintContext) -> Iterator[Finding]:
    """A constant, or a value of an `enum`, that does not have the schema's format."""
    for node in context.schemas:
        format = asserted(node.value).get("format") if "format" in node.value else None
        constant, listed = node.get("const"), node.get("enum")
        values = [] if listed is None else listed.elements()
        for item in values if constant is None else [*values, constant]:
            if isinstance(item.value, str) and not has_format(format, item.value):
                shown = f"`{item.value[:40]}`"
                yield context.find("value-without-format", item, value=shown, format=format)


def invalid_pattern(context: LintContext) -> Iterator[Finding]:
    """A `pattern` that no regular expression engine takes."""
    for node in context.schemas:
        pattern = node.value.get("pattern")
        if isinstance(pattern, str) and not _compiles(pattern):
            place = node.at("pattern", pattern)
            yield context.find("invalid-pattern", place, pattern=pattern[:80])


def _compiles(pattern: str) -> bool:
    return validator_of({"pattern": pattern}, None) is not None
