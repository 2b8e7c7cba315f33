"""Where a key may stand: what is looked through for it, and for how long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.front import codes, compiled


def document(schemas: dict[str, Any]) -> str:
    """A channel that is divided by the `id` of the schema `S0`."""
    message = {"payload": {"$ref": "#/components/schemas/S0"}}
    channel = {
        "address": "a",
        "x-partitions": {"count": 2, "by": "$message.payload#/id"},
        "messages": {"M": message},
    }
    return json.dumps(
        {
            "asyncapi": "3.0.0",
            "info": {"title": "Shop", "version": "1"},
            "channels": {"c": channel},
            "operations": {"r": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
            "components": {"schemas": schemas},
        }
    )


def test_schemas_that_refer_to_the_next_twice_are_looked_through_once(tmp_path: Path) -> None:
    """2 to the power of 60 ways would take longer than anybody waits."""
    last = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    schemas: dict[str, Any] = {"S60": last}
    for number in range(60):
        next_one = {"$ref": f"#/components/schemas/S{number + 1}"}
        schemas[f"S{number}"] = {"allOf": [next_one, next_one]}
    service, found = compiled(tmp_path, document(schemas), name="shop.json")
    assert codes(found) == []
    assert service.messages[0].partitions is not None
