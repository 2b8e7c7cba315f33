"""The copies that move a delivery on: what they say is short enough, and leads nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jararaca.contract import headers
from jararaca.handling.redelivery import (
    MAX_TRACEBACK,
    again,
    as_published,
    dead_letters,
    set_aside,
    strikes_of,
)
from jararaca.transport import Delivery, Properties
from jararaca.transport.limits import DIRECT_REPLY_TO
from jararaca.transport.provenance import ANYONES, DELIVERY_COUNT, SIGNED


def delivery(properties: Properties) -> Delivery:
    """A delivery of a queue."""
    return Delivery("queue", "topic", "", b"{}", properties, {}, False, None)


def test_a_very_long_reason_is_cut_and_says_so() -> None:
    whole, *_ = dead_letters(
        delivery(Properties()), "letters", "x" * 5_000, None, ValueError("y" * 5_000)
    )
    assert whole.headers[headers.REASON] == "x" * 999 + "…"
    assert whole.headers[headers.LAST_ERROR].endswith("y…")
    assert len(whole.headers[headers.TRACEBACK]) <= MAX_TRACEBACK


def test_a_copy_names_no_address_that_would_close_its_channel() -> None:
    asked = delivery(Properties(message_id="1", reply_to=DIRECT_REPLY_TO))
    for copy in (again(asked, 1, 2, None), *dead_letters(asked, "letters", "why", None, None)):
        assert copy.properties.reply_to is None and copy.properties.message_id == "1"
    kept = delivery(Properties(reply_to=f"{DIRECT_REPLY_TO}.g1"))
    assert again(kept, 1, 2, None).properties.reply_to == f"{DIRECT_REPLY_TO}.g1"


def test_a_copy_that_no_queue_takes_is_told_and_one_of_ours_is_known_by_its_signature() -> None:
    """Else its original would be acked, and the message gone; or its headers not believed."""
    come = delivery(Properties())
    copies = (
        again(come, 0, 2, None),
        set_aside(come, 1, 3),
        *dead_letters(come, "l", "", "", None),
    )
    assert len(copies) == 6
    for copy in copies:
        assert copy.mandatory and copy.signed and copy.exchange == ""


def test_what_was_set_aside_carries_its_strikes_and_nothing_else_does() -> None:
    """A retry, and a letter that is replayed, begin without any."""
    aside = set_aside(delivery(Properties()), 1, 3)
    assert aside.headers[headers.UNSETTLED] == 3
    come = replace(delivery(Properties()), headers=aside.headers, believed=SIGNED)
    assert strikes_of(come) == 3
    assert set_aside(come, 1, 4).headers[headers.UNSETTLED] == 4
    assert headers.UNSETTLED not in set_aside(come, 1, 0).headers
    for copy in (again(come, 1, 2, None), *dead_letters(come, "letters", "why", None, None)):
        assert headers.UNSETTLED not in copy.headers


@pytest.mark.parametrize("odd", [True, "3", -3, 3.0, None])
def test_strikes_are_a_number(odd: object) -> None:
    carried = {headers.UNSETTLED: odd, DELIVERY_COUNT: odd}
    come = replace(delivery(Properties()), headers=carried, believed=SIGNED, redelivered=True)
    assert strikes_of(come) == 0


def test_strikes_add_up_over_the_moves_and_only_what_came_back_has_a_count() -> None:
    carried = {headers.UNSETTLED: 3, DELIVERY_COUNT: 2}
    come = replace(delivery(Properties()), headers=carried, believed=SIGNED, redelivered=True)
    assert strikes_of(come) == 5
    assert strikes_of(replace(come, redelivered=False)) == 3
    assert strikes_of(replace(come, believed=ANYONES)) == 2


def test_a_delivery_has_the_topic_and_exchange_that_it_was_first_published_with() -> None:
    moved = {headers.TOPIC: "first", headers.EXCHANGE: "there"}
    come = replace(delivery(Properties()), headers=moved, believed=SIGNED)
    published = as_published(come)
    assert (published.routing_key, published.exchange) == ("first", "there")
    odd = replace(come, headers={headers.TOPIC: "first", headers.EXCHANGE: 7}, exchange="here")
    assert (as_published(odd).routing_key, as_published(odd).exchange) == ("first", "here")
    for topic in (7, None):
        untold = replace(come, headers={headers.TOPIC: topic, headers.EXCHANGE: "there"})
        assert as_published(untold) is untold
