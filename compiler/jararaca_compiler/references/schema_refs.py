"""The references that stand in a schema: pure readings of its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jararaca_compiler.reading.load import SUFFIXES


def applied_in_place(schema: Any) -> Iterator[str]:
    """The references of a schema that must hold for the very value that it describes."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        if isinstance(schema.get("allOf"), list):
            for part in schema["allOf"]:
                yield from applied_in_place(part)


def refs_in(value: Any) -> Iterator[str]:
    """Every reference anywhere in a value."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            ref = here.get("$ref")
            if isinstance(ref, str):
                yield ref
            waiting += [child for child in here.values() if isinstance(child, dict | list)]
        elif isinstance(here, list):
            waiting += [child for child in here if isinstance(child, dict | list)]


def may_refer(target: str) -> bool:
    """Whether the target of a discriminator's mapping is a reference, and no schema's name."""
    return "#" in target or "/" in target or target.endswith(SUFFIXES)
