"""Schemas whose formats are said by values, so that samples of a format are found."""

from __future__ import annotations

from typing import Any

GOOD = {
    "uuid": ["3f2b1c9e-1111-4222-8333-444455556666"],
    "date-time": ["2026-11-24T09:30:00Z", "2026-11-24T09:30:00.1234567+02:00"],
    "date": ["2026-11-24"],
    "time": ["09:30:00Z"],
    "duration": ["PT5M", "P1M"],
    "email": ["ada@example.test"],
    "idn-email": ["ada@example.test"],
    "uri": ["https://example.test/a"],
    "url": ["https://example.test/a"],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1"],
    "decimal": ["1.50"],
}
_DATA = frozenset({"const", "enum", "default", "examples", "example", "required"})


def with_samples(schema: Any) -> Any:
    """The schema, with the texts that it has for samples wherever a format has a Python type."""
    if isinstance(schema, list):
        return [with_samples(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: value if key in _DATA or key.startswith("x-") else with_samples(value)
        for key, value in schema.items()
    }
    kinds, texts = schema.get("type"), GOOD.get(str(schema.get("format")))
    listed = kinds if isinstance(kinds, list) else [kinds]
    if texts is None or "string" not in listed or {"enum", "const"} & schema.keys():
        return made
    others = [kind for kind in listed if kind != "string"]
    named = {"enum": texts}
    variants = [named, {"type": others}] if others else [named]
    return {**made, "allOf": [*made.get("allOf", ()), {"anyOf": variants}]}
