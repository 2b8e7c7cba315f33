"""Whether two binary schemas read one another's bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jararaca_compiler import ir

_COUNTS = frozenset({"type", "name", "namespace", "fields", "symbols", "items", "values", "size"})
"""What Avro's bytes depend on: its Parsing Canonical Form."""


def misreads(old: ir.Encoding | None, new: ir.Encoding | None) -> bool:
    """Whether a reader with one of the schemas may misread what was written with the other."""
    if old is None or new is None or old.language != new.language:
        return old != new
    before, after = json.loads(old.schema), json.loads(new.schema)
    if old.language == "avro":
        return bool(_canonical(before) != _canonical(after))
    earlier, later = dict(_numbered(before)), dict(_numbered(after))
    return old.root != new.root or any(
        earlier[place] != later[place] for place in earlier.keys() & later.keys()
    )


def _canonical(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_canonical(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _canonical(value) for key, value in schema.items() if key in _COUNTS}
    return kept["type"] if kept.keys() == {"type"} else kept


def _numbered(files: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What each number of each message and enum means, and which number each name has."""
    for file in files:
        for message in file["messageType"]:
            yield from _of_message(message, file["package"])
        for enum in file["enumType"]:
            yield from _of_enum(enum, file["package"])


def _of_message(message: Any, scope: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    full = f"{scope}.{message['name']}"
    for field in message["field"]:
        meaning = [field.get(key) for key in ("label", "type", "typeName")]
        yield (full, "number", str(field["number"])), meaning
        yield (full, "name", field["name"]), field["number"]
    for inner in message.get("nestedType", ()):
        yield from _of_message(inner, full)
    for enum in message.get("enumType", ()):
        yield from _of_enum(enum, full)


def _of_enum(enum: Any, scope: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for value in enum["value"]:
        yield (f"{scope}.{enum['name']}", "name", value["name"]), value["number"]
