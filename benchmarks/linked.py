"""`python -m benchmarks.linked`: catalogues whose schemas refer to one another, up to 10,000.

Writes its part of docs/benchmarks.md. The schemas are made in the likeness of FHIR's: each refers
to five others, some back, in fields, lists and `oneOf`; ten messages lead to all of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.compile import Took, run
from benchmarks.page import put_section

COUNTS = (10, 100, 1_000, 10_000)
MESSAGES = 10
TITLE = "## Compile: linked schemas"
HEAD = f"""{TITLE}

`python -m benchmarks.linked` writes this section. Each schema has eight fields and refers to five
others. Times are CPU time in seconds, of one run each: `jararaca codegen` as a whole process, the
import of `messages.py` without pydantic's own, and the first message decoded and written again,
which builds the validators that it needs. "Output" is all the Python.

| schemas | input, kB | output / input | codegen | import | first message |
|---:|---:|---:|---:|---:|---:|
"""
FIRST = """
import json, time, jararaca, pydantic
jararaca.Message
begun = time.process_time()
from generated.linked import messages
imported = time.process_time()
body = json.dumps({"schema": {"id": "x", "next": {"id": "y"}}}).encode()
assert json.loads(messages.M0.decode(body).encode()) == json.loads(body)
print(imported - begun, time.process_time() - imported)
"""


class Row(NamedTuple):
    """What one size takes."""

    schemas: int
    source: int
    output: int
    codegen: Took
    imported: float
    first: float


def document(count: int) -> dict[str, Any]:
    """As many schemas, and ten messages that lead to all of them."""
    payloads = {f"M{index}": _ref(index * count // MESSAGES) for index in range(MESSAGES)}
    channels = {
        name: {
            "address": f"linked.{name}",
            "messages": {name: {"payload": {"type": "object", "properties": {"schema": ref}}}},
        }
        for name, ref in payloads.items()
    }
    schemas = {f"Schema{number}": _schema(number, count) for number in range(count)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Linked", "version": "1"},
        "channels": channels,
        "components": {"schemas": schemas},
    }


def _ref(number: int) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/Schema{number}"}


def _schema(number: int, count: int) -> dict[str, Any]:
    """It refers to the next one, to one before, and to others farther away."""
    double, triple = number * 2 % count, number * 3 % count
    return {
        "type": "object",
        "description": f"What stands at {number}.",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "status": {"type": "string", "enum": ["draft", "active", "retired"]},
            "at": {"type": "string", "format": "date-time"},
            "next": _ref((number + 1) % count),
            "before": _ref((number - 1) % count),
            "items": {"type": "array", "items": _ref(double)},
            "value": {"oneOf": [{"type": "string"}, _ref(triple), {"type": "null"}]},
            "extension": {"type": "array", "items": _ref(number)},
        },
    }


def measured(folder: Path, count: int) -> Row:
    """One size, compiled, imported and used."""
    settings = '[tool.jararaca]\nsources = ["linked.json"]\noutput = "generated"\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    text = json.dumps(document(count))
    (folder / "linked.json").write_text(text, encoding="utf-8")
    took, _ = run([sys.executable, "-m", "jararaca.cli", "codegen"], folder)
    modules = (folder / "generated").rglob("*.py")
    output = sum(path.stat().st_size for path in modules)
    _, said = run([sys.executable, "-c", FIRST], folder)
    imported, first = (float(word) for word in said.split())
    return Row(count, len(text), output, took, imported, first)


def main() -> None:
    """Measure, print, and write the section."""
    rows = []
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            rows.append(measured(Path(name), count))
        print(rows[-1], flush=True)
    lines = [
        f"| {row.schemas:,} | {row.source / 1000:,.0f} | {row.output / row.source:.2f}"
        f" | {row.codegen.cpu:.2f} | {row.imported:.2f} | {row.first:.2f} |"
        for row in rows
    ]
    put_section(TITLE, HEAD + "\n".join(lines))


if __name__ == "__main__":
    main()
