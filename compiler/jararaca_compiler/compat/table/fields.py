"""Changes within a schema."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import CONSUMERS_FIRST, LATER, Rule

FIELDS: tuple[Rule, ...] = (
    Rule(
        "required-field-added",
        "the required field `{name}` is new",
        "Add it as optional; make it required once every producer sends it.",
    ),
    Rule(
        "field-added",
        "the optional field `{name}` is new",
        "Deploy the new contract everywhere before the field is sent.",
    ),
    Rule(
        "field-removed",
        "the field `{name}` was removed",
        "Mark it `deprecated: true` first, and remove it when nobody reads it.",
    ),
    Rule(
        "field-required",
        "the field `{name}` became required",
        "Leave it optional until every producer sends it and the queues are empty.",
    ),
    Rule(
        "field-optional",
        "the field `{name}` is no longer required",
        "Keep sending it until no consumer needs it.",
    ),
    Rule(
        "type-changed",
        "the type was {old} and is {new}",
        "Add a second field with the new type, or a second version of the message.",
    ),
    Rule("field-deprecated", "the field `{name}` is deprecated", ""),
    Rule("null-added", "null is allowed now", CONSUMERS_FIRST),
    Rule("null-removed", "null is no longer allowed", LATER),
    Rule("enum-value-added", "the value {value} is new", CONSUMERS_FIRST),
    Rule("enum-value-removed", "the value {value} was removed", LATER),
    Rule("enum-added", "only {values} are allowed now", LATER),
    Rule("enum-removed", "any value is allowed now, not only {values}", CONSUMERS_FIRST),
    Rule("bound-tightened", "`{key}` was {old} and is {new}", LATER),
    Rule("bound-loosened", "`{key}` was {old} and is {new}", CONSUMERS_FIRST),
    Rule(
        "pattern-changed",
        "`pattern` was {old} and is {new}",
        "Write a pattern that matches all old values, or add a second field.",
    ),
    Rule(
        "format-changed",
        "`{key}` was {old} and is {new}",
        "Add a second field with the new format.",
    ),
    Rule(
        "object-closed",
        "fields that are not declared are refused now",
        "Leave `additionalProperties` open: then new fields break nobody.",
    ),
    Rule(
        "object-opened",
        "fields that are not declared are allowed now",
        "Deploy the consumers first: old ones refuse fields that they do not know.",
    ),
    Rule(
        "variant-added",
        "the variant {name} is new",
        "Deploy consumers that know it first, or make it a separate message.",
    ),
    Rule("variant-removed", "the variant {name} was removed", LATER),
    Rule(
        "discriminator-changed",
        "the discriminator was {old} and is {new}",
        "Keep the field that tells the variants apart, and its values.",
    ),
    Rule(
        "default-changed",
        "the default was {old} and is {new}",
        "Send the field explicitly everywhere before its default changes.",
    ),
    Rule("schema-renamed", "the schema `{old}` was renamed to `{new}`", ""),
    Rule(
        "constraint-changed",
        "`{key}` has changed",
        "Compare the two by hand, or add a second version of the message.",
    ),
    Rule(
        "schema-changed",
        "the schemas cannot be proved to allow the same values",
        "Compare the two by hand, or write them the same way.",
    ),
)
