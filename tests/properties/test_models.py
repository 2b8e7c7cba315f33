"""Any schema, however hostile, becomes a class that says just what the schema says."""

from __future__ import annotations

import ast
import json
import tempfile
from pathlib import Path
from typing import Any

import black
import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jararaca import DecodeError

from tests.support.models import document, imported, sources

NAMES = st.sampled_from(["a", "b", "a-b", "a_b", "class", "Model", ""])
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3).map(lambda f: round(f, 1))
)
VALUES = st.recursive(
    SCALARS | st.text("ab1-", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def _keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    counts, bounds = st.integers(0, 3), st.integers(-2, 3) | st.sampled_from([0.5, 1.5])
    types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
    some = st.lists(inner, min_size=1, max_size=3)
    properties = st.dictionaries(NAMES, inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": types | st.lists(types, min_size=1, max_size=2, unique=True),
            "properties": properties,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=1),
            "minProperties": counts,
            "items": inner,
            "prefixItems": some,
            "minItems": counts,
            "uniqueItems": st.booleans(),
            "contains": inner,
            "minLength": counts,
            "maxLength": counts,
            "pattern": st.sampled_from(["^a", "\\d", "(?=b)", "[ab]$", "^(?!a)"]),
            "minimum": bounds,
            "exclusiveMaximum": bounds,
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "if": inner,
            "then": inner,
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
            "unevaluatedProperties": inner,
        },
    )


SCHEMAS = st.recursive(st.booleans() | _keywords(st.just(True)), _keywords, max_leaves=8)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(schema=SCHEMAS, values=st.lists(VALUES, min_size=8, max_size=20))
def test_a_class_takes_what_its_schema_takes(schema: Any, values: list[Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema)
    with tempfile.TemporaryDirectory() as folder:
        cls = imported(Path(folder), sources(Path(folder), document({"M": _modern(schema)}))).M
        for value in values:
            assert _takes(cls, value) is validator.is_valid(value), (schema, value)


def _modern(schema: Any) -> Any:
    """AsyncAPI's schemas are draft 7's unless they say more."""
    format = "application/schema+json;version=2020-12"
    return {"schemaFormat": format, "schema": schema}


def _takes(cls: Any, value: Any) -> bool:
    try:
        message = cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    assert json.loads(message.encode()) == value
    return True


HOSTILE = st.text(max_size=30) | st.sampled_from(
    [
        '"""\nimport os; os.abort()\n"""',
        "\\",
        '\\"""',
        '"',
        "'",
        "'''",
        '")\nos.abort()\n("',
        "\r\nimport os",
        "\x00",
        "\u202e\u2066",
        "\N{LINE SEPARATOR}import os",
        "{__import__('os').abort()}",
        "#\nimport os",
        "%s{}\\N{BULLET}",
        "\f",
        "end with \\",
    ]
).filter(lambda text: text.isascii() or text.encode("utf-8", "ignore").decode() == text)
ALLOWED = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Expr)
INSIDE = (ast.ClassDef, ast.Expr, ast.Assign, ast.AnnAssign, ast.AsyncFunctionDef)
CALLED = {"Field", "JsonSchema", "ConfigDict", "self._publish"}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(HOSTILE, min_size=12, max_size=12))
def test_no_text_of_a_document_becomes_code(words: list[str]) -> None:
    key, title, about, pattern, default, value, const, prop, topic, name, note, enum = words
    payload = {
        "type": "object",
        "title": title,
        "description": about,
        "properties": {
            prop: {"type": "string", "description": note, "default": default, "pattern": pattern},
            f"{prop}2": {"enum": [value, const], "default": value},
            f"{prop}3": {"not": {"const": {const: value}}},
            f"{prop}4": {"$ref": "#/components/schemas/Kind"},
            f"{prop}5": {
                "oneOf": [{"title": title, "type": "object", "properties": {key: {}}}] * 2
            },
        },
    }
    root = document(
        {"M": payload}, {"Kind": {"enum": [enum, value], "description": note}}, name=name
    )
    root["info"]["title"] = title
    root["channels"]["M"]["address"] = f"x.{topic}"
    root["channels"]["M"]["description"] = about
    with tempfile.TemporaryDirectory() as folder:
        texts = _compiled_or_refused(Path(folder), root)
    for text in texts.values():
        _is_only_classes(text)
        assert black.format_str(text, mode=black.Mode(line_length=100)) == text


def _compiled_or_refused(folder: Path, root: dict[str, Any]) -> dict[str, str]:
    try:
        return sources(folder, root)
    except AssertionError:
        return {}


def _is_only_classes(text: str) -> None:
    assert not any(c in text for c in "\x00\u202e\u2066\r\f\N{LINE SEPARATOR}")
    tree = ast.parse(text)
    mark = ast.dump(ast.parse("__generated__ = True").body[0])
    assert all(isinstance(node, ALLOWED) or ast.dump(node) == mark for node in tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            assert all(isinstance(part, INSIDE) for part in node.body)
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant | ast.Await)
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) in CALLED
        if isinstance(node, ast.ImportFrom):
            assert node.module in (None, *_MODULES)


_MODULES = (
    "__future__",
    "collections.abc",
    "decimal",
    "enum",
    "ipaddress",
    "typing",
    "uuid",
    "jararaca",
    "pydantic",
)
