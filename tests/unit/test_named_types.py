"""A name for one type, which several fields have: each of them takes what the type takes."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from jararaca import DecodeError, Model, TypeAliasType
from jararaca.messages.model import json_value
from pydantic import IPvAnyAddress, ValidationError

from tests.support.models import compiled

NAMED: tuple[tuple[Any, Any, Any], ...] = (
    (int, 1, "1"),
    (float, 1.5, "1.5"),
    (bool, True, 1),
    (str, "a", 1),
    (Literal["a", 1, True], 1, 2),
    (UUID, "3f2b1c9e-1111-4222-8333-444455556666", "3f2b1c9e111142228333444455556666"),
    (date, "2026-11-29", 5),
    (datetime, "2026-11-29T12:00:00Z", 5),
    (time, "12:00:00Z", 5),
    (timedelta, "PT5S", 5),
    (Decimal, "1.5", 1.5),
    (IPvAnyAddress, "127.0.0.1", "x"),
    (int | UUID, 1, "1"),
    (list[int], [1], ["1"]),
)


@pytest.mark.parametrize(("kind", "good", "bad"), NAMED, ids=[str(each[0]) for each in NAMED])
def test_fields_share_a_named_type(kind: Any, good: Any, bad: Any) -> None:
    Named = TypeAliasType("Named", kind)

    class Inner(Model):
        first: Named
        second: list[Named]

    class Outer(Model):
        inner: Inner
        third: Named

    class Alone(Model):
        it: kind

    value = {"inner": {"first": good, "second": [good]}, "third": good}
    assert json_value(Outer.model_validate(value)) == value
    assert json_value(Outer.model_validate_json(json.dumps(value))) == value
    for wrong in (
        {**value, "third": bad},
        {**value, "inner": {"first": bad, "second": []}},
        {**value, "inner": {"first": good, "second": [bad]}},
    ):
        with pytest.raises(ValidationError):
            Outer.model_validate(wrong)
        with pytest.raises(ValidationError):
            Outer.model_validate_json(json.dumps(wrong))
    described = Outer.model_json_schema()
    assert described["properties"]["third"] == {"$ref": "#/$defs/Named"}
    alone = Alone.model_json_schema()["properties"]["it"]
    assert {"title": "It", **described["$defs"]["Named"]} == {"title": "It", **alone}


def test_what_is_left_of_variants_has_a_name_in_a_class_for_any_value(tmp_path: Path) -> None:
    """Objects that contradict the `type` beside them leave the type, under the schema's name."""
    deep: dict[str, Any] = {
        name: {"properties": {name: {"properties": {"x": {}}}}} for name in "abcdef"
    }
    objects = [{"properties": deep}, {"properties": deep}]
    components = {
        "Odd": {"anyOf": objects, "type": "integer"},
        "Holder": {"allOf": [{"properties": {"kind": {"$ref": "#/components/schemas/Odd"}}}]},
    }
    holder = {"anyOf": [{"$ref": "#/components/schemas/Holder"}]}
    payload = {"properties": {"inner": {"properties": {"c": holder}}}}
    cls = compiled(tmp_path, {"M": payload}, components).M
    body = b'{"inner":{"c":{"kind":1}}}'
    assert cls.decode(body).encode() == body
    with pytest.raises(DecodeError):
        cls.decode(b'{"inner":{"c":{"kind":"1"}}}')
