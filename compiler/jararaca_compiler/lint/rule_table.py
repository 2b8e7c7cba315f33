"""The lint rules: code, severity where nothing is configured, wording, why it matters, the fix."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca_compiler.diagnostics.levels import Level


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule; `wording` is a format string over a finding's values."""

    code: str
    level: Level
    wording: str
    why: str
    fix: str


_EXAMPLES = (
    LintRule(
        "invalid-example",
        "warning",
        "an example of `{name}` is not valid under its own schema: {reason}",
        "People copy examples, `jararaca publish --example` sends them, and the page shows them.",
        "Correct the example, or the schema if the example is right.",
    ),
    LintRule(
        "invalid-default",
        "warning",
        "the default {value} is not valid under its own schema: {reason}",
        "If the field is left out, it gets an invalid value.",
        "Correct the default.",
    ),
    LintRule(
        "value-without-format",
        "warning",
        "{value} does not have the format `{format}` that its schema asks for",
        "The class checks both: the value is refused although it is listed.",
        "Correct the value, or leave out the format.",
    ),
    LintRule(
        "message-without-example",
        "off",
        "the message `{name}` has no example",
        "People read examples first, and `jararaca publish --example` sends them.",
        "Add `examples: [{{payload: ...}}]` to the message.",
    ),
    LintRule(
        "message-without-description",
        "off",
        "the message `{name}` has no description",
        "Readers have only its name to understand it.",
        "Add a `summary` or a `description` to the message.",
    ),
)
_NAMES = (
    LintRule(
        "imperative-event",
        "warning",
        "the event `{name}` is named like a command",
        "An event says what has happened, for everyone; a command asks one worker to do something.",
        "Name it after what happened, or give it `x-message-type: task`.",
    ),
    LintRule(
        "past-tense-task",
        "warning",
        "the task `{name}` is named like an event",
        "A task is done once by one worker. Something that has happened is an event.",
        "Name it after what is to be done, or give it `x-message-type: event`.",
    ),
    LintRule(
        "mixed-property-case",
        "warning",
        "most properties are written in {style}, but not {names}",
        "With two styles in one contract, people have to guess.",
        "Write new properties in {style}; renaming one that is in use breaks its users.",
    ),
    LintRule(
        "operation-without-id",
        "off",
        "the operation has no `operationId`",
        "Handlers are named after it; without one, renaming the channel renames the handler.",
        "Add `operationId: {suggestion}`.",
    ),
)
_SCHEMAS = (
    LintRule(
        "undeclared-required",
        "warning",
        "`{name}` is required but is not one of the properties",
        "Any value is valid for it, which is rarely intended. It is often a typo.",
        "Declare the property, or remove it from `required`.",
    ),
    LintRule(
        "loose-discriminator",
        "warning",
        "JSON Schema alone does not tell the variant `{value}` by `{property}`",
        "Classes follow the discriminator. A validator that knows JSON Schema alone may refuse "
        "such a value, or take it for another variant.",
        "Give `{property}` a `const: {value}` in that variant's schema.",
    ),
    LintRule(
        "nameless-variant",
        "warning",
        "the discriminator `{property}` has no effect: it cannot name every variant",
        "Without it, a value is tried with one variant after the other, as JSON Schema has it.",
        "Give `{property}` a `const` in each variant, or refer to the variants by `$ref`.",
    ),
    LintRule(
        "ignored-beside-ref",
        "warning",
        "the `$ref` replaces the keywords beside it: {keywords}",
        "Up to draft 7, which AsyncAPI uses, keywords beside a `$ref` are ignored.",
        "Write `allOf: [{{$ref: ...}}]` and keep the keywords beside the `allOf`.",
    ),
    LintRule(
        "unknown-format",
        "warning",
        "`format: {format}` is not a known format",
        "The value is not validated and becomes a plain string.",
        "Write `format: {meant}`.",
    ),
    LintRule(
        "properties-without-type",
        "off",
        "there are `properties` but no `type: object`",
        "Without a type the schema also accepts strings, numbers and lists.",
        "Add `type: object`.",
    ),
    LintRule(
        "keyword-without-effect",
        "warning",
        "`{keyword}` has no effect on the type {type}",
        "The constraint looks active but is not.",
        "Delete it, or correct the type.",
    ),
    LintRule(
        "duplicate-enum-value",
        "warning",
        "the value {value} appears twice in `enum`",
        "One of the two is usually a typo for another value.",
        "Delete it, or write the value that was meant.",
    ),
    LintRule(
        "swallowed-variant",
        "warning",
        "every value of variant {one} is valid under variant {other} of the `oneOf` too",
        "`oneOf` takes a value of exactly one variant, so all of these are refused.",
        "Write `anyOf`, or tell the variants apart, by a `const` or a `required` property.",
    ),
    LintRule(
        "impossible-bounds",
        "error",
        "no value is valid: `{low}` is greater than `{high}`",
        "Every message with this field is refused.",
        "Swap the two bounds.",
    ),
    LintRule(
        "invalid-pattern",
        "error",
        "`{pattern}` is not a regular expression",
        "It cannot be compiled, so nothing is checked.",
        "Correct it. A backslash in a double-quoted string is written twice.",
    ),
)
_DOCUMENTS = (
    LintRule(
        "unused-component",
        "warning",
        "nothing refers to {kind} `{name}`",
        "Readers will think that it is used.",
        "Delete it, or refer to it.",
    ),
    LintRule(
        "password-in-server",
        "error",
        "the address of the server `{name}` contains a password",
        "The document is published; its readers get the password.",
        "Leave user and password out, and name a security scheme.",
    ),
)
LINT_RULES: dict[str, LintRule] = {
    rule.code: rule for rule in _EXAMPLES + _NAMES + _SCHEMAS + _DOCUMENTS
}
