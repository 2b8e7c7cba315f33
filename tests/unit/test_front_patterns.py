"""Regular expressions: what authors mean is taken, and what is none is told at its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca_compiler.schemas.ecma_patterns import strict_pattern

from tests.support.models import compiled
from tests.unit.front import compiled as compiled_service


@pytest.mark.parametrize(
    ("pattern", "takes", "refuses"),
    [
        (r"^[\w-\.]+@([\w-]+\.)+[\w-]{2,4}$", "a-b@example.com", "a b@example.com"),
        (r"^[\w-.]+$", "a-.b", "a b"),
        (r"^\@\_\:\"\#$", '@_:"#', "x"),
        (r"^{a}$", "{a}", "a"),
        (r"^[[]a]$", "[a]", "a"),
        (r"^[^]$", "\n", ""),
        (r"^a{,3}$", "a{,3}", "aa"),
        (r"^\p{Lu}\u0041\x41$", "ÄAA", "äAA"),
        (r"^(?<year>\d{4})(?!-)", "2024", "2024-"),
        (r"^[\d-x]$", "-", "y"),
        (r"^[a\-z]+$", "a-z", "b"),
        (r"^\/a\/[^/]+$", "/a/b", "a"),
    ],
)
def test_a_pattern_means_what_a_browser_takes_it_for(
    pattern: str, takes: str, refuses: str, tmp_path: Path
) -> None:
    schema = {"type": "string", "pattern": pattern}
    module = compiled(tmp_path, {"Plain": schema, "Checked": {"not": {"not": schema}}})
    for cls in (module.Plain, module.Checked):
        cls.decode(json.dumps(takes).encode())
        with pytest.raises(DecodeError):
            cls.decode(json.dumps(refuses).encode())


@pytest.mark.parametrize("pattern", ["[", "(", "*a", "a{2,1}", r"\Z", "(?P<a", "a**"])
def test_what_is_no_expression_is_told_and_left_out(pattern: str, tmp_path: Path) -> None:
    assert strict_pattern(pattern) is None
    payload: Any = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": pattern}},
        "patternProperties": {pattern: False},
    }
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {"a": {"address": "a", "messages": {"A": {"payload": payload}}}},
    }
    _, found = compiled_service(tmp_path, json.dumps(document, indent=1), name="shop.json")
    assert [d.code for d in found] == ["invalid-pattern"] * 2
    lines = [d.span.line for d in found]
    text = (tmp_path / "shop.json").read_text().splitlines()
    assert all(json.dumps(pattern) in text[line - 1] for line in lines)
    module = compiled(tmp_path, {"A": payload})
    assert module.A.decode(b'{"a": "anything", "b": 1}').a == "anything"
