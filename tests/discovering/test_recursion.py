"""Trees, comments and lists are found as shapes that contain themselves, and say nothing false."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.discovering.discovered import discovered, heard

LUCK = random.Random(7)


def tree(depth: int = 0) -> dict[str, Any]:
    """A name always, a colour mostly, and branches: to a depth that differs each time."""
    made: dict[str, Any] = {"name": f"n{LUCK.random()}", "size": LUCK.randint(0, 9)}
    if LUCK.random() < 0.9:
        made["colour"] = f"c {LUCK.random()}"
    if depth < 25 and LUCK.random() < 0.7:
        made["children"] = [tree(depth + 1) for _ in range(LUCK.randint(1, 2) if depth < 4 else 1)]
    return made


def linked(left: int = 0) -> Any:
    """A list whose end is null."""
    if left <= 0:
        return None
    return {"value": left, "at": "2026-11-29T10:00:00Z", "next": linked(left - 1)}


def article(_: int = 0) -> dict[str, Any]:
    return {"title": "t t", "comments": [comment(0) for _ in range(2)]}


def comment(depth: int) -> dict[str, Any]:
    replies = [comment(depth + 1)] if depth < LUCK.randint(1, 30) else []
    return {"text": "a text", "author": {"id": 1, "mail": "a@b.co"}, "replies": replies}


def binary(depth: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {"key": depth}
    for side in ("left", "right"):
        if depth < 12 and LUCK.random() < 0.6:
            made[side] = binary(depth + 1)
    return made


def wrapped(depth: int = 0) -> dict[str, Any]:
    """Each next one within two objects of its own."""
    made: dict[str, Any] = {"kind": "x y", "size": depth}
    if depth < 15 and LUCK.random() < 0.8:
        made["body"] = {"inner": {"element": wrapped(depth + 1)}}
    return made


def found(values: list[Any], **options: Any) -> dict[str, Any]:
    return discovered((heard("a", value) for value in values), **options).document


def schema_in(document: dict[str, Any]) -> dict[str, Any]:
    payload = document["components"]["messages"]["a"]["payload"]
    return {**payload, "components": document["components"]}


MADE: dict[str, tuple[Callable[[int], Any], str, set[str]]] = {
    "tree": (lambda n: tree(), "a", {"name", "size"}),
    "list": (lambda n: linked(n % 40 + 1), "a", {"value", "at", "next"}),
    "comments": (article, "aComments", {"text", "author", "replies"}),
    "binary": (lambda n: binary(), "a", {"key"}),
    "wrapped": (lambda n: wrapped(), "a", {"kind", "size"}),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_contains_itself_is_one_schema_and_requires_what_was_always_there(kind: str) -> None:
    make, name, required = MADE[kind]
    values = [make(number) for number in range(300)]
    document = found(values)
    assert set(document["components"]["schemas"]) == {name}
    told = document["components"]["schemas"][name]
    assert set(told["required"]) == required
    assert f"#/components/schemas/{name}" in json.dumps(told)
    valid = jsonschema_rs.Draft202012Validator(schema_in(document), validate_formats=True)
    assert all(valid.is_valid(value) for value in values)
    # Deeper than any that was heard, by one more that is of the same shape.
    deeper = [make(number) for number in range(300)]
    assert all(valid.is_valid(value) for value in deeper)


def test_what_only_looks_alike_for_two_depths_is_written_out() -> None:
    person = {"name": "a b", "mail": "a@b.co", "age": 1}
    document = found([{**person, "manager": {**person, "manager": {"id": 7}}}] * 200)
    assert "schemas" not in document["components"]


def test_what_lacks_a_field_only_deep_down_does_not_require_it() -> None:
    def chain(left: int) -> dict[str, Any]:
        end: dict[str, Any] = {"a": 1, "b": 2}
        if not left:
            del end["b"]
        return {**end, "next": chain(left - 1)} if left else end

    document = found([chain(45)] * 150)
    assert document["components"]["schemas"]["a"]["required"] == ["a"]
    valid = jsonschema_rs.Draft202012Validator(schema_in(document))
    assert valid.is_valid(chain(45)) and valid.is_valid(chain(60))


def test_large_arrays_and_maps_say_nothing_of_what_was_not_looked_at() -> None:
    values = [{"items": [1] * 6_000 + ["x"], "by": {f"k{n}": n for n in range(6_000)} | {"z": "y"}}]
    document = found(values)
    assert jsonschema_rs.Draft202012Validator(schema_in(document)).is_valid(values[0])
    some = [{"items": [1] * 1_000 + ["x"]}]
    assert jsonschema_rs.Draft202012Validator(schema_in(found(some))).is_valid(some[0])


def test_the_deepest_body_that_is_looked_into_is_kept_for_the_next_run() -> None:
    deep: Any = {"v": 1}
    for number in range(99):
        deep = {f"f{number}": [deep]}
    first = discovered([heard("a", deep)])
    assert first.text is not None
    kept = {first.path: first.text, first.memory_path: first.memory}
    again = discovered([heard("a", deep)], read=kept.get)
    assert again.document["components"]["messages"]["a"]["x-evidence"]["messages"] == 2


def test_it_compiles_and_the_examples_are_its_own(tmp_path: Path) -> None:
    values = {kind: [make(number) for number in range(150)] for kind, (make, *_) in MADE.items()}
    made = discovered(
        (heard(kind, value) for kind, each in values.items() for value in each), examples=True
    )
    (tmp_path / "found.yaml").write_text(yaml.safe_dump(made.document))
    for command in ("lint", "codegen"):
        run = [sys.executable, "-m", "jararaca.cli", command, "found.yaml"]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    for message in made.document["components"]["messages"].values():
        schema = {**message["payload"], "components": made.document["components"]}
        [example] = message["examples"]
        assert jsonschema_rs.Draft202012Validator(schema).is_valid(example["payload"])
