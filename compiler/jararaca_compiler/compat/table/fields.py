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
        "Bring the new contract to everybody before the field is sent.",
    ),
    Rule(
        "field-removed",
        "the field `{name}` is gone",
        "Mark it `deprecated: true` first, and delete it when nobody reads it.",
    ),
    Rule(
        "field-required",
        "the field `{name}` became required",
        "Leave it optional until every producer sends it and the queues are empty.",
    ),
    Rule(
        "field-optional",
        "the field `{name}` is no longer required",
        "Keep sending it until every consumer copes without it.",
    ),
    Rule(
        "type-changed",
        "the type was {old} and is {new}",
        "Add a field of the new type beside this one, or a second version of the message.",
    ),
    Rule("field-deprecated", "the field `{name}` is deprecated", ""),
    Rule("null-added", "null is allowed now", CONSUMERS_FIRST),
    Rule("null-removed", "null is no longer allowed", LATER),
    Rule("enum-value-added", "the value {value} is new", CONSUMERS_FIRST),
    Rule("enum-value-removed", "the value {value} is gone", LATER),
    Rule("enum-added", "only {values} are allowed now", LATER),
    Rule("enum-removed", "any value is allowed now, not only {values}", CONSUMERS_FIRST),
    Rule("bound-tightened", "`{key}` was {old} and is {new}", LATER),
    Rule("bound-loosened", "`{key}` was {old} and is {new}", CONSUMERS_FIRST),
    Rule(
        "pattern-changed",
        "`pattern` was {old} and is {new}",
        "Write a pattern that matches all old texts, or add a field beside this one.",
    ),
    Rule(
        "format-changed",
        "`{key}` was {old} and is {new}",
        "Add a field of the new format beside this one.",
    ),
    Rule(
        "object-closed",
        "fields that are not declared are refused now",
        "Leave `additionalProperties` open: then a field can be added without breaking anybody.",
    ),
    Rule(
        "object-opened",
        "fields that are not declared are allowed now",
        "Bring the consumers first: the old ones refuse fields that they do not know.",
    ),
    Rule(
        "variant-added",
        "the variant {name} is new",
        "Bring consumers that know it first, or make it a message of its own.",
    ),
    Rule("variant-removed", "the variant {name} is gone", LATER),
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
    Rule("schema-renamed", "the schema `{old}` is called `{new}`", ""),
    Rule(
        "constraint-changed",
        "`{key}` is not what it was",
        "Compare the two by hand, or add a second version of the message.",
    ),
    Rule(
        "schema-changed",
        "the schemas cannot be proved to allow the same values",
        "Compare the two by hand, or write them alike.",
    ),
)
