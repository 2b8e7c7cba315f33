"""A changed discriminator is told wherever it stands, also beside null and beside other changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.compat.compare import compare

from .emitted import read

Union = Callable[[list[Any], Any], Any]
NULL = {"type": "null"}
UNIONS: dict[str, Union] = {
    "plain": lambda kinds, told: {"oneOf": kinds, "discriminator": told},
    "null beside": lambda kinds, told: {"oneOf": [*kinds, NULL], "discriminator": told},
    "nullable": lambda kinds, told: {"oneOf": kinds, "nullable": True, "discriminator": told},
    "anyOf": lambda kinds, told: {"anyOf": [{"oneOf": kinds, "discriminator": told}, NULL]},
    "oneOf": lambda kinds, told: {"oneOf": [NULL, {"oneOf": kinds, "discriminator": told}]},
}


def document(union: Union, name: str, other: str) -> Any:
    kinds = [{"$ref": f"#/components/schemas/{kind}"} for kind in ("Circle", "Square")]
    made = {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "@type": {"type": "string"}},
    }
    properties = {"other": {"type": other}, "shape": union(kinds, {"propertyName": name})}
    payload = {"type": "object", "properties": properties}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Shapes", "version": "1"},
        "channels": {"drawn": {"address": "drawn", "messages": {"Drawn": {"payload": payload}}}},
        "operations": {"onDrawn": {"action": "receive", "channel": {"$ref": "#/channels/drawn"}}},
        "components": {"schemas": {"Circle": made, "Square": made}},
    }


@pytest.mark.parametrize("other", ["integer", "string"])
@pytest.mark.parametrize("union", UNIONS.values(), ids=UNIONS)
def test_another_property_that_tells_apart_is_told(
    tmp_path: Path, union: Union, other: str
) -> None:
    old = read(tmp_path, document(union, "@type", "integer"))
    new = read(tmp_path, document(union, "kind", other))
    assert old is not None and new is not None
    told = {(change.code, change.subject) for change in compare(old, new)}
    assert ("discriminator-changed", "Drawn.shape") in told
    assert (("type-changed", "Drawn.other") in told) == (other != "integer")


@pytest.mark.parametrize("mapping", [[], ["Circle"], "Circle", 7, {"c": 1}])
def test_a_mapping_that_is_none_names_nothing(tmp_path: Path, mapping: Any) -> None:
    changed = document(UNIONS["plain"], "kind", "integer")
    payload = changed["channels"]["drawn"]["messages"]["Drawn"]["payload"]
    payload["properties"]["shape"]["discriminator"]["mapping"] = mapping
    old = read(tmp_path, document(UNIONS["plain"], "kind", "integer"))
    new = read(tmp_path, changed)
    assert old is not None and new is not None
    assert all(change.code == "discriminator-changed" for change in compare(old, new))
