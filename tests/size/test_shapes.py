"""What a document costs grows with its size, and with nothing else; counted in calls, not seconds.

`JARARACA_SHAPES=400` compares that size with its double; the usual one is small.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca_compiler.lint import lint
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from tests.size.shapes import SHAPES, components, ref
from tests.support.models import compiled, document, sources

SIZE = int(os.environ.get("JARARACA_SHAPES", "30"))
LOOPS = ("anyOf", "properties", "items", "additionalProperties", "patternProperties", "prefixItems")
LONG = 200
VALUES = (b'{"r": {"x": "a"}}', b'{"r": {"x": 1}}', b'{"r": [{}]}', b'{"r": null}', b"{}", b"[]")


def calls(work: Callable[[], object]) -> int:
    """How many functions something calls, the second time."""
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    work()  # What is imported and remembered is so before it is counted.
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def chain(schemas: dict[str, Any]) -> dict[str, Any]:
    """A document with a message that leads to the first schema."""
    return document({"M": {"type": "object", "properties": {"r": ref(0)}}}, schemas)


@pytest.mark.parametrize("is_loop", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_size_takes_less_than_three_times_the_calls(
    name: str, is_loop: bool, tmp_path: Path
) -> None:
    if is_loop and name not in LOOPS:
        pytest.skip("it would contain itself at once")
    one, two = (
        calls(partial(sources, tmp_path, chain(components(SHAPES[name], count, is_loop=is_loop))))
        for count in (SIZE, 2 * SIZE)
    )
    assert two < 3 * one


@pytest.mark.parametrize("name", ["ref"])
def test_lint_of_twice_the_size_takes_less_than_three_times_the_calls(
    name: str, tmp_path: Path
) -> None:
    def linted(count: int) -> None:
        (tmp_path / "test.json").write_text(json.dumps(chain(components(SHAPES[name], count))))
        documents, _ = load(["test.json"], tmp_path)
        resolver = Resolver(documents)
        services, _ = lower(documents, None, resolver)
        lint(services, documents, resolver, {})

    one, two = (calls(partial(linted, count)) for count in (4 * SIZE, 8 * SIZE))
    assert two < 3 * one


@pytest.mark.parametrize("name", SHAPES)
def test_a_chain_of_any_length_is_decoded(name: str, tmp_path: Path) -> None:
    payload = {"type": "object", "properties": {"r": ref(0)}}
    cls = compiled(tmp_path, {"M": payload}, components(SHAPES[name], LONG)).M
    assert cls.decode(b"{}").encode() == b"{}"
    for value in VALUES:
        try:
            assert cls.decode(value).encode()
        except DecodeError:
            continue


@pytest.mark.parametrize("count", [25, 1_000])
def test_what_no_validator_could_check_is_told_once(count: int, tmp_path: Path) -> None:
    chain = components(lambda n, following: {"if": following, "then": following}, count)
    root = document({"M": {"type": "object", "properties": {"r": ref(0)}}}, chain)
    (tmp_path / "test.json").write_text(json.dumps(root), encoding="utf-8")
    documents, _ = load(["test.json"], tmp_path)
    _, found = lower(documents, None, Resolver(documents))
    assert [each.code for each in found] == ["too-many-evaluations"]


def test_what_is_asked_for_often_but_not_too_often_is_no_fault(tmp_path: Path) -> None:
    chain = components(lambda n, following: {"if": following, "then": following}, 12)
    assert sources(tmp_path, document({"M": ref(0)}, chain))
