"""Hostile documents end in a diagnostic, before time or memory is spent on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca_compiler.lower import lower
from jararaca_compiler.reading import load as loading
from jararaca_compiler.reading import yaml12
from jararaca_compiler.reading.load import load

from .front import codes

HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {}\n"


def chain(length: int) -> str:
    schemas = {f"K{i}": {"$ref": f"#/components/schemas/K{i + 1}"} for i in range(length)}
    message = {"payload": {"$ref": "#/components/schemas/K0"}}
    return json.dumps(
        {
            "asyncapi": "3.0.0",
            "info": {"title": "T", "version": "1"},
            "channels": {"c": {"address": "c", "messages": {"m": message}}},
            "components": {"schemas": schemas},
        }
    )


def merges(depth: int) -> str:
    rows = ["a0: &a0 {k: 1}"]
    for i in range(1, depth):
        rows.append(f"a{i}: &a{i}\n  <<: [{', '.join([f'*a{i - 1}'] * 9)}]\n  k{i}: 1")
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.yaml", merges(15), "alias-bomb"),
        ("a.yaml", "a: &a [*a]", "recursive-alias"),
        ("a.yaml", "a: " + "[" * 50_000, "invalid-syntax"),
        ("a.yaml", "\n".join(" " * i + "a:" for i in range(300)), "nested-too-deep"),
        ("a.json", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "invalid-syntax"),
        ("a.json", '{"a":' + "[" * 300 + "]" * 300 + "}", "nested-too-deep"),
        ("a.yaml", HEAD + "x: " + "9" * 1_000_000, "invalid-syntax"),
        ("a.json", chain(10_000), "unresolved-ref"),
        ("a.json", json.dumps({"$ref": "#" + "/a" * 100_000}), "not-a-contract"),
        ("a.yaml", HEAD + f"x: [{'a: 1, ' * 400_000}]", "too-large"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_hostile_document_ends_in_a_diagnostic(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    (tmp_path / name).write_text(text)
    documents, unread = load([name], tmp_path)
    _, found = lower(documents)
    assert code in codes((*unread, *found))


def test_a_gigantic_document_is_refused_before_it_is_composed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def composed(_text: str) -> None:
        raise AssertionError("composed")

    monkeypatch.setattr(yaml12, "_Loader", composed)
    (tmp_path / "a.yaml").write_text(HEAD + "x:\n" + "  - {k: 1, v: a}\n" * 200_000)
    _, unread = load(["a.yaml"], tmp_path)
    assert codes(unread) == ["too-large"]
    assert unread[0].span.line > 50_000


def test_a_gigantic_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MAX_BYTES", 100)
    (tmp_path / "a.yaml").write_text("x" * 101)
    _, unread = load(["a.yaml"], tmp_path)
    assert codes(unread) == ["unreadable-file"]


def test_a_folder_does_not_follow_links_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "schemas").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text(HEAD)
    (root / "schemas" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    documents, _ = load(["schemas"], root)
    assert documents.roots == ()
