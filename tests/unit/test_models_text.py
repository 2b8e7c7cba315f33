"""Generated classes as people read them: the text, its names, and what may not change it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import black
import pytest
from jararaca import DecodeError

from tests.support.models import document, imported, sources

MONEY = {
    "type": "object",
    "description": "Cents.",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {"amount": {"type": "integer"}},
}
ORDER: dict[str, Any] = {
    "type": "object",
    "title": "An order",
    "required": ["orderId", "customer", "total"],
    "properties": {
        "orderId": {"type": "string", "format": "uuid"},
        "customer": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string", "minLength": 1, "description": "In full."}},
        },
        "total": {"$ref": "#/components/schemas/Money"},
        "priority": {"$ref": "#/components/schemas/Priority"},
        "note": {"type": "string"},
        "closed": {"type": ["string", "null"], "format": "date-time"},
    },
}
COMPONENTS = {"Money": MONEY, "Priority": {"type": "string", "enum": ["low", "very-high"]}}

MESSAGES = '''"""Messages of Test."""

__generated__ = True

import datetime as dt
from typing import Annotated
from uuid import UUID

from jararaca import Message, Model, Omittable
from pydantic import Field

from . import schemas


class OrderPlaced(Message):
    """An order"""

    MESSAGE_TOPIC = "test.OrderPlaced"

    class Customer(Model):
        name: Annotated[str, Field(min_length=1)]
        """In full."""

    order_id: Annotated[UUID, Field(alias="orderId")]
    customer: Customer
    total: schemas.Money
    priority: Omittable[schemas.Priority] = None
    note: Omittable[str] = None
    closed: dt.datetime | None = None
'''
SCHEMAS = '''"""Schemas of Test."""

from __future__ import annotations

from enum import StrEnum

from jararaca import Model
from pydantic import ConfigDict


class Priority(StrEnum):
    LOW = "low"
    VERY_HIGH = "very-high"


class Money(Model):
    """Cents."""

    model_config = ConfigDict(extra="forbid")

    amount: int
'''


def test_a_document_reads_like_a_person_wrote_the_classes(tmp_path: Path) -> None:
    texts = sources(tmp_path, document({"OrderPlaced": ORDER}, COMPONENTS))
    assert texts == {"messages.py": MESSAGES, "schemas.py": SCHEMAS}


def test_a_payload_that_is_a_component_has_its_fields(tmp_path: Path) -> None:
    ref = {"$ref": "#/components/schemas/Order"}
    texts = sources(tmp_path, document({"OrderPlaced": ref}, {**COMPONENTS, "Order": ORDER}))
    assert texts["messages.py"] == MESSAGES


def test_a_text_that_is_the_name_of_its_field_once_more_is_left_out(tmp_path: Path) -> None:
    texts = {"orderId": "Order ID", "at": "at", "by": "By whom"}
    properties = {name: {"type": "string", "title": text} for name, text in texts.items()}
    payload = {"type": "object", "properties": properties}
    text = sources(tmp_path, document({"M": payload}))["messages.py"]
    assert '"""By whom"""' in text
    assert '"""Order ID"""' not in text and '"""at"""' not in text


def test_a_text_may_stand_in_a_class_as_deep_as_the_page_is_wide(tmp_path: Path) -> None:
    payload: dict[str, Any] = {"type": "string", "description": "A note of many words. " * 9}
    for number in range(30):
        payload = {"type": "object", "properties": {f"p{number}": payload}}
    assert "A note of many" in sources(tmp_path, document({"M": payload}))["messages.py"]


def test_nothing_shared_makes_no_second_module(tmp_path: Path) -> None:
    assert list(sources(tmp_path, document({"Ping": {"type": "object"}}))) == ["messages.py"]


def test_another_message_or_order_changes_no_class(tmp_path: Path) -> None:
    alone = sources(tmp_path, document({"OrderPlaced": ORDER}, COMPONENTS))
    other = copy.deepcopy(ORDER)
    other["properties"]["customer"]["properties"]["age"] = {"type": "integer"}
    more = {"Added": other, "OrderPlaced": ORDER, "Customer": MONEY}
    many = sources(tmp_path, document(more, {"Extra": MONEY, **COMPONENTS}))
    for path, text in alone.items():
        for block in text.split("\n\n\n")[1:]:
            assert block.strip() in many[path]
    turned = document(dict(reversed(more.items())), dict(reversed(COMPONENTS.items())))
    assert sources(tmp_path, turned) == many


def test_any_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from tests.support.models import sources;"
        "from tests.unit.test_models_text import *;"
        "made = sources(pathlib.Path(sys.argv[1]), document({'O': ORDER, 'P': MONEY}, COMPONENTS));"
        "sys.stdout.write(made['messages.py'] + made['schemas.py'])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(outputs) == 1


LONG = "word " * 40
WIDE = {
    "type": "object",
    "description": f'{LONG}\n\n* {LONG}\n  {"x" * 120}\nends with a "quote"',
    "properties": {
        "aVeryLongPropertyNameThatGoesOn": {
            "type": "string",
            "pattern": "^[a-z]{1,3}-[A-Z]{1,3}-[0-9]{4,12}$",
            "description": "x" * 93,
        },
        "anotherVeryLongPropertyName": {"enum": [f"value number {n}" for n in range(12)]},
        "oneMore": {"not": {"enum": [{"a": [1, 2.5, None, True, "x" * 90]}, "y" * 30, "z" * 30]}},
        "deep": {
            "type": "array",
            "items": {"type": "array", "items": {"enum": ["a" * 40, "b" * 40]}},
        },
    },
    "if": {"required": ["aVeryLongPropertyNameThatGoesOn"]},
    "then": {"required": ["anotherVeryLongPropertyName"], "minProperties": 3},
}


@pytest.mark.parametrize(
    "payload", [ORDER, WIDE, {"type": "array", "items": WIDE}, True, WIDE["if"]]
)
def test_black_leaves_the_text_alone(payload: Any, tmp_path: Path) -> None:
    names = {"A": payload, "N" + "a" * 90: payload}
    texts = sources(tmp_path, document(names, COMPONENTS))
    for text in texts.values():
        assert black.format_str(text, mode=black.Mode(line_length=100)) == text


def test_parameters_and_headers_are_arguments_of_publish(tmp_path: Path) -> None:
    root = document(
        {"Placed": ORDER},
        COMPONENTS,
        headers={"type": "object", "properties": {"trace-id": {"type": "string"}}},
    )
    root["channels"]["Placed"]["address"] = "shop.{region}.{class}.placed"
    text = sources(tmp_path, root)["messages.py"]
    assert "        region: str,\n        class_: str,\n        headers: Headers | Mapping" in text
    assert 'await self._publish({"region": region, "class": class_}, headers, message_id)' in text
    assert (
        '    class Headers(Model):\n        """The headers that it is published with."""\n' in text
    )


@pytest.mark.parametrize(
    "wires",
    [
        ("a-b", "a_b", "aB"),
        ("class", "class_", "None", "def"),
        ("__init__", "__dict__", "init"),
        ("model_config", "model_fields", "json", "copy", "dict", "model_value"),
        ("", " ", "$", "#"),
        ("schemas", "dt", "str", "list", "int", "bool", "self", "Field", "uuid", "UUID"),
        ("注文", "straße", "ﬁ", "fi", "é", "e\u0301"),
        ("publish", "encode", "decode", "headers", "MESSAGE_TOPIC", "JSON_SCHEMA"),
    ],
)
def test_any_set_of_property_names_becomes_fields(wires: tuple[str, ...], tmp_path: Path) -> None:
    forms: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "object", "properties": {wire: {"type": "integer"} for wire in wires}},
    ]
    for number, form in enumerate(forms):
        payload = {
            "type": "object",
            "required": list(wires),
            "properties": dict.fromkeys(wires, form),
        }
        module = imported(tmp_path, sources(tmp_path, document({f"Named{number}": payload})))
        cls = getattr(module, f"Named{number}")
        value: dict[str, Any] = {wire: wire if number == 0 else {wire: 7} for wire in wires}
        message = cls.model_validate(value)
        fields = cls.model_fields
        assert {n if f.alias is None else f.alias for n, f in fields.items()} == set(wires)
        assert message.model_dump(mode="json", by_alias=True, exclude_unset=True) == value


def test_messages_may_be_called_like_what_the_module_imports(tmp_path: Path) -> None:
    names = ("Message", "Model", "Field", "UUID", "Any", "Omittable", "Headers", "StrEnum")
    module = imported(
        tmp_path, sources(tmp_path, document(dict.fromkeys(names, ORDER), COMPONENTS))
    )
    for name in names:
        cls = getattr(module, f"{name}_")
        assert name == cls.MESSAGE_NAME
        assert "customer" in cls.model_fields


def test_schemas_of_one_name_in_several_places_are_all_there(tmp_path: Path) -> None:
    payload = {
        "type": "object",
        "properties": {
            "own": {"$ref": "#/components/schemas/Money"},
            "other": {"$ref": "common.json#/$defs/Money"},
            "file": {"$ref": "money.json"},
            "like": {"$ref": "#/components/schemas/money"},
        },
    }
    money = {"type": "object", "properties": {"cents": {"type": "integer"}}}
    texts = sources(
        tmp_path,
        document({"Paid": payload}, {"Money": MONEY, "money": money}),
        common={"$defs": {"Money": money}},
        money=money,
    )
    assert "    own: Omittable[schemas.Money] = None" in texts["messages.py"]
    assert "    other: Omittable[schemas.CommonMoney] = None" in texts["messages.py"]
    assert texts["schemas.py"].count("class ") == 4
    imported(tmp_path, texts).Paid.model_validate({"file": {"cents": 1}})


def test_what_many_checks_refer_to_is_written_once(tmp_path: Path) -> None:
    count = 60
    components = {
        f"T{n}": {
            "type": "object",
            "properties": {
                "next": {"$ref": f"#/components/schemas/T{(n + 1) % count}"},
                "many": {
                    "type": "array",
                    "items": {"$ref": f"#/components/schemas/T{(n * 7 + 3) % count}"},
                    "uniqueItems": True,
                },
            },
            "dependentRequired": {"many": ["next"]},
        }
        for n in range(count)
    }
    root = document({"M": {"$ref": "#/components/schemas/T0"}}, components)
    texts = sources(tmp_path, root)
    assert sum(map(len, texts.values())) < 3 * len(json.dumps(root))
    cls = imported(tmp_path, texts).M
    assert cls.decode(b'{"next": {"many": [{"next": {}}], "next": {}}}')
    for wrong in (b'{"next": {"many": []}}', b'{"many": [{}, {}], "next": {}}'):
        with pytest.raises(DecodeError):
            cls.decode(wrong)


def test_a_chain_of_all_of_does_not_double_with_each_link(tmp_path: Path) -> None:
    def ref(number: int) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/A{number}"}

    components: dict[str, Any] = {
        "A0": {"type": "object", "properties": {"x": {"type": "integer"}}}
    }
    for n in range(1, 30):
        own = {"type": "object", "properties": {f"x{n}": ref(n - 1)}}
        components[f"A{n}"] = {"allOf": [ref(n - 1), {"allOf": [ref(n - 1)]}, own]}
    started = time.process_time()
    texts = sources(tmp_path, document({"M": ref(29)}, components))
    assert time.process_time() - started < 5
    assert imported(tmp_path, texts).M.decode(b'{"x": 1, "x29": {"x": 1}}').x == 1


def test_a_hundred_schemas_may_inherit_one_from_another(tmp_path: Path) -> None:
    components: dict[str, Any] = {
        "A0": {"type": "object", "properties": {"x": {"type": "integer"}}}
    }
    for n in range(1, 100):
        own = {"type": "object", "properties": {f"x{n}": {"type": "integer"}}}
        components[f"A{n}"] = {"allOf": [{"$ref": f"#/components/schemas/A{n - 1}"}, own]}
    root = document({"M": {"$ref": "#/components/schemas/A99"}}, components)
    message = imported(tmp_path, sources(tmp_path, root)).M
    assert message.decode(b'{"x": 1, "x99": 2}').encode()
    with pytest.raises(DecodeError):
        message.decode(b'{"x": "1"}')
