"""Each lint rule finds what it is for, says why, and leaves good contracts alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.levels import Level, read_levels
from jararaca_compiler.lint import LINT_RULES, lint
from jararaca_compiler.lint.registry import RULES
from jararaca_compiler.lower import lower
from jararaca_compiler.project.config import ConfigError
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

EVERYTHING: dict[str, Level] = dict.fromkeys(LINT_RULES, "warning")
PROJECT = Path(__file__).parents[2]


def linted(folder: Path, text: str, configured: dict[str, Level]) -> tuple[Diagnostic, ...]:
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    documents, unread = load(["shop.yaml"], folder)
    resolver = Resolver(documents)
    services, found = lower(documents, resolver=resolver)
    assert [d for d in (*unread, *found) if d.severity == "error"] == []
    return lint(services, documents, resolver, configured)


def document(schema: Any, **message: Any) -> str:
    """A contract with one good message, whose payload has a schema."""
    made = {
        "summary": "An order.",
        "payload": {"$ref": "#/components/schemas/Order"},
        "examples": [{"payload": {"id": 1}}],
        **message,
    }
    order = {"type": "object", "properties": {"id": {"type": "integer"}, "x": schema}}
    root = {
        "asyncapi": "2.6.0",
        "info": {"title": "T", "version": "1"},
        "servers": {"main": {"url": "amqp://example.com", "protocol": "amqp"}},
        "channels": {"orders": {"publish": {"operationId": "onOrder", "message": made}}},
        "components": {"schemas": {"Order": order}},
    }
    return json.dumps(root)


GOOD = document({"type": "string", "minLength": 1})


def test_a_good_contract_has_no_finding_even_with_every_rule_on(tmp_path: Path) -> None:
    assert linted(tmp_path, GOOD, EVERYTHING) == ()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("invalid-example", document({}, examples=[{"payload": {"id": "one"}}])),
        (
            "invalid-example",
            document({}, headers={"required": ["a"]}, examples=[{"payload": {}, "headers": {}}]),
        ),
        ("invalid-default", document({"type": "integer", "default": "none"})),
        ("invalid-default", document({"type": "string", "format": "uuid", "default": "none"})),
        (
            "value-without-format",
            document({"type": "string", "format": "date", "enum": ["2026-11-24", "today"]}),
        ),
        ("value-without-format", document({"type": "string", "format": "uuid", "const": "one"})),
        ("message-without-example", document({}, examples=[])),
        ("message-without-description", document({}, summary="")),
        ("imperative-event", document({}, name="CreateOrder")),
        ("past-tense-task", document({}, **{"name": "OrderCreated", "x-message-type": "task"})),
        (
            "mixed-property-case",
            document({"properties": {**{f"a_b{i}": {} for i in range(10)}, "aB": {}}}),
        ),
        ("operation-without-id", GOOD.replace("operationId", "x-id")),
        (
            "undeclared-required",
            document({"type": "object", "properties": {"a": {}}, "required": ["b"]}),
        ),
        (
            "loose-discriminator",
            document(
                {
                    "discriminator": {"propertyName": "kind"},
                    "oneOf": [
                        {
                            "title": "cow",
                            "type": "object",
                            "required": ["kind"],
                            "properties": {"kind": {"type": "string"}},
                        },
                        {
                            "title": "pig",
                            "type": "object",
                            "required": ["kind"],
                            "properties": {"kind": {"const": "pig"}},
                        },
                    ],
                }
            ),
        ),
        (
            "nameless-variant",
            document(
                {
                    "discriminator": {"propertyName": "kind"},
                    "oneOf": [
                        {"type": "object", "required": ["kind", "milk"]},
                        {"type": "object", "required": ["kind", "wool"]},
                    ],
                }
            ),
        ),
        ("ignored-beside-ref", document({"$ref": "#/components/schemas/Order", "type": "object"})),
        ("unknown-format", document({"type": "string", "format": "dateTime"})),
        ("properties-without-type", document({"properties": {"a": {}}})),
        ("keyword-without-effect", document({"type": "string", "minimum": 3})),
        ("duplicate-enum-value", document({"enum": ["a", "b", "a"]})),
        (
            "swallowed-variant",
            document({"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        ),
        (
            "swallowed-variant",
            document(
                {
                    "oneOf": [
                        {"type": "string", "description": "a"},
                        {"type": "string"},
                        {"enum": [1]},
                    ]
                }
            ),
        ),
        ("impossible-bounds", document({"type": "string", "minLength": 3, "maxLength": 1})),
        ("invalid-pattern", document({"type": "string", "pattern": "a("})),
        ("unused-component", GOOD.replace('{"Order": {', '{"Gone": {}, "Order": {')),
        ("password-in-server", GOOD.replace("amqp://", "amqp://shop:hunter2@")),
    ],
)
def test_a_rule_finds_what_it_is_for(tmp_path: Path, code: str, text: str) -> None:
    found = [d for d in linted(tmp_path, text, EVERYTHING) if d.code == code]
    assert len(found) == 1
    assert found[0].help is not None
    assert "{" not in found[0].message
    assert linted(tmp_path, text, dict.fromkeys(LINT_RULES, "off")) == ()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("imperative-event", document({}, name="OrderCreated")),
        ("imperative-event", document({}, name="ChargeFailedEvent")),
        ("imperative-event", document({}, name="CreateOrderResponse201")),
        ("imperative-event", document({}, **{"name": "CreateOrder", "x-message-type": "task"})),
        ("past-tense-task", document({}, **{"name": "FeedBirds", "x-message-type": "task"})),
        (
            "undeclared-required",
            document(
                {
                    "properties": {"a": {}},
                    "required": ["b"],
                    "allOf": [{"$ref": "#/components/schemas/Order"}],
                }
            ),
        ),
        (
            "ignored-beside-ref",
            document({"$ref": "#/components/schemas/Order", "description": "Why."}),
        ),
        (
            "ignored-beside-ref",
            document({"$ref": "#/components/schemas/Order", "additionalProperties": True}),
        ),
        ("properties-without-type", document({"properties": {}, "allOf": [{"type": "object"}]})),
        ("keyword-without-effect", document({"type": ["string", "integer"], "minimum": 3})),
        ("unknown-format", document({"type": "string", "format": "isbn"})),
    ],
)
def test_a_rule_leaves_what_is_well_meant(tmp_path: Path, code: str, text: str) -> None:
    assert [d for d in linted(tmp_path, text, EVERYTHING) if d.code == code] == []


def test_a_level_is_configured_rule_by_rule(tmp_path: Path) -> None:
    text = document({"enum": ["a", "a"]})
    assert [d.severity for d in linted(tmp_path, text, {})] == ["warning"]
    assert [d.severity for d in linted(tmp_path, text, {"duplicate-enum-value": "error"})] == [
        "error"
    ]
    assert linted(tmp_path, text, {"duplicate-enum-value": "off"}) == ()


def test_the_configuration_is_checked() -> None:
    assert read_levels({"invalid-example": "error"}, "lint", LINT_RULES) == {
        "invalid-example": "error"
    }
    with pytest.raises(ConfigError) as refused:
        read_levels({"invalid-exmple": "off", "unknown-format": True}, "lint", LINT_RULES)
    assert "[tool.jararaca.lint] has no rule `invalid-exmple`" in str(refused.value)
    assert "did you mean `invalid-example`?" in str(refused.value)
    assert 'unknown-format = True: write "off", "info", "warning" or "error"' in str(refused.value)


def test_each_rule_says_why_and_the_readme_counts_them() -> None:
    assert RULES.keys() == LINT_RULES.keys()
    assert len(LINT_RULES) == 22
    assert "# twenty-two rules, each" in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert all(rule.why.endswith(".") and rule.fix.endswith(".") for rule in LINT_RULES.values())


def test_the_example_contracts_are_clean() -> None:
    documents, _ = load(["schemas"], PROJECT)
    resolver = Resolver(documents)
    services, _ = lower(documents, resolver=resolver)
    assert lint(services, documents, resolver) == ()
