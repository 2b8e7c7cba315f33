"""JSON samples -> the schema of one message, as genson infers it, with the samples as examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jararaca_compiler.importing.schema_files.schema_language import (
    Described,
    ImportSchemaError,
    need,
)

SHOWN = 3
"""How many samples the document keeps as examples."""


def read_samples(name: str, files: Sequence[Path]) -> Described:
    """One message that every sample fits. Raises ImportSchemaError."""
    need("genson")
    from genson import SchemaBuilder  # type: ignore[import-untyped]

    samples = [sample for file in files for sample in _samples(file)]
    if not samples:
        raise ImportSchemaError("there is no sample in it")
    builder = SchemaBuilder(schema_uri=None)
    for sample in samples:
        builder.add_object(sample)
    return Described({name: builder.to_schema()}, examples={name: _distinct(samples)[:SHOWN]})


def _samples(file: Path) -> Iterator[Any]:
    """The whole file, or each of its lines."""
    text = file.read_text(encoding="utf-8-sig")
    lines = text.splitlines() if file.suffix in (".jsonl", ".ndjson") else [text]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line, parse_constant=_refuse)
        except ValueError as error:
            where = f"{file.name}, line {number}" if len(lines) > 1 else file.name
            raise ImportSchemaError(f"{where} is not JSON: {error}") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _distinct(samples: Iterable[Any]) -> list[Any]:
    seen = {json.dumps(sample, sort_keys=True): sample for sample in samples}
    return list(seen.values())
