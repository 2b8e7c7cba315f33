"""Every lint rule's function by its code; its level and texts are in `rule_table`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler.lint import document_rules, schema_rules, value_rules, variant_rules
from jararaca_compiler.lint.finding import Finding, LintContext

Rule = Callable[[LintContext], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "invalid-example": value_rules.invalid_example,
    "invalid-default": value_rules.invalid_default,
    "value-without-format": value_rules.value_without_format,
    "invalid-pattern": value_rules.invalid_pattern,
    "message-without-example": document_rules.message_without_example,
    "message-without-description": document_rules.message_without_description,
    "imperative-event": document_rules.imperative_event,
    "past-tense-task": document_rules.past_tense_task,
    "mixed-property-case": document_rules.mixed_property_case,
    "operation-without-id": document_rules.operation_without_id,
    "undeclared-required": schema_rules.undeclared_required,
    "loose-discriminator": schema_rules.loose_discriminator,
    "nameless-variant": schema_rules.nameless_variant,
    "ignored-beside-ref": schema_rules.ignored_beside_ref,
    "unknown-format": schema_rules.unknown_format,
    "properties-without-type": schema_rules.properties_without_type,
    "keyword-without-effect": schema_rules.keyword_without_effect,
    "duplicate-enum-value": schema_rules.duplicate_enum_value,
    "swallowed-variant": variant_rules.swallowed_variant,
    "impossible-bounds": schema_rules.impossible_bounds,
    "unused-component": document_rules.unused_component,
    "password-in-server": document_rules.password_in_server,
}
