"""`python -m benchmarks.sizes [DOCUMENT...]`: how much is written of what is read, in bytes.

Without documents it takes catalogues that others have published, and messages of one property, and
writes its part of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config
from jararaca_shared.yaml_text import yaml_text

from benchmarks.catalogues import catalogues
from benchmarks.page import put_section

TITLE = "## Compile: what is written of what is read"
HEAD = f"""{TITLE}

`python -m benchmarks.sizes` writes this section. "Read" are the bytes of all files with schemas and
of the document that names the messages, in three notations; what is written is the same for each.
"Written" is all of the package. The handlers' module is not in it: it is written once, and then
yours. "Classes" are `messages.py` with its modules of schemas and checks; "JSON" are
`asyncapi.json`, `topology.json` and `examples.json`. The last columns are all that is written,
divided by what was read.

| documents | read, kB: compact JSON | indented JSON | YAML | written, kB: classes | `routes.py` \
| JSON | times compact | times indented | times YAML |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
TINY = 1_000


class Read(NamedTuple):
    """The same values in three notations, in bytes."""

    compact: int
    indented: int
    yaml: int


class Written(NamedTuple):
    """What a package consists of, in bytes."""

    classes: int
    routes: int
    json: int


def read(values: list[Any]) -> Read:
    """How long the values are."""
    notations: tuple[Callable[[Any], str], ...] = (
        lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
        lambda value: json.dumps(value, indent=2, ensure_ascii=False),
        yaml_text,
    )
    return Read(*(sum(len(write(v).encode()) for v in values) for write in notations))


def written(folder: Path, *sources: str) -> Written:
    """How long is what the documents compile to."""
    config = Config(sources=sources)
    contract = read_contract(config, folder)
    assert contract.is_sound, contract.diagnostics[:5]
    made = compile(contract, contract.services, config, lambda _: None)
    parts = {"routes.py": 0, ".json": 0, ".py": 0}
    for file in made.generated:
        part = next(end for end in parts if file.path.endswith(end))
        parts[part] += len(file.source.encode())
    return Written(parts[".py"], parts["routes.py"], parts[".json"])


def measured(files: Mapping[str, Any], contract: Any) -> tuple[Read, Written]:
    """A document and what it refers to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, value in {**files, "contract.json": contract}.items():
            (folder / path).write_text(json.dumps(value), encoding="utf-8")
        return read([*files.values(), contract]), written(folder, "contract.json")


def tiny(count: int = TINY) -> dict[str, Any]:
    """As little as a message can be: one property, on a channel of its own, and received."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for n in range(count):
        payload = {"type": "object", "properties": {"id": {"type": "string"}}}
        channels[f"thing{n}"] = {
            "address": f"thing.{n}",
            "messages": {f"thing{n}": {"payload": payload}},
        }
        channel = {"$ref": f"#/channels/thing{n}"}
        operations[f"onThing{n}"] = {"action": "receive", "channel": channel}
    info = {"title": "Things", "version": "1"}
    return {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations}


def rows() -> Iterator[str]:
    """A row for each catalogue."""
    for each in catalogues():
        yield row(each.title, *measured(each.files, each.contract))
    yield row(f"{TINY:,} messages of one property, received", *measured({}, tiny()))
    sent = {**tiny(), "operations": {}}
    yield row(f"{TINY:,} messages of one property, sent", *measured({}, sent))


def row(title: str, size: Read, made: Written) -> str:
    """A line of the table."""
    cells = [*(f"{figure / 1000:,.0f}" for figure in (*size, *made))]
    cells += [f"{sum(made) / figure:.2f}" for figure in size]
    return f"| {title} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and write the section."""
    if len(sys.argv) > 1:
        for path in map(Path, sys.argv[1:]):
            size = read([yaml.safe_load(path.read_text(encoding="utf-8"))])
            print(row(path.name, size, written(path.parent, path.name)), flush=True)
        return
    lines = []
    for line in rows():
        print(line, flush=True)
        lines.append(line)
    put_section(TITLE, HEAD + "\n".join(lines))


if __name__ == "__main__":
    main()
