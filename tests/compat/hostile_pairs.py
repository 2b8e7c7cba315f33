"""Pairs of schemas that are easily told wrongly: the old one, the new one, what they refer to."""

from __future__ import annotations

from typing import Any

_REF = {"$ref": "#/components/schemas/R"}
_TREE = {"type": "object", "properties": {"r": _REF, "n": {"type": "integer"}}}
_OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
_CLOSED = {**_OPEN, "additionalProperties": False}
_TEXT = {"type": "string"}

PAIRS: dict[str, tuple[Any, Any]] = {
    "an exclusive choice gets a variant that lies in another": (
        {"oneOf": [{"type": "integer"}, _TEXT]},
        {"oneOf": [{"type": "integer"}, _TEXT, {"minLength": 3, "type": "string"}]},
    ),
    "a choice becomes exclusive": (
        {"anyOf": [{"type": "number"}, {"type": "integer"}]},
        {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    ),
    "a choice of one beside others": (
        {"allOf": [{"oneOf": [{"required": ["a"]}]}], "properties": {"a": _TEXT}},
        {"oneOf": [{"required": ["b"]}], "properties": {"a": _TEXT}},
    ),
    "null in an enum without a type": ({"enum": ["a", None]}, {"enum": ["a"]}),
    "nullable beside a constant": ({"const": "a", "nullable": True}, {"const": "a"}),
    "true is not one": ({"enum": [1, True]}, {"enum": [1]}),
    "one and a half is no integer, one point nought is": (
        {"type": "number"},
        {"type": "number", "multipleOf": 1},
    ),
    "bounds that no number meets": (
        {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
        {"type": "integer", "minimum": 1, "maximum": 1},
    ),
    "a tenth": ({"type": "number", "multipleOf": 0.1}, {"type": "number", "multipleOf": 0.2}),
    "a format where no text is asked for": ({"format": "uuid"}, {"type": "string"}),
    "a format behind a choice": (
        {"type": "string", "anyOf": [{"format": "uuid"}, {"format": "date"}]},
        {"type": "string", "anyOf": [{"format": "uuid"}]},
    ),
    "a format within not": ({"type": "string"}, {"type": "string", "not": {"format": "date"}}),
    "a closed object opens within all": (
        {"allOf": [_CLOSED, {"properties": {"b": _TEXT}}]},
        {"allOf": [_OPEN, {"properties": {"b": _TEXT}}]},
    ),
    "patterns overlap": (
        {"type": "object", "patternProperties": {"^a": _TEXT, "b$": {"minLength": 1}}},
        {"type": "object", "patternProperties": {"^a": _TEXT, "b$": {"minLength": 2}}},
    ),
    "a name that a pattern has": (
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "required": ["ab"]},
    ),
    "names are bounded": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "propertyNames": {"maxLength": 2},
        },
    ),
    "fewer fields than are required": (
        {"type": "object", "required": ["a", "b"]},
        {"type": "object", "required": ["a", "b"], "maxProperties": 1},
    ),
    "a tree gets a bound below": (
        {**_REF, "R": {**_TREE}},
        {**_REF, "R": {**_TREE, "properties": {"r": _REF, "n": {"type": "integer", "minimum": 1}}}},
    ),
    "a tree that may end": (
        {**_REF, "R": {"anyOf": [_TREE, {"type": "null"}]}},
        {**_REF, "R": _TREE},
    ),
    "a tuple closes": (
        {"type": "array", "items": [_TEXT, {"type": "integer"}]},
        {"type": "array", "items": [_TEXT, {"type": "integer"}], "additionalItems": False},
    ),
    "what an array contains": (
        {"type": "array", "contains": {"type": "integer"}},
        {"type": "array", "contains": {"type": "integer", "minimum": 3}},
    ),
    "items are told apart by value": (
        {"type": "array", "items": {"type": "number"}},
        {"type": "array", "items": {"type": "number"}, "uniqueItems": True},
    ),
    "a condition loses its end": (
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "type": "object"},
        {"if": {"required": ["a"]}, "then": {"required": ["b", "c"]}, "type": "object"},
    ),
    "a condition that is always so": (
        {"type": "object", "if": True, "then": {"required": ["a"]}},
        {"type": "object", "required": ["a"]},
    ),
    "dependencies of both kinds": (
        {"type": "object", "dependencies": {"a": ["b"]}},
        {"type": "object", "dependencies": {"a": {"required": ["b"], "properties": {"b": _TEXT}}}},
    ),
    "not not": ({"type": "string"}, {"not": {"not": {"type": ["string", "null"]}}}),
    "keywords beside a reference": (
        {"type": "object", "properties": {"r": {**_REF, "type": "integer"}}, "R": _TEXT},
        {"type": "object", "properties": {"r": _REF}, "R": {"type": "string", "maxLength": 1}},
    ),
    "anchors in patterns": (
        {"type": "string", "pattern": "a$"},
        {"type": "string", "pattern": "a"},
    ),
    "astral letters": ({"type": "string", "maxLength": 1}, {"type": "string", "pattern": "^.$"}),
    "names that need quoting": (
        {"type": "object", "properties": {"a/b~c%\n]]>": {"type": "integer"}, "": _TEXT}},
        {"type": "object", "properties": {"a/b~c%\n]]>": _TEXT, "": {"type": "integer"}}},
    ),
    "large numbers": (
        {"type": "integer", "maximum": 2**63},
        {"type": "integer", "maximum": 2**53},
    ),
    "nothing is valid": ({"type": "object", "required": ["a"], "properties": {"a": False}}, False),
    "anything is valid": (True, {"not": {"type": "null"}}),
}


def document(schema: Any) -> Any:
    """A document of one message of this schema; `R` beside it is what `_REF` refers to."""
    body = {k: v for k, v in schema.items() if k != "R"} if isinstance(schema, dict) else schema
    shared = {"R": schema["R"]} if isinstance(schema, dict) and "R" in schema else {}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hostile", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": {"M": {"payload": body}}}},
        "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/a"}}},
        "components": {"schemas": shared},
    }
