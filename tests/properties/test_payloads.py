"""The testing kit's values are accepted by their classes, whatever the schema asks for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jararaca import Message
from jararaca.testing import NoExampleError, example, generated

from generated.accounts import routes as accounts
from generated.shop import messages, schemas
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse
from tests.support.models import compiled, document, imported, sources

NAMES = st.sampled_from(["id", "userId", "order-no", "class", "amount", "Tags", "note"])
PATTERNS = ["^[A-Z]{3}-[0-9]+$", "^tok_[a-z0-9_]+$", r"^\d{4}-\d{2}$", "^(a|b)+$", "[ab]$"]
FORMATS = ["uuid", "date", "date-time", "time", "email", "uri", "ipv4", "ipv6", "duration"]
BOUNDS = {"minimum": st.integers(-5, 5), "maximum": st.integers(6, 20)}
LENGTHS = {"minLength": st.integers(0, 5), "maxLength": st.integers(5, 20)}


def _of(kind: str, **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"type": st.just(kind), **keywords})


SCALARS = st.one_of(
    _of("string", **LENGTHS),
    _of("string", pattern=st.sampled_from(PATTERNS)),
    _of("string", format=st.sampled_from(FORMATS)),
    st.sampled_from([{"const": "x"}, {"enum": ["a", 1, None]}, {"type": ["string", "null"]}]),
    _of("boolean"),
    _of("integer", **BOUNDS),
    _of("number", **BOUNDS),
    _of("number", exclusiveMinimum=st.integers(-5, 5)),
    _of("integer", multipleOf=st.sampled_from([2, 5])),
    _of("number", multipleOf=st.sampled_from([0.5, 0.25])),
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    counts = {"minItems": st.integers(0, 2), "maxItems": st.integers(2, 4)}
    return st.one_of(
        _objects(inner),
        _of("array", items=inner, **counts),
        _of("array", items=_of("integer"), uniqueItems=st.just(True), **counts),
        _of("array", prefixItems=st.lists(inner, min_size=1, max_size=2), minItems=st.just(1)),
        _of("array", contains=SCALARS),
        _of("object", additionalProperties=inner, minProperties=st.integers(0, 2)),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"anyOf": some}),
    )


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def of(properties: dict[str, Any]) -> st.SearchStrategy[Any]:
        names = st.sampled_from(sorted(properties)) if properties else st.nothing()
        return st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.just(properties),
                "required": st.lists(names, unique=True),
            },
            optional={"additionalProperties": st.just(False)},
        )

    return st.dictionaries(NAMES, inner, max_size=4).flatmap(of)


SCHEMAS = _objects(st.recursive(SCALARS, _nested, max_leaves=6))


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(schema=SCHEMAS)
def test_a_value_is_made_for_any_schema_that_has_one(schema: Any) -> None:
    modern = {"schemaFormat": "application/schema+json;version=2020-12", "schema": schema}
    with tempfile.TemporaryDirectory() as folder:
        cls = imported(Path(folder), sources(Path(folder), document({"M": modern}))).M
        validator = jsonschema_rs.Draft202012Validator(schema)
        for seed in range(3):
            made = generated(cls, seed)
            assert cls.decode(made.encode()) == made
            assert validator.is_valid(json.loads(made.encode()))
            assert generated(cls, seed).encode() == made.encode()


EVERY = [message for each in (shop, warehouse, accounts) for message in each.SERVICE.messages]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_class_of_the_shop_accepts_the_values_made_for_it(kind: type[Message]) -> None:
    for seed in range(20):
        made = generated(kind, seed)
        assert kind.decode(made.encode()) == made
    assert kind.decode(example(kind).encode()) == example(kind)


def test_an_example_is_the_documents_first_with_what_is_replaced() -> None:
    order = example(messages.PlaceOrder)
    assert order.customer.name == "Ada Lovelace"
    changed = example(messages.PlaceOrder, region="us", note="ring twice")
    assert (changed.region, changed.note) == ("us", "ring twice")
    assert changed.customer == order.customer
    with pytest.raises(ValueError, match="region"):
        example(messages.PlaceOrder, region="moon")


def test_a_part_of_a_message_is_made_too_with_what_is_replaced() -> None:
    money = example(schemas.CommonMoney, currency="EUR")
    assert money.currency == "EUR"
    assert generated(schemas.CommonMoney, 1) != generated(schemas.CommonMoney, 2)


def test_a_schema_that_nothing_fits_is_told(tmp_path: Path) -> None:
    impossible = {"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}}
    kind = compiled(tmp_path, {"M": impossible}).M
    with pytest.raises(NoExampleError, match="give the message an example in the document"):
        generated(kind)
