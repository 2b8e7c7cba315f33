"""A service -> `examples.json`: the document's examples by message, ready to be published."""

from __future__ import annotations

from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.json_layout import json_text


def emit_examples(service: ir.Service) -> ir.GeneratedFile:
    """The file; a message without examples is not in it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for message in service.messages:
        if message.examples:
            listed = found.setdefault(message.wire_name or message.name, [])
            listed += [_example(e, i, message) for i, e in enumerate(message.examples, 1)]
    return ir.GeneratedFile("examples.json", json_text(found, apart=1))


def _example(example: ir.Example, number: int, message: ir.Message) -> dict[str, Any]:
    return {
        "name": example.name or f"example {number}",
        "payload": example.payload,
        "headers": example.headers if isinstance(example.headers, dict) else {},
        "parameters": {p.name: sample(p) for p in _parameters(message)},
    }


def _parameters(message: ir.Message) -> list[ir.Parameter]:
    """Those of all the topics that it is published to."""
    elsewhere = [p for place in message.elsewhere for p in place.parameters]
    return list({p.name: p for p in (*reversed(elsewhere), *message.parameters)}.values())


def sample(parameter: ir.Parameter) -> str:
    """A value for a topic's parameter: the document's, else its name."""
    values = (*parameter.examples, *parameter.enum, *filter(None, [parameter.default]))
    return values[0] if values else parameter.name
