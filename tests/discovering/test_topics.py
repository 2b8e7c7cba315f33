"""Topics that differ by an id or by one of many words are one channel with a parameter."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.discovering.discovered import discovered, heard


def addresses(*topics: str, value: object = None, **properties: str) -> list[str]:
    found = discovered(heard(topic, value or {"a": 1}, **properties) for topic in topics)
    return [channel["address"] for channel in found.document["channels"].values()]


@pytest.mark.parametrize(
    "word",
    [
        str(UUID(int=7)),
        "42",
        "5f2b9c0de1a4b7c8d9e0f1a2",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "2026-11-29",
        "BOOK-001",
    ],
)
def test_a_word_that_looks_like_an_id_is_a_parameter_named_by_the_word_before(word: str) -> None:
    assert addresses(f"orders.{word}.placed") == ["orders.{orderId}.placed"]


def test_several_ids_have_names_of_their_own() -> None:
    assert addresses("orders.1.lines.2.added", "orders.3.lines.4.added") == [
        "orders.{orderId}.lines.{lineId}.added"
    ]
    assert addresses("1.2") == ["{id}.{id2}"]


def test_what_happened_is_no_parameter_though_there_are_many() -> None:
    topics = [f"orders.{word}" for word in ("placed", "paid", "packed")]
    assert addresses(*topics) == sorted(topics)


def test_many_words_at_one_place_are_a_parameter() -> None:
    topics = [f"sensors.{name}.read" for name in "abcdefghij"]
    assert addresses(*topics) == ["sensors.{sensorKind}.read"]


def test_few_words_are_one_where_the_publisher_says_that_the_message_is_the_same() -> None:
    topics = ("shop.eu.placed", "shop.us.placed")
    assert addresses(*topics, type="placed") == ["shop.{shopKind}.placed"]
    assert addresses(*topics) == list(topics)


def test_one_type_for_everything_does_not_make_different_messages_one() -> None:
    found = discovered(
        [
            heard("shop.order.placed", {"order": 1, "lines": []}, type="event"),
            heard("shop.user.placed", {"user": 1, "mail": "x"}, type="event"),
        ]
    )
    assert len(found.document["channels"]) == 2


def test_a_parameter_is_called_as_the_field_with_the_same_words() -> None:
    messages = [
        heard(f"shop.{region}.placed", {"region": region, "n": n}, type="placed")
        for region in ("eu", "us")
        for n in range(2)
    ]
    channels = discovered(messages).document["channels"].values()
    assert [channel["address"] for channel in channels] == ["shop.{region}.placed"]


def test_topics_without_end_cost_a_bounded_amount_and_are_counted() -> None:
    from jararaca_compiler.discovering.gathering import MOST_TOPICS, Gathered

    gathered = Gathered()
    for number in range(MOST_TOPICS + 50):
        gathered.add(heard(f"a.x{number}y", {}))
    assert len(gathered.exchanges["x"]) == MOST_TOPICS
    assert gathered.overlooked == 50 and gathered.count == MOST_TOPICS + 50
