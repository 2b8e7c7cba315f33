"""`python -m benchmarks.compile`: whole runs of the compiler beside datamodel-code-generator's.

Writes its part of docs/benchmarks.md. Both read the same payloads: ours as an AsyncAPI document, of
which it also makes routes, topology and documents; the peer's as a JSON Schema, formatted by its
builtin formatter, which is its fastest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import environment
from benchmarks.page import put_section

COUNTS = (100, 500, 1000, 2000)
FIELDS: tuple[dict[str, Any], ...] = (
    {"type": "string", "format": "uuid"},
    {"type": "string"},
    {"type": "integer", "minimum": 1},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "string", "format": "date-time"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "string", "enum": ["new", "paid"]},
    {"type": "string", "maxLength": 100, "description": "A note."},
    {"type": ["string", "null"]},
)
TITLE = "## Compile: messages of ten properties"
HEAD = f"""{TITLE}

`python -m benchmarks.compile` writes this section. Each figure is the CPU time of a whole process
in seconds. The elapsed time is in brackets; it depends on what else the machine does. Figures are
the median of {{rounds}} rounds, in turns. For "one changed", the text of one message was changed
after a run. The last two columns import every generated class, in a process that has imported
pydantic.

| messages | Jararaca, cold | nothing changed | one changed | datamodel-code-generator \
| import ours | import theirs |
|---:|---:|---:|---:|---:|---:|---:|
"""
IMPORT = """
import time, jararaca, pydantic
jararaca.Message
begun, busy = time.perf_counter(), time.process_time()
import {module}
print(time.perf_counter() - begun, time.process_time() - busy)
"""


class Took(NamedTuple):
    """Seconds by the clock, and of the processor."""

    wall: float
    cpu: float


def document(count: int, changed: str = "") -> dict[str, Any]:
    """An AsyncAPI document with as many messages, ten properties each; `changed` tells versions."""
    channels = {}
    for number in range(count):
        properties = {f"fieldName{index}": field for index, field in enumerate(FIELDS)}
        payload = {"type": "object", "required": ["fieldName0"], "properties": properties}
        message = {
            "summary": f"Message {number}{changed if not number else ''}",
            "payload": payload,
        }
        channels[f"m{number}"] = {"address": f"big.{number}", "messages": {f"M{number}": message}}
    return {"asyncapi": "3.0.0", "info": {"title": "Big", "version": "1"}, "channels": channels}


def run(command: list[str], folder: Path) -> tuple[Took, str]:
    """How long a command takes, and what it says. Raises CalledProcessError."""
    # As it is installed: with bytecode, whatever this process does without.
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=given, check=True, capture_output=True, text=True
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu), done.stdout


def ours(folder: Path, count: int) -> tuple[Took, Took, Took]:
    """Cold, with nothing changed, and with one message changed."""
    settings = '[tool.jararaca]\nsources = ["big.json"]\noutput = "generated"\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "jararaca.cli", "codegen"]
    source = folder / "big.json"
    source.write_text(json.dumps(document(count)), encoding="utf-8")
    cold, unchanged = run(command, folder)[0], run(command, folder)[0]
    source.write_text(json.dumps(document(count, ", changed")), encoding="utf-8")
    return cold, unchanged, run(command, folder)[0]


def peer(folder: Path, count: int) -> Took:
    """datamodel-code-generator on the same payloads."""
    channels = document(count)["channels"]
    payloads = {
        name: message["payload"]
        for each in channels.values()
        for name, message in each["messages"].items()
    }
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": payloads}
    (folder / "peer.json").write_text(json.dumps(schema), encoding="utf-8")
    options = "--input peer.json --input-file-type jsonschema --output peer.py --formatters builtin"
    model = "--output-model-type pydantic_v2.BaseModel --snake-case-field"
    command = str(environment.HOME / "bin" / "datamodel-codegen")
    return run([command, *options.split(), *model.split()], folder)[0]


def imported(folder: Path, module: str) -> Took:
    """How long a module's import takes, once its bytecode is there."""
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    run(command, folder)
    return Took(*map(float, run(command, folder)[1].split()))


def measured(count: int) -> tuple[Took, ...]:
    """One round: a row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took = (*ours(folder, count), peer(folder, count))
        return (*took, imported(folder, "generated.big.messages"), imported(folder, "peer"))


def table(rounds: int) -> str:
    """The part of docs/benchmarks.md; rows are printed as they come."""
    text = HEAD.format(rounds=rounds)
    measured(10)  # Bytecode and disk caches are warm from here on.
    for count in COUNTS:
        columns = zip(*[measured(count) for _ in range(rounds)], strict=True)
        cells = " | ".join(_cell(column) for column in columns)
        print(f"| {count:,} | {cells} |", flush=True)
        text += f"| {count:,} | {cells} |\n"
    return text


def _cell(column: tuple[Took, ...]) -> str:
    wall, cpu = (statistics.median(figures) for figures in zip(*column, strict=True))
    return f"{cpu:.2f} ({wall:.2f})"


def main() -> None:
    """Run in turns, print the table, and put it into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (3)")
    rounds = parser.parse_args().rounds
    environment.prepare()
    put_section(TITLE, table(rounds))


if __name__ == "__main__":
    main()
