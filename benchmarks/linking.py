"""`python -m benchmarks.linking`: systems of many services, linked cold and with one change.

Writes its part of docs/benchmarks.md. Each service sends ten events and takes ten of others, each
of them by a contract of its own: wider than the sender's, as a consumer's is.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.compile import Took, run
from benchmarks.page import put_section

COUNTS = (25, 50, 100, 200)
MESSAGES = 10
TITLE = "## Link: many services"
HEAD = f"""{TITLE}

`python -m benchmarks.linking` writes this section. Each service has a document of its own, sends
ten events and takes ten of others. Times are of `jararaca link` as a whole process, one run each,
in seconds: CPU, and wall in brackets. "One changed" is a run after one document has changed.

| services | messages | links | cold | nothing changed | one changed |
|---:|---:|---:|---:|---:|---:|
"""
COMMAND = [sys.executable, "-m", "jararaca.cli", "link", "--format", "json"]


class Row(NamedTuple):
    """What one size takes."""

    services: int
    links: int
    cold: Took
    again: Took
    changed: Took


def document(number: int, services: int) -> dict[str, Any]:
    """A service that sends its own events, and takes one event of each of ten others."""
    own = {f"E{number}x{index}": _channel(number, index, 1) for index in range(MESSAGES)}
    others = {(number * 7 + index * 13 + 1) % services for index in range(MESSAGES)} - {number}
    taken = {
        f"E{other}x{other % MESSAGES}": _channel(other, other % MESSAGES, 0) for other in others
    }
    operations = {
        f"do{key}": {"action": action, "channel": {"$ref": f"#/channels/{key}"}}
        for channels, action in ((own, "send"), (taken, "receive"))
        for key in channels
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"Service {number}", "version": "1.0.0"},
        "channels": {**own, **taken},
        "operations": operations,
        "components": {"schemas": {"Money": _MONEY, "Line": _LINE, "Address": _ADDRESS}},
    }


_MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "integer", "minimum": 0},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
    },
}
_LINE = {
    "type": "object",
    "required": ["sku", "count"],
    "properties": {
        "sku": {"type": "string", "minLength": 1},
        "count": {"type": "integer", "minimum": 1},
        "price": {"$ref": "#/components/schemas/Money"},
    },
}
_ADDRESS = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("street", "city", "zip", "country")},
}


def _channel(service: int, index: int, least: int) -> dict[str, Any]:
    """An event's channel; a receiver asks a little less of it: `least` is 0."""
    name = f"E{service}x{index}"
    own = f"of{service}x{index}"
    payload = {
        "type": "object",
        "required": ["id", "at", "lines", own] if least else ["id"],
        "properties": {
            own: {"type": "string", "maxLength": service + 20 + index},
            "id": {"type": "string", "format": "uuid"},
            "at": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "enum": ["new", "paid", "sent"]},
            "lines": {
                "type": "array",
                "minItems": least,
                "items": {"$ref": "#/components/schemas/Line"},
            },
            "total": {"$ref": "#/components/schemas/Money"},
            "to": {"$ref": "#/components/schemas/Address"},
            "note": {"type": ["string", "null"]},
            "by": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Address"}]},
        },
    }
    address = f"s{service}.thing{index}.{{region}}.happened"
    return {
        "address": address,
        "parameters": {"region": {"enum": ["eu", "us"]}},
        "messages": {name: {"payload": payload}},
    }


def measured(folder: Path, count: int) -> Row:
    """One size: cold, again, and after a change of one document."""
    settings = '[tool.jararaca]\nsources = ["schemas"]\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    (folder / "schemas").mkdir()
    for number in range(count):
        path = folder / "schemas" / f"s{number:03}.json"
        path.write_text(json.dumps(document(number, count)), encoding="utf-8")
    cold, said = run(COMMAND, folder)
    again, _ = run(COMMAND, folder)
    path = folder / "schemas" / "s007.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"minItems": 1', '"minItems": 2'), encoding="utf-8")
    changed, _ = run(COMMAND, folder)
    return Row(count, len(json.loads(said)["links"]), cold, again, changed)


def main() -> None:
    """Measure, print, and write the section."""
    rows = []
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            rows.append(measured(Path(name), count))
        print(rows[-1], flush=True)
    lines = [
        f"| {row.services} | {row.services * MESSAGES:,} | {row.links:,} | {_said(row.cold)}"
        f" | {_said(row.again)} | {_said(row.changed)} |"
        for row in rows
    ]
    put_section(TITLE, HEAD + "\n".join(lines))


def _said(took: Took) -> str:
    return f"{took.cpu:.2f} ({took.wall:.2f})"


if __name__ == "__main__":
    main()
