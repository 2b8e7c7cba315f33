"""What compiled classes accept and write: what their schemas say, no more and no less."""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from jararaca import ConfigurationError, DecodeError, Message
from jararaca.messages.values import schema_check
from pydantic import ValidationError

from tests.support.models import compiled

UUID = "3f2b1c9e-1111-4222-8333-444455556666"
JUNK: tuple[Any, ...] = (None, True, False, 0, 1, 1.0, 1.5, "", "1", "a", [], [1], {}, {"a": 1})


def accepts(cls: Any, value: Any) -> bool:
    """Whether the class takes a value, as JSON and as Python's form of it: both agree."""
    results = set()
    try:
        cls.decode(json.dumps(value).encode())
        results.add(True)
    except DecodeError:
        results.add(False)
    try:
        cls.model_validate(value)
        results.add(True)
    except ValidationError:
        results.add(False)
    assert len(results) == 1, value
    return results.pop()


@pytest.fixture
def root_of(tmp_path: Path) -> Iterator[Any]:
    def make(schema: Any, components: Any = None) -> Any:
        return compiled(tmp_path, {"M": schema}, components).M

    yield make


@pytest.mark.parametrize(
    ("schema", "accepted"),
    [
        ({"type": "integer"}, [0, 1, 1.0]),
        ({"type": "number"}, [0, 1, 1.0, 1.5]),
        ({"type": "boolean"}, [True, False]),
        ({"type": "string"}, ["", "1", "a"]),
        ({"type": "null"}, [None]),
        ({"type": "array"}, [[], [1]]),
        ({"type": ["integer", "null"]}, [None, 0, 1, 1.0]),
        ({"type": "string", "minLength": 1, "pattern": "^\\d"}, ["1"]),
        ({"type": "integer", "exclusiveMinimum": 0.5}, [1, 1.0]),
        ({"const": 1}, [1, 1.0]),
        ({"const": True}, [True]),
        ({"enum": [0, "a", None]}, [None, 0, "a"]),
        ({"enum": [{"a": 1}, 1.5]}, [1.5, {"a": 1}]),
        ({"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, [True, False, 0, 1, 1.0]),
        ({"oneOf": [{"type": "number"}, {"type": "integer"}]}, [1.5]),
        ({"allOf": [{"type": "number"}, {"minimum": 1}, {"maximum": 1}]}, [1, 1.0]),
        ({"type": "array", "contains": {"const": 1}}, [[1]]),
        ({"type": "object", "minProperties": 1}, [{"a": 1}]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, [{}]),
        ({"type": "object", "properties": {"b": {}}, "required": ["a"]}, [{"a": 1}]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, [{}]),
        ({"type": "object", "additionalProperties": False}, [{}]),
        ({"type": "object", "const": None}, []),
        ({"type": "object", "const": {"a": 1}}, [{"a": 1}]),
        (False, []),
        (True, list(JUNK)),
        ({"not": {"type": ["string", "null"]}}, [v for v in JUNK if not isinstance(v, str | None)]),
    ],
)
def test_each_kind_of_value_is_told_apart(schema: Any, accepted: list[Any], root_of: Any) -> None:
    cls = root_of(schema)
    found = [value for value in JUNK if accepts(cls, value)]
    assert [(type(v), v) for v in found] == [(type(v), v) for v in accepted]


@pytest.mark.parametrize(
    ("format", "good", "bad", "kind"),
    [
        ("uuid", UUID, "no", uuid.UUID),
        ("date-time", "2026-11-24T09:30:00Z", "5", dt.datetime),
        ("date", "2026-11-24", "2026-11-24T00:00:00Z", dt.date),
        ("time", "09:30:00Z", "5", dt.time),
        ("duration", "PT5M", "5", dt.timedelta),
        ("email", "ada@example.test", "ada", str),
        ("uri", "https://example.com", "example", str),
        ("ipv4", "127.0.0.1", "127.0.0", None),
        ("decimal", "1.50", "one", None),
    ],
)
def test_formats_are_python_types_of_a_text(
    format: str, good: str, bad: str, kind: type | None, root_of: Any
) -> None:
    cls = root_of({"type": "object", "properties": {"a": {"type": "string", "format": format}}})
    assert accepts(cls, {"a": good})
    assert not accepts(cls, {"a": bad})
    assert not accepts(cls, {"a": 5})
    made = cls.model_validate({"a": good})
    assert json.loads(made.encode()) == {"a": good}
    assert kind is None or type(made.a) is kind
    assert cls(a=made.a) == made


def test_a_format_without_a_type_is_a_note(root_of: Any) -> None:
    assert accepts(root_of({"properties": {"a": {"format": "uuid"}}}), {"a": "no"})


def test_absent_and_null_are_told_apart(root_of: Any) -> None:
    properties = {"may": {"type": "string"}, "null": {"type": ["string", "null"]}, "any": {}}
    cls = root_of({"type": "object", "properties": properties})
    assert not accepts(cls, {"may": None})
    for value in ({}, {"null": None}, {"any": None}, {"may": "x"}):
        assert json.loads(cls.model_validate(value).encode()) == value
    assert cls(may=None).encode() == b"{}"
    message = cls(may="x")
    message.may = None
    assert message.encode() == b"{}"


def test_what_is_not_declared_survives(root_of: Any) -> None:
    nested = {"type": "object", "properties": {"a": {"type": "integer"}}}
    cls = root_of({"type": "object", "properties": {"b": nested, "orderId": {"type": "string"}}})
    value = {"b": {"a": 1, "more": [None, {"x": 1.5}]}, "order_id": 5, "publish": None, "c": {}}
    message = cls.decode(json.dumps(value).encode())
    assert message.order_id is None
    assert json.loads(message.encode()) == value


def test_undeclared_properties_have_their_type(root_of: Any) -> None:
    extra = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    cls = root_of(
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": extra}
    )
    assert accepts(cls, {"a": "x", "other": {"n": 1}})
    assert not accepts(cls, {"a": "x", "other": {"n": "1"}})
    assert cls.model_validate({"other": {"n": 1}}).other.n == 1


def test_a_schema_without_a_type_takes_other_values_as_they_are(root_of: Any) -> None:
    loose: dict[str, Any] = {"properties": {"a": {"type": "integer"}}, "required": ["a"]}
    cls = root_of({**loose, "properties": {**loose["properties"], "in": loose}})
    assert not accepts(cls, {})
    for value in (5, "x", None, [1], {"a": 1, "in": [2]}, {"a": 1, "in": {"a": 3}}):
        message = cls.decode(json.dumps(value).encode())
        assert json.loads(message.encode()) == value
    assert cls.decode(b"5").model_value == 5
    assert cls.decode(b"5") != cls.decode(b"6")
    assert cls.decode(b'{"a": 1}').model_value is None


def test_variants_are_told_apart_by_their_constant(root_of: Any) -> None:
    def variant(kind: str, **properties: Any) -> dict[str, Any]:
        fields = {"payKind": {"const": kind}, **properties}
        return {"type": "object", "required": ["payKind"], "properties": fields}

    components = {
        "Card": variant(
            "card", token={"type": "string"}, also={"$ref": "#/components/schemas/Pay"}
        ),
        "Cash": {**variant("cash"), "minProperties": 1},
        "Pay": {
            "oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Cash"}]
        },
    }
    pay = {"$ref": "#/components/schemas/Pay"}
    cls = root_of({"type": "object", "required": ["pay"], "properties": {"pay": pay}}, components)
    made = cls.decode(b'{"pay": {"payKind": "card", "also": {"payKind": "cash"}}}')
    assert type(made.pay).__name__ == "Card"
    with pytest.raises(DecodeError, match=r"pay\.card\.token: Input should be a valid string"):
        cls.decode(b'{"pay": {"payKind": "card", "token": 5}}')
    with pytest.raises(DecodeError, match="'payKind'"):
        cls.decode(b'{"pay": {"payKind": "cheque"}}')


@pytest.mark.parametrize(
    "beside", [{"enum": [True, "cat", None]}, {"maxLength": 3}, {"type": ["string", "null"]}]
)
def test_a_constant_with_more_beside_it_tells_variants_apart(
    beside: dict[str, Any], root_of: Any
) -> None:
    variants = [
        {"type": "object", "required": ["kind"], "properties": {"kind": kind}}
        for kind in ({**beside, "const": "cat"}, {"const": "dog"})
    ]
    root = root_of({"discriminator": "kind", "oneOf": variants})
    assert root.decode(b'{"kind":"cat"}').encode() == b'{"kind":"cat"}'
    assert root.decode(b'{"kind":"dog"}').encode() == b'{"kind":"dog"}'
    with pytest.raises(DecodeError):
        root.decode(b'{"kind":null}')


def test_a_constant_that_is_none_of_the_values_beside_it_takes_nothing(root_of: Any) -> None:
    root = root_of({"const": "cat", "enum": ["dog"]})
    for value in (b'"cat"', b'"dog"', b"null"):
        with pytest.raises(DecodeError):
            root.decode(value)


def test_a_recursive_schema_is_a_recursive_class(root_of: Any) -> None:
    node = {
        "type": "object",
        "properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}
        },
        "additionalProperties": False,
    }
    cls = root_of({"$ref": "#/components/schemas/Node"}, {"Node": node})
    assert accepts(cls, {"children": [{"children": []}, {}]})
    assert not accepts(cls, {"children": [{"children": [5]}]})


def test_a_recursive_value_without_fields_has_a_class_too(root_of: Any) -> None:
    tree = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    cls = root_of(
        {"type": "object", "properties": {"tree": {"$ref": "#/components/schemas/Tree"}}},
        {"Tree": tree},
    )
    assert accepts(cls, {"tree": [[], [[]]]})
    assert not accepts(cls, {"tree": [[], [5]]})
    assert cls.model_validate({"tree": [[]]}).encode() == b'{"tree":[[]]}'


def test_all_of_is_one_class_where_it_can_be(root_of: Any) -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    more = {"type": "object", "properties": {"id": {"minLength": 2}, "n": {"type": "integer"}}}
    cls = root_of({"allOf": [{"$ref": "#/components/schemas/Base"}, more]}, {"Base": base})
    assert cls.JSON_SCHEMA is None
    assert accepts(cls, {"id": "ab", "n": 1})
    assert not accepts(cls, {"id": "a"})
    assert not accepts(cls, {"n": 1})
    closed = root_of({"allOf": [{**base, "additionalProperties": False}, more]})
    assert accepts(closed, {"id": "ab"})
    assert not accepts(closed, {"id": "ab", "n": 1})


def test_a_check_looks_at_what_a_constructor_makes(root_of: Any) -> None:
    cls = root_of(
        {
            "type": "object",
            "properties": {"aB": {"type": "string", "format": "date"}, "c": {"not": {"const": 1}}},
            "dependentRequired": {"aB": ["c"]},
        }
    )
    assert cls(a_b=dt.date(2026, 11, 24), c=2).encode() == b'{"aB":"2026-11-24","c":2}'
    for wrong in ({"a_b": dt.date(2026, 11, 24)}, {"c": 1}):
        with pytest.raises(ValidationError):
            cls(**wrong)


def test_defaults_are_read_and_not_written(root_of: Any) -> None:
    properties = {
        "n": {"type": "integer", "default": 3},
        "x": {"type": "number", "default": 1},
        "s": {"enum": ["a", "b"], "default": "b"},
        "e": {"$ref": "#/components/schemas/E", "default": "two"},
        "bad": {"type": "integer", "default": "many"},
    }
    cls = root_of({"type": "object", "properties": properties}, {"E": {"enum": ["one", "two"]}})
    message = cls.decode(b"{}")
    assert (message.n, message.x, message.s, message.bad) == (3, 1.0, "b", None)
    assert message.encode() == b"{}"


def test_a_default_that_its_schema_refuses_or_that_never_ends_is_none(root_of: Any) -> None:
    loop = {
        "type": "object",
        "properties": {"again": {"$ref": "#/components/schemas/Loop"}},
        "default": {},
    }
    properties = {
        "list": {"type": "array", "items": {"type": "string"}, "default": [1]},
        "naive": {"type": "string", "format": "date-time", "default": "2024-01-01T00:00:00"},
        "loop": {"$ref": "#/components/schemas/Loop"},
        "small": {"type": "integer", "minimum": 5, "default": 1},
        "odd": {"type": "integer", "multipleOf": 2, "default": 3},
        "below": {"type": "number", "exclusiveMaximum": 5, "default": 5},
        "short": {"type": "string", "minLength": 2, "default": "a"},
        "other": {"type": "string", "pattern": "^a", "default": "b"},
    }
    message = root_of({"type": "object", "properties": properties}, {"Loop": loop}).decode(b"{}")
    assert (message.list_, message.naive, message.loop) == (None, None, None)
    assert (message.small, message.odd, message.below) == (None, None, None)
    assert (message.short, message.other) == (None, None)


def test_a_missing_validator_is_named(root_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cls = root_of({"type": "string", "not": {"const": "x"}})
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    schema_check._validator.cache_clear()
    with pytest.raises(ConfigurationError, match=r"jararaca-contracts\[schema\]"):
        cls.decode(b'"a"')


def test_importing_builds_no_class(tmp_path: Path) -> None:
    module = compiled(tmp_path, {f"M{n}": {"type": "object"} for n in range(5)})
    assert not any(getattr(module, f"M{n}").__pydantic_complete__ for n in range(5))
    module.M1.decode(b"{}")
    assert [n for n in range(5) if getattr(module, f"M{n}").__pydantic_complete__] == [1]


def test_a_message_written_by_hand_sets_class_variables_with_and_without_annotations() -> None:
    class Base(Message):
        MESSAGE_TOPIC = "a.b"
        count: int = 0

    class Derived(Base):
        MESSAGE_TYPE: ClassVar[Literal["event", "task"]] = "task"
        note: str = ""

    assert (Derived.MESSAGE_TOPIC, Derived.MESSAGE_TYPE) == ("a.b", "task")
    assert list(Derived.model_fields) == ["count", "note"]
    assert Derived.decode(b'{"count": 1}').count == 1


def test_no_field_hides_a_method_of_its_message(tmp_path: Path) -> None:
    methods = [name for name in dir(Message) if not name.startswith(("_", "MESSAGE"))]
    properties = {name: {"type": "string"} for name in methods}
    message = compiled(tmp_path, {"M": {"type": "object", "properties": properties}}).M
    for name in methods:
        assert name not in message.model_fields
    value = dict.fromkeys(methods, "x")
    assert json.loads(message.decode(json.dumps(value).encode()).encode()) == value
