"""Python names: readable, unique, and safe wherever they are put."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jararaca_compiler.naming import Names, argument_name, field_name, pascal, snake


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("orderPlaced", "order_placed"),
        ("Order-Placed", "order_placed"),
        ("HTTPServerError", "http_server_error"),
        ("shop.order.{region}.placed", "shop_order_region_placed"),
        ("ORDER_ID", "order_id"),
        ("v2Order", "v2_order"),
        ("address2", "address2"),
        ("2fa", "n2fa"),
        ("class", "class_"),
        ("__init__", "init"),
        ("+1", "plus_1"),
        ("-1", "minus_1"),
        ("$", "unnamed"),
        ("straße", "straße"),
        ("注文", "注文"),
    ],
)
def test_snake(wire: str, expected: str) -> None:
    assert snake(wire) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("orderPlaced", "OrderPlaced"),
        ("order.placed.v1", "OrderPlacedV1"),
        ("ORDER_PLACED", "OrderPlaced"),
        ("HTTPError", "HTTPError"),
        ("none", "None_"),
        ("3d model", "N3dModel"),
        ("", "Unnamed"),
    ],
)
def test_pascal(wire: str, expected: str) -> None:
    assert pascal(wire) == expected


@pytest.mark.parametrize("convert", [snake, pascal, field_name, argument_name])
@given(wire=st.text())
def test_every_name_is_an_identifier_that_python_reads_back(
    convert: Callable[[str], str], wire: str
) -> None:
    name = convert(wire)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert unicodedata.normalize("NFKC", name) == name
    assert convert(wire) == name


def test_a_field_shadows_nothing_of_its_model() -> None:
    taken = [*dir(pydantic.BaseModel), "publish", "encode", "decode", "root"]
    for name in taken:
        assert field_name(name) != name or name.startswith("_")
    for name in ("list", "str", "dt", "schemas", "model_dump_more"):
        assert field_name(name) != name
    assert field_name("modelName") == "model_name"
    assert field_name("type") == "type"
    assert field_name("id") == "id"


def test_a_model_takes_a_field_of_any_generated_name() -> None:
    for wire in ("json", "copy", "schema", "root", "model_config", "model_dump_x", "_private"):
        name = field_name(wire)
        members = {"__annotations__": {name: int}, name: pydantic.Field(alias=wire)}
        model: Any = type("M", (pydantic.BaseModel,), members)
        assert getattr(model.model_validate({wire: 1}), name) == 1


@given(st.lists(st.text(max_size=4), max_size=30))
def test_names_are_handed_out_once_and_alike_each_time(wires: list[str]) -> None:
    def all_names() -> list[str]:
        names = Names()
        return [names.take(field_name(wire)) for wire in wires]

    found = all_names()
    assert len(set(found)) == len(found)
    assert found == all_names()


def test_a_name_that_comes_later_leaves_the_earlier_ones() -> None:
    names = Names({"reserved"})
    assert names.take("a", "b") == "a"
    assert names.take("a", "b") == "b"
    assert names.take("a", "b") == "a_2"
    assert names.take("reserved") == "reserved_2"
    assert names.take("class_") == "class_"
    assert names.take("class_") == "class_2"


def test_candidates_behind_a_free_one_are_not_made() -> None:
    names = Names({"a"})
    candidates = iter(["a", "b", "c"])
    assert names.take_first(candidates) == "b"
    assert list(candidates) == ["c"]
    assert names.take_first(iter(["a", "b"])) == "a_2"
