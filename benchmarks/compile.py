"""`python -m benchmarks.compile`: whole runs of the compiler beside datamodel-code-generator's."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
BIN = Path(sys.executable).parent


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


def seconds(command: list[str], folder: Path) -> float:
    """The time that a command takes, from start to end. Raises CalledProcessError."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def ours(folder: Path, count: int) -> tuple[float, float, float]:
    """Cold, with nothing changed, and with one message changed."""
    settings = '[tool.jararaca]\nsources = ["big.json"]\noutput = "generated"\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    command = [str(BIN / "jararaca"), "codegen"]
    source = folder / "big.json"
    source.write_text(json.dumps(document(count)), encoding="utf-8")
    cold, unchanged = seconds(command, folder), seconds(command, folder)
    source.write_text(json.dumps(document(count, ", changed")), encoding="utf-8")
    return cold, unchanged, seconds(command, folder)


def peer(folder: Path, count: int) -> float:
    """datamodel-code-generator on the same payloads, with its builtin formatter."""
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
    return seconds([str(BIN / "datamodel-codegen"), *options.split(), *model.split()], folder)


def main() -> None:
    """Run in turns and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (3)")
    rounds = parser.parse_args().rounds
    print(
        "| messages | jararaca, cold | nothing changed | one changed | datamodel-code-generator |"
    )
    print("|---|---|---|---|---|")
    for count in COUNTS:
        rows = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                rows.append((*ours(Path(folder), count), peer(Path(folder), count)))
        cells = " | ".join(
            f"{statistics.median(column):.2f} s" for column in zip(*rows, strict=True)
        )
        print(f"| {count} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
