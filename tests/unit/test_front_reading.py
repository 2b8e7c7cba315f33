"""YAML 1.2 and JSON: values, positions, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jararaca_compiler.documents.source import Span
from jararaca_compiler.reading.json_text import JsonText
from jararaca_compiler.reading.load import load
from jararaca_compiler.reading.yaml12 import YamlText

from .front import codes, write


def yaml(text: str) -> YamlText:
    return YamlText("a.yaml", text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("0o17", 15),
        ("017", 17),
        ("0xff", 255),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    found = yaml(f"a: {text}").root["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert yaml("on: 1\n200: 2\nnull: 3\n1.10: 4\n").root == {
        "on": 1,
        "200": 2,
        "null": 3,
        "1.10": 4,
    }


def test_aliases_and_merges_resolve_and_own_keys_win() -> None:
    text = "base: &b {x: 1, y: 2}\none: *b\ntwo:\n  <<: *b\n  y: 3\n"
    parsed = yaml(text)
    assert parsed.root["one"] == {"x": 1, "y": 2}
    assert parsed.root["two"] == {"x": 1, "y": 3}
    assert parsed.locate("/two/x", False) == Span("a.yaml", 1, 14, 1, 15)
    assert parsed.locate("/two/y", False).line == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "duplicate-key"),
        ("a: &x\n  b: *x\n", "recursive-alias"),
        ("a:\n\tb: 1\n", "invalid-syntax"),
        ("a: [1\n", "invalid-syntax"),
        ("a: 1\n---\nb: 1\n", "invalid-syntax"),
        ("a: .nan\n", "invalid-syntax"),
        ("a: 1e999\n", "invalid-syntax"),
        ("a: !!binary aGk=\n", "invalid-syntax"),
        ("? [a]\n: 1\n", "invalid-syntax"),
        ("é: \x00\n", "invalid-syntax"),
        ("[" * 150 + "]" * 150, ""),
        ("[" * 500 + "]" * 500, "nested-too-deep"),
        ("[" * 90_000, "invalid-syntax"),
    ],
)
def test_bad_yaml_is_a_diagnostic(text: str, code: str) -> None:
    assert codes(tuple(yaml(text).diagnostics)) == ([code] if code else [])


def test_an_alias_bomb_is_refused_and_a_large_document_is_not() -> None:
    bomb = "l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    assert codes(tuple(yaml(bomb).diagnostics)) == ["alias-bomb"]
    assert yaml("a: &a {b: 1}\n" + "".join(f"k{n}: *a\n" for n in range(2000))).diagnostics == []


def test_a_duplicate_key_points_at_both_places() -> None:
    (found,) = yaml("info:\n  title: A\n  title: B\n").diagnostics
    assert (found.span.line, found.span.column) == (3, 3)
    assert found.related[0][0].line == 2


def test_a_tab_is_named_as_such() -> None:
    (found,) = yaml("a:\n\tb: 1\n").diagnostics
    assert "tab" in found.message
    assert (found.span.line, found.span.column) == (2, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', "duplicate-key", 2, 2),
        ('{"a": 1,\n "b": }', "invalid-syntax", 2, 7),
        ('{"a": NaN}', "invalid-syntax", 1, 1),
        ('{"a": 1e999}', "invalid-syntax", 1, 1),
        ('{"a": "\\ud800"}', "invalid-syntax", 1, 8),
        ("[" * 90_000, "invalid-syntax", 1, 1),
        ("[" * 300 + "]" * 300, "nested-too-deep", 1, 1),
        ("", "invalid-syntax", 1, 1),
    ],
)
def test_bad_json_is_a_diagnostic(text: str, code: str, line: int, column: int) -> None:
    (found,) = JsonText("a.json", text).diagnostics
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


def test_a_pair_of_surrogates_is_one_character() -> None:
    parsed = JsonText("a.json", '{"a": "\\ud83d\\ude00"}')
    assert parsed.diagnostics == []
    assert parsed.root == {"a": "\N{GRINNING FACE}"}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.sampled_from([None, 1, "\t"]))
def test_every_json_value_is_found_where_it_stands(value: Any, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    parsed = JsonText("a.json", text)
    assert parsed.diagnostics == []
    lines = text.split("\n")

    def at(span: Span) -> str:
        if span.line == span.end_line:
            return lines[span.line - 1][span.column - 1 : span.end_column - 1]
        return "\n".join(
            [
                lines[span.line - 1][span.column - 1 :],
                *lines[span.line : span.end_line - 1],
                lines[span.end_line - 1][: span.end_column - 1],
            ]
        )

    def visit(item: Any, pointer: str) -> None:
        assert json.loads(at(parsed.locate(pointer, False))) == item
        children = item.items() if isinstance(item, dict) else enumerate(item)
        for key, child in children:
            place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if isinstance(item, dict):
                assert json.loads(at(parsed.locate(place, True))) == key
            if isinstance(child, dict | list):
                visit(child, place)

    if isinstance(value, dict | list):
        visit(value, "")


printable = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))


@given(st.dictionaries(printable, st.lists(printable | st.integers() | st.booleans())))
def test_json_is_read_alike_as_yaml(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    found = yaml(text)
    assert found.diagnostics == []
    assert json.dumps(found.root, ensure_ascii=False) == text


def test_a_missing_place_is_its_nearest_parent() -> None:
    assert yaml("a:\n  b: 1\n").locate("/a/missing/deeper", False).line == 2
    assert JsonText("a.json", '{"a":\n{"b": 1}}').locate("/a/missing", False).line == 2


def test_a_byte_order_mark_is_no_part_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    documents, found = load(["a.yaml"], tmp_path)
    assert found == ()
    assert documents.roots[0].root == {"a": 1}
    assert documents.roots[0].span("/a", key=True).column == 1


def test_a_byte_that_is_not_utf8_is_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("a: 1\né: ".encode() + b"\xff\n")
    _, (found,) = load(["a.yaml"], tmp_path)
    assert (found.code, found.span.line, found.span.column) == ("invalid-encoding", 2, 4)


def test_a_folder_gives_its_documents_sorted_and_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    write(tmp_path, z_yaml="a: 1", a_json="{}", notes_txt="no")
    write(tmp_path / "b", c_yml="a: 1")
    write(tmp_path / ".hidden", d_yml="a: 1")
    documents, found = load([tmp_path, "gone.yaml"], tmp_path)
    assert [d.path for d in documents.roots] == ["a.json", "b/c.yml", "z.yaml"]
    assert [(d.code, d.span.path) for d in found] == [("unreadable-file", "gone.yaml")]
