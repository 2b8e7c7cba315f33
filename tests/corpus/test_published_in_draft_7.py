"""The published document says to a reader of draft 7, which AsyncAPI means, what classes check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.corpus.test_published_forms import publish

MODERN = "application/schema+json;version=2020-12"
PAIR = [{"type": "string"}, {"type": "integer"}]


def read(folder: Path, schema: Any, format: str | None = None) -> dict[str, Any]:
    """A schema as it is published, without what it is called."""
    payload = schema if format is None else {"schemaFormat": format, "schema": schema}
    made = publish(folder, message={"payload": payload})
    found: dict[str, Any] = made["components"]["messages"]["M"]["payload"]
    found.pop("x-parser-schema-id", None)
    return found


@pytest.mark.parametrize(
    ("source", "format"),
    [
        ({"type": "array", "items": PAIR}, None),
        ({"type": "array", "items": PAIR, "additionalItems": False}, None),
        ({"type": "object", "dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, None),
    ],
)
def test_what_is_written_in_draft_7_stays_so(
    tmp_path: Path, source: dict[str, Any], format: str | None
) -> None:
    assert read(tmp_path, source, format) == source


@pytest.mark.parametrize(
    ("source", "good", "bad"),
    [
        ({"type": "array", "prefixItems": PAIR, "items": False}, ["a", 1], ["a", 1, 2]),
        ({"type": "array", "prefixItems": PAIR}, ["a", 1, None], ["a", "b"]),
        ({"type": "object", "dependentRequired": {"a": ["b"]}}, {"b": 1}, {"a": 1}),
        ({"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}}, {}, {"a": 1}),
    ],
)
def test_what_is_newer_is_checked_by_readers_of_draft_7(
    tmp_path: Path, source: dict[str, Any], good: Any, bad: Any
) -> None:
    judge = jsonschema_rs.Draft7Validator(read(tmp_path, source, MODERN))
    assert judge.is_valid(good)
    assert not judge.is_valid(bad)


def test_a_word_that_says_nothing_any_more_is_left_out(tmp_path: Path) -> None:
    source = {"type": "object", "dependencies": {"a": ["b"]}}
    assert read(tmp_path, source, MODERN) == {"type": "object"}


def test_a_property_with_both_kinds_of_dependencies_keeps_both(tmp_path: Path) -> None:
    both = {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"required": ["c"]}}}
    assert json.dumps(both)[1:-1] in json.dumps(read(tmp_path, {"type": "object", **both}, MODERN))
