"""The value that a verdict shows is valid under one contract and not under the other."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.versions import read_version
from jararaca_compiler.project.config import Config
from jararaca_compiler.reading.load import load

from .emitted import read
from .mutations import mutated

FOLDER = Path(__file__).parent
PAIRS = sorted(path for path in (FOLDER / "pairs").iterdir())
SHOWN_IN: dict[str, set[str]] = {
    "default-added": set(),
    "required-without-a-property": {"field-required"},
    "variant-added-beside-one": {"variant-added"},
}


def is_valid(root: Any, message: str, value: Any) -> bool | None:
    """Whether a document allows a body; None where the message is not found at its plain place,
    or says `nullable`: OpenAPI's word, which this validator does not know.
    """
    if '"nullable": true' in json.dumps(root, default=str):
        return None
    for channel in root.get("channels", {}).values():
        for key, found in channel.get("messages", {}).items():
            if message in (key, found.get("name")) and "payload" in found:
                schema = {"allOf": [found["payload"]], "components": root.get("components", {})}
                return bool(
                    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(
                        value
                    )
                )
    return None


def hold(found: tuple[Change, ...], old: Any, new: Any) -> int:
    """Check every witness; how many there were."""
    checked = 0
    for change in found:
        if change.witness is None or "[headers]" in change.subject:
            continue
        sides = [is_valid(root, change.group, change.witness.value) for root in (old, new)]
        if None not in sides:
            checked += 1
            assert sides == [change.witness.was_allowed, not change.witness.was_allowed], change
    return checked


@pytest.mark.parametrize("name", sorted(SHOWN_IN))
def test_the_witness_of_a_pair_holds(name: str) -> None:
    sides = ("old.yaml", "new.yaml")
    folder = FOLDER / "pairs" / name
    versions = [read_version([Path(side)], folder, Config()) for side in sides]
    old, new = (next(iter(load([side], folder)[0])).root for side in sides)
    found = compare(versions[0], versions[1])
    hold(found, old, new)
    assert {c.code for c in found if c.witness is not None} == set(SHOWN_IN[name])


def endless(most: int) -> Any:
    """Schemas that contain one another through `oneOf`, `anyOf` and `if`."""
    refs = [{"$ref": f"#/components/schemas/N{index}"} for index in range(2)]
    nodes = {}
    for index in range(2):
        first, second = refs[index], refs[1 - index]
        body = {"type": "object", "required": ["a"], "properties": {"a": second, "b": first}}
        variants = [{"oneOf": [first, second]}, body, {"type": "integer", "maximum": most}]
        nodes[f"N{index}"] = {"anyOf": variants, "if": second, "then": second, "else": first}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Endless", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": {"M": {"payload": refs[0]}}}},
        "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/a"}}},
        "components": {"schemas": nodes},
    }


def catalogue(*added: str) -> Any:
    """Events of one catalogue, whose bodies are long: each has a repository and its owners."""
    texts = {f"the_address_of_number_{n}_url": {"type": "string"} for n in range(30)}
    owner = {"type": "object", "required": [*texts], "properties": texts}
    named: dict[str, Any] = {"Owner": owner}
    people = {name: {"$ref": "#/components/schemas/Owner"} for name in ("owner", "parent", "fork")}
    held = people | {name: {"type": "object"} for name in added}
    named["Repository"] = {"type": "object", "required": [*held], "properties": held}
    for number in range(4):
        fields = {"repository": {"$ref": "#/components/schemas/Repository"}}
        fields |= {f"{name}_{number}": {"type": "integer"} for name in added}
        named[f"Event{number}"] = {"type": "object", "required": [*fields], "properties": fields}
    events = {
        f"Event{n}": {"payload": {"$ref": f"#/components/schemas/Event{n}"}} for n in range(4)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Catalogue", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": events}},
        "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/a"}}},
        "components": {"schemas": named},
    }


def test_each_required_field_of_a_large_catalogue_has_a_message_without_it(tmp_path: Path) -> None:
    documents = catalogue(), catalogue("custom_properties")
    old, new = (read(tmp_path, each) for each in documents)
    assert old is not None and new is not None
    found = [c for c in compare(old, new) if c.code == "required-field-added"]
    assert len(found) == 2 * 4
    assert hold(tuple(found), *documents) == len(found)
    assert all(c.witness is not None and len(json.dumps(c.witness.value)) > 3_000 for c in found)


def test_schemas_that_contain_one_another_are_compared_in_seconds(tmp_path: Path) -> None:
    old, new = read(tmp_path, endless(5)), read(tmp_path, endless(4))
    assert old is not None and new is not None
    begun = time.process_time()
    assert any(change.breaks for change in compare(old, new))
    assert time.process_time() - begun < 30, "it took minutes, or had no end"


def test_the_witnesses_of_mutated_documents_hold(tmp_path: Path) -> None:
    chance, checked = random.Random(11), 0
    (document,) = load(["three.yaml"], FOLDER / "seeds")[0]
    old = read(tmp_path, document.root)
    assert old is not None
    for _ in range(150):
        changed = mutated(document.root, chance)
        new = read(tmp_path, changed)
        if new is not None:
            checked += hold(compare(old, new), document.root, changed)
    assert checked > 10
