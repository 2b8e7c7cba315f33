"""A form begins with a body that is valid, and a mistake in it is shown where it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jararaca import Microservice
from jararaca.dev.bodies import variants_of
from jararaca.dev.catalogue import Catalogue
from jararaca.dev.checking import Asked
from jararaca.dev.json_places import line_and_column
from jararaca.messages.base_message import from_json
from jararaca.messages.message import Message
from jararaca.messages.root_model import RootMessage
from pydantic import Field

from generated.accounts import routes as accounts
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse
from tests.desk.running import application

SHOP = Catalogue(Microservice(shop.SERVICE, warehouse.SERVICE, accounts.SERVICE))


@pytest.mark.parametrize("id", SHOP.kinds)
def test_every_variant_of_every_message_can_be_published_as_it_is(id: str) -> None:
    told = SHOP.described(id)
    assert told is not None
    assert {"Minimal"} <= {each["name"] for each in told["variants"]}
    for each in told["variants"]:
        body = json.dumps(each["payload"])
        made = Asked(SHOP.kinds[id], body, each["parameters"], each["headers"]).checked()
        assert not isinstance(made, list), (each["name"], made)


def test_examples_of_the_document_come_first_and_what_is_made_is_marked() -> None:
    told = SHOP.described("shop/PlaceOrder")
    assert told is not None
    names = [(each["name"], each.get("made", False)) for each in told["variants"]]
    assert names[0] == ("two books to Berlin", False)
    assert names[-2:] == [("Minimal", True), ("Full", True)]
    minimal, full = (each["payload"] for each in told["variants"][-2:])
    assert "note" not in minimal and "note" in full
    assert {each["name"] for each in told["headers"]} == {"tenant", "trace-id"}
    [region] = SHOP.described("shop/OrderPlaced")["parameters"]  # type: ignore[index]
    assert region["values"] == ["eu", "us", "apac"]


class Coded(Message):
    code: str = Field(pattern="^[A-Z]{3}[0-9]$")


class Impossible(Message):
    number: int = Field(gt=3, lt=4)


def test_a_body_that_could_not_be_made_says_that_it_is_not_valid() -> None:
    assert [each["valid"] for each in variants_of(Impossible, ())] == [False]


class Anything(RootMessage[Any]):
    """Whatever is JSON."""


def test_what_may_be_anything_begins_as_an_empty_object() -> None:
    assert next(each["payload"] for each in variants_of(Anything, ())) == {}


def test_without_polyfactory_a_pattern_is_left_to_the_developer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from_json(Coded, json.dumps(variants_of(Coded, ())[0]["payload"]).encode())
    monkeypatch.setitem(__import__("sys").modules, "jararaca.testing.polyfactory", None)
    [variant] = variants_of(Coded, ())
    assert variant["payload"] == {"code": ""}
    assert not variant["valid"]


TEXT = '{\n  "a": {"b": [1,\n    {"c": "\\"}"}]},\n  "a b": "]",\n  "z": [[], {}, "x,y"]\n}'


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ((), (1, 1)),
        (("a",), (2, 8)),
        (("a", "b", 1, "c"), (3, 11)),
        (("a", "Variant", "b", 0), (2, 15)),
        (("a b",), (4, 10)),
        (("z", 2), (5, 17)),
        (("z", 7), (5, 8)),
        (("missing", "deeper"), (1, 1)),
    ],
)
def test_a_value_is_found_by_the_steps_that_a_validator_names(
    steps: tuple[int | str, ...], place: tuple[int, int]
) -> None:
    json.loads(TEXT)
    assert line_and_column(TEXT, steps) == place


def test_the_place_of_a_value_behind_deep_nesting_is_found() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    assert line_and_column(f'{{"deep": {deep},\n"x": 1}}', ("x",)) == (2, 6)


def test_the_list_of_messages_knows_who_handles_them_and_their_kind() -> None:
    listed: dict[str, Any] = {each["id"]: each for each in Catalogue(application()).listed()}
    assert listed["bank/Charge"]["handlers"] == ["Shop.charge"]
    assert [listed[id]["kind"] for id in ("shop/GetQuote", "bank/Charge", "shop/Placed")] == [
        "request",
        "task",
        "event",
    ]
    assert listed["shop/Paused"]["handlers"] == []
