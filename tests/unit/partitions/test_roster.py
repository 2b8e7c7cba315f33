"""What workers tell each other: what was written is read, and anything else is nothing."""

from __future__ import annotations

import json

import pytest
from jararaca.messagebus.partitions.roster import (
    TYPE,
    answer_to,
    beat_in,
    beat_publication,
    mine_in,
)
from jararaca.messagebus.partitions.shares import Beat
from jararaca.transport import Delivery, Properties

SERVES = {"steps": ("steps",), "steps.partitions": ("steps.p0", "steps.p1")}
PLAIN = Properties()


def delivery(body: bytes, properties: Properties = PLAIN) -> Delivery:
    return Delivery("shop.workers", "shop.workers", "", body, properties, {}, False, None)


@pytest.mark.parametrize(
    "beat",
    [
        Beat("a", SERVES, frozenset({"steps.p1"})),
        Beat("b", {}, frozenset(), leaving=True),
    ],
)
def test_a_beat_that_was_written_is_read(beat: Beat) -> None:
    publication = beat_publication("shop.workers", beat)
    assert (publication.routing_key, publication.exchange) == ("shop.workers", "")
    assert publication.properties.type == TYPE
    assert beat_in(delivery(publication.body)) == beat


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"3",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"worker": "a", "serves": [], "holds": [], "leaving": false}',
        b'{"worker": "a", "serves": {"q": 3}, "holds": [], "leaving": false}',
        b'{"worker": "a", "serves": {}, "holds": 3, "leaving": false}',
        b'{"worker": "a", "serves": {}, "holds": []}',
    ],
)
def test_what_is_no_beat_is_nothing(body: bytes) -> None:
    assert beat_in(delivery(body)) is None


def test_who_asks_is_answered_and_nobody_else() -> None:
    asked = Properties(reply_to="replies", correlation_id="7")
    answer = answer_to(delivery(b"", asked), ["steps.p0"])
    assert answer is not None
    assert (answer.routing_key, answer.exchange) == ("replies", "")
    assert (answer.properties.type, answer.properties.correlation_id) == (TYPE, "7")
    assert mine_in(delivery(answer.body)) == ("steps.p0",)
    assert answer_to(delivery(b""), ["steps.p0"]) is None


@pytest.mark.parametrize("body", [b"{}", b'"steps.p0"', b"null", b"[" * 100_000, b"["])
def test_an_answer_that_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(ValueError):
        mine_in(delivery(body))
    assert mine_in(delivery(json.dumps(["a", "b"]).encode())) == ("a", "b")
