"""Many messages that are unions: what is told of each is as exact as if it were alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jararaca_compiler.compat.compare import compare

from .emitted import read
from .test_witness import hold

EVENTS, ACTIONS = 8, 8


def catalogue(conclusions: list[str], *added: str) -> Any:
    """Events as GitHub has them: each is one of several actions, all with the same repository."""
    fields: dict[str, Any] = {"id": {"type": "integer"}}
    fields |= {name: {"type": "object"} for name in added}
    named: dict[str, Any] = {
        "Repository": {"type": "object", "required": [*fields], "properties": fields}
    }
    for event in range(EVENTS):
        named[f"Event{event}"] = {"oneOf": [action(event, number) for number in range(ACTIONS)]}
    steps = [step("done", {"enum": conclusions}), step("queued", {"type": "null"})]
    job = {"type": "object", "properties": {"steps": {"items": {"oneOf": steps}}}}
    named["Job"] = job
    messages = {name: {"payload": {"$ref": f"#/components/schemas/{name}"}} for name in named}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Catalogue", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": messages}},
        "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/a"}}},
        "components": {"schemas": named},
    }


def action(event: int, number: int) -> dict[str, Any]:
    """What tells the actions apart comes after much that is the same."""
    people = {f"actor{n}": {"type": "object", "properties": {}} for n in range(6)}
    repository = {"$ref": "#/components/schemas/Repository"}
    fields: dict[str, Any] = {**people, "base": repository, "head": repository}
    fields["what"] = {"type": "string", "enum": [f"{event}-{number}"]}
    return {"title": f"A{number}", "type": "object", "required": [*fields], "properties": fields}


def step(status: str, conclusion: dict[str, Any]) -> dict[str, Any]:
    fields = {"status": {"const": status}, "conclusion": conclusion}
    return {"title": status, "type": "object", "required": [*fields], "properties": fields}


def test_what_many_unions_cost_is_taken_from_no_other_message(tmp_path: Path) -> None:
    documents = catalogue(["good"]), catalogue(["good", "bad"], "custom")
    old, new = (read(tmp_path, each) for each in documents)
    assert old is not None and new is not None
    found = compare(old, new)
    told = sorted({(change.code, change.group) for change in found})
    assert told == sorted(
        [
            ("enum-value-added", "Job"),
            ("required-field-added", "Repository"),
            *(("required-field-added", f"Event{event}") for event in range(EVENTS)),
        ]
    )
    assert hold(found, *documents) == len(found)
