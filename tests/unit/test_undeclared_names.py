"""An undeclared property that is called like another one in Python says nothing of that one."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError

from tests.support.models import compiled

ORDER = {
    "type": "object",
    "properties": {
        "orderId": {"type": ["string", "null"]},
        "unitPrice": {"type": "integer", "default": 3},
        "line": {"type": "object", "properties": {"itemNo": {"type": ["integer", "null"]}}},
        "class": {"oneOf": [{"type": "null"}, {"type": "boolean"}]},
    },
}


@pytest.fixture
def order(tmp_path: Path) -> Iterator[Any]:
    yield compiled(tmp_path, {"Order": ORDER}).Order


@pytest.mark.parametrize(
    "value",
    [
        {"order_id": 5},
        {"order_id": None},
        {"order_id": 5, "orderId": None},
        {"order_id": 5, "orderId": "x"},
        {"unit_price": 1},
        {"unit_price": 1, "unitPrice": 3},
        {"class_": "x"},
        {"line": {"item_no": 1}},
        {"line": {"item_no": 1, "itemNo": None}},
        {"other": 1},
    ],
)
def test_it_is_written_as_it_came(value: Any, order: Any) -> None:
    read = [order.decode(json.dumps(value).encode()), order.model_validate(value)]
    for message in read:
        pickled = pickle.loads(pickle.dumps(message))
        for same in (message, copy.deepcopy(message), message.model_copy(deep=True), pickled):
            assert json.loads(same.encode()) == value
            assert same == message


def test_it_is_found_by_its_name_and_the_field_by_its_own(order: Any) -> None:
    message = order.decode(b'{"order_id": 5}')
    assert message.model_extra == {"order_id": 5}
    assert message.model_extra["order_id"] == 5
    assert message.order_id is None
    assert "order_id" not in message.model_fields_set
    message.order_id = "x"
    assert json.loads(message.encode()) == {"order_id": 5, "orderId": "x"}


def test_what_no_field_is_called_is_left_alone(order: Any) -> None:
    message = order.decode(b'{"other": 5}')
    assert message.model_extra is message.__pydantic_extra__


def test_a_closed_object_has_none(tmp_path: Path) -> None:
    closed = {**ORDER, "additionalProperties": False}
    order = compiled(tmp_path, {"Order": closed}).Order
    assert order.decode(b'{"orderId": null}').encode() == b'{"orderId":null}'
    with pytest.raises(DecodeError, match="order_id: Extra inputs"):
        order.decode(b'{"order_id": null}')
