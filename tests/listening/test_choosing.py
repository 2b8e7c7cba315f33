"""Which exchanges are heard, and how, so that nobody else's messages go another way."""

from __future__ import annotations

import json

import pytest
from jararaca_compiler.listening.broker.definitions import description_of_file
from jararaca_compiler.listening.broker.description import (
    Binding,
    BrokerDescription,
    Exchange,
    Queue,
)
from jararaca_compiler.listening.certainty import Certainty
from jararaca_compiler.listening.choosing import Key, choose
from jararaca_compiler.listening.errors import ListeningError

BOUND = (Binding("e", "q", "a.b"), Binding("e", "q", "a.b"), Binding("e", "p", "c"))


def ears(kind: str, **options: object) -> tuple[Key, ...]:
    exchange = Exchange("e", kind, **options)  # type: ignore[arg-type]
    return choose(BrokerDescription("/", (exchange,), bindings=BOUND)).ears[0].keys


def test_topic_fanout_and_headers_are_heard_wholly_and_direct_by_others_keys() -> None:
    assert ears("topic") == (Key("#"),)
    assert ears("fanout") == (Key(),)
    assert ears("headers") == (Key("", {"x-match": "all"}),)
    assert ears("direct") == (Key("a.b"), Key("c"))
    assert ears("x-delayed-message", arguments={"x-delayed-type": "topic"}) == (Key("#"),)


def test_an_exchange_with_an_alternate_is_bound_only_as_others_have_bound() -> None:
    assert ears("topic", arguments={"alternate-exchange": "lost"}) == (Key("a.b"), Key("c"))
    assert ears("topic", policy={"alternate-exchange": "lost"}) == (Key("a.b"), Key("c"))


def test_routed_only_binds_as_others_have_bound() -> None:
    broker = BrokerDescription("/", (Exchange("e", "topic"),), bindings=BOUND)
    [ear] = choose(broker, routed_only=True).ears
    assert ear.keys == (Key("a.b"), Key("c")) and not ear.is_whole


@pytest.mark.parametrize("kind", ["x-consistent-hash", "x-random", "x-modulus-hash"])
def test_an_exchange_that_shares_messages_out_is_left_alone(kind: str) -> None:
    choice = choose(BrokerDescription("/", (Exchange("e", kind),), bindings=BOUND))
    assert choice.ears == () and "change what others get" in choice.unheard[0][1]


def test_an_exchange_that_would_go_with_the_ears_binding_is_left_alone() -> None:
    choice = choose(BrokerDescription("/", (Exchange("e", "topic", auto_delete=True),)))
    assert choice.ears == () and "deleted with its last binding" in choice.unheard[0][1]


def test_the_default_exchange_is_told_with_the_queues_that_it_alone_leads_to() -> None:
    broker = BrokerDescription("/", (Exchange("e", "topic"),), (Queue("tasks"),), BOUND)
    assert choose(broker).unheard == (
        (
            "",
            "no queue can be bound to it, which alone leads to tasks; with --trace the firehose "
            "has it too",
        ),
    )


def test_an_exchange_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ListeningError, match="no exchange 'x' in the virtual host '/': it has e"):
        choose(BrokerDescription("/", (Exchange("e", "topic"),)), ["x"])


def test_a_file_of_definitions_describes_its_virtual_host_alone() -> None:
    told = {
        "exchanges": [
            {"name": "a", "type": "topic", "vhost": "/"},
            {"name": "b", "type": "topic", "vhost": "other"},
        ],
        "bindings": [
            {"source": "a", "vhost": "/", "destination": "q", "destination_type": "queue"}
        ],
    }
    found = description_of_file(json.dumps(told), "/")
    assert found.exchange("a") and not found.exchange("b")
    assert found.bindings == (Binding("a", "q", ""),)
    with pytest.raises(ListeningError, match="not JSON"):
        description_of_file("{", "/")
    with pytest.raises(ListeningError, match="export_definitions"):
        description_of_file("[]", "/")


def test_less_than_a_full_queue_since_it_was_empty_proves_that_nothing_was_dropped() -> None:
    certainty = Certainty(max_messages=10, max_bytes=1_000)
    for _ in range(3):
        for _ in range(9):
            certainty.arrived(1)
        certainty.left(0)
    assert certainty.is_certain
    for _ in range(6):
        certainty.arrived(1)
    certainty.left(4)
    assert not certainty.is_certain


def test_bytes_count_as_well_as_messages() -> None:
    certainty = Certainty(max_messages=10, max_bytes=1_000)
    certainty.arrived(400)
    certainty.left(0)
    assert certainty.is_certain
    certainty.arrived(600)
    certainty.left(0)
    assert not certainty.is_certain
