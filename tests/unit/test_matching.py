"""Which route a delivery takes: by name, by topic, by what is constant in the message."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Route,
    Worker,
    route,
)
from jararaca.contract import topics
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Handled
from jararaca.handling import matching
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Foreign
from jararaca.handling.matching import Chooser, Matcher, refusal
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.connect import transport_for

from tests.support.services import service_of


class Placed(Message):
    MESSAGE_TOPIC = "order.placed"


class Paid(Message):
    MESSAGE_TOPIC = "order.paid"


class PaidInCash(Message):
    MESSAGE_TOPIC = "order.paid"
    MESSAGE_NAME = "Paid"


@MessageBusController()
class Orders:
    @MessageHandler(Placed)
    async def placed(self, message: MessageOf[Placed]) -> None:
        SEEN.append(message.parameters)

    @MessageHandler(Paid)
    async def paid(self, message: MessageOf[Paid]) -> None: ...

    @MessageHandler(PaidInCash)
    async def cash(self, message: MessageOf[PaidInCash]) -> None: ...


SEEN: list[Any] = []
PLACED = route(
    operation="placed",
    queue="orders",
    binding_keys=("order.placed",),
    message=Placed,
    controller=Orders,
    handler=Orders.placed,
)
PAID = route(
    operation="paid",
    queue="orders",
    binding_keys=("order.*",),
    message=Paid,
    controller=Orders,
    handler=Orders.paid,
)
ON = route(
    operation="on",
    queue="lights",
    binding_keys=("*",),
    message=Placed,
    controller=Orders,
    handler=Orders.placed,
    parameters=(("id", 0, "lights/([^/]+)/on"),),
)
OFF = route(
    operation="off",
    queue="lights",
    binding_keys=("*",),
    message=Paid,
    controller=Orders,
    handler=Orders.paid,
    parameters=(("id", 0, "lights/([^/]+)/off"),),
)


def marked(*marks: Any, message: Any = Placed, handler: Any = Orders.placed) -> Route:
    return route(
        operation=message.__name__,
        queue="orders",
        binding_keys=("order.*",),
        message=message,
        controller=Orders,
        handler=handler,
        marks=marks,
    )


KIND = (
    marked(("payload", "kind", "placed")),
    marked(("payload", "kind", "paid"), message=Paid, handler=Orders.paid),
    marked(("payload", "kind", 1), message=PaidInCash, handler=Orders.cash),
)
HEADER = (
    marked(("header", "kind", "placed")),
    marked(("header", "kind", "paid"), message=Paid, handler=Orders.paid),
)


@pytest.mark.parametrize(
    ("routes", "type_", "key", "chosen"),
    [
        ((PLACED,), "Anything", "any.key", PLACED),
        ((PLACED, PAID), "Paid", "order.placed", PAID),
        ((PLACED, PAID), "Refunded", "order.placed", None),
        ((PLACED, PAID), None, "order.paid", PAID),
        ((PLACED, PAID), None, "order.placed", None),
        ((PLACED, PAID), None, "else", None),
    ],
)
def test_a_delivery_takes_the_route_of_its_name_then_of_its_topic(
    routes: Sequence[object], type_: str | None, key: str, chosen: object
) -> None:
    assert Chooser(routes).choose(type_, key) is chosen  # type: ignore[arg-type]


def test_a_topic_of_another_shape_is_foreign_and_goes_to_the_route_that_has_it() -> None:
    assert Chooser((ON,)).choose(None, "lights/1/on") is ON
    assert Chooser((ON,)).choose("Placed", "lights/1/off") is None
    assert Chooser((ON, OFF)).choose(None, "lights/1/off") is OFF
    assert Chooser((ON, OFF)).choose(None, "doors/1/off") is None
    assert Chooser((ON, OFF)).choose("Placed", "doors/1/off") is None


def test_what_is_sent_to_the_queue_itself_is_not_foreign() -> None:
    assert Chooser((ON,)).choose(None, "") is None
    assert Chooser((ON,)).choose(None, "the.queue") is ON


def test_only_what_no_route_can_have_is_foreign_the_rest_is_dead_lettered() -> None:
    assert refusal((ON, OFF), "lights", None, "doors/1") == Foreign("*")
    assert refusal((ON, OFF), "lights", "Placed", "doors/1") == Foreign("*")
    refused = refusal((ON, OFF), "lights", "Other", "lights/1/on")
    assert isinstance(refused, DeadLetter) and "unknown message Other" in refused.reason


def test_an_unknown_message_of_a_queue_with_one_route_is_not_ambiguous() -> None:
    refused = refusal((ON,), "lights", "Anything", "the.queue")
    assert isinstance(refused, DeadLetter)
    assert refused.reason == "unknown message Anything: lights takes Placed"


def test_several_rows_of_one_message_need_no_constants_to_be_told_apart() -> None:
    rows = (PLACED, replace(PLACED, binding_keys=("order.*",)))
    for type_ in ("Placed", None):
        assert Chooser(rows).choose(type_, "order.placed", {}, b"{}") is rows[0]


def test_a_parameter_inside_a_word_has_the_value_of_its_group() -> None:
    assert topics.values(ON.parameters, "lights/7/on") == {"id": "7"}
    assert topics.values(ON.parameters, "doors/7/on") == {}
    assert topics.values((("a", 0), ("b", 1, "v(.+?)")), "x.v2") == {"a": "x", "b": "2"}


@pytest.mark.parametrize(
    ("body", "chosen"),
    [
        ({"kind": "placed"}, KIND[0]),
        ({"kind": "paid"}, KIND[1]),
        ({"kind": 1}, KIND[2]),
        ({"kind": True}, None),
        ({"kind": "else"}, None),
        ({}, None),
        ([], None),
    ],
)
def test_without_name_and_topic_a_constant_property_decides(
    body: object, chosen: Route | None
) -> None:
    assert Chooser(KIND).choose(None, "order.any", {}, json.dumps(body).encode()) is chosen


def test_what_came_to_the_queue_itself_is_told_apart_by_what_is_constant_too() -> None:
    assert Chooser(KIND).choose(None, "the.queue", {}, b'{"kind": "paid"}') is KIND[1]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_cannot_be_read_takes_no_route(body: bytes) -> None:
    assert Chooser(KIND).choose(None, "order.any", {}, body) is None


def test_without_name_and_topic_a_constant_header_decides() -> None:
    assert Chooser(HEADER).choose(None, "order.any", {"kind": "paid"}) is HEADER[1]
    assert Chooser(HEADER).choose(None, "order.any", {"kind": "else"}) is None


def test_the_name_decides_before_what_is_constant() -> None:
    assert Chooser(KIND).choose("Placed", "order.any", {}, b'{"kind": "paid"}') is KIND[0]


def test_two_messages_of_one_name_are_told_apart_or_dead_lettered_as_ambiguous() -> None:
    assert Chooser(KIND).choose("Paid", "order.any", {}, b'{"kind": 1}') is KIND[2]
    plain = (PAID, marked(message=PaidInCash, handler=Orders.cash))
    assert Chooser(plain).choose("Paid", "order.x", {}, b'{"kind": 1}') is None
    refused = refusal(plain, "orders", "Paid", "order.x")
    assert isinstance(refused, DeadLetter) and "ambiguous message Paid" in refused.reason


async def test_foreign_messages_are_acked_counted_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    SEEN.clear()
    transport = transport_for(f"memory://{uuid4()}")
    handled: list[Handled] = []
    done = asyncio.Event()

    def listen(one: Handled) -> None:
        handled.append(one)
        if len(handled) == 3:
            done.set()

    worker = Worker(Microservice(service_of(ON)), transport, listener=listen)
    await worker.start()
    for key in ("lights/1/off", "lights/2/off", "lights/3/on"):
        await transport.publish(Publication(key, b"{}", properties=Properties(type="Placed")))
    await asyncio.wait_for(done.wait(), 20)
    assert await transport.count(dead_letter_queue("lights")) == 0
    await worker.stop()
    assert sorted(each.outcome for each in handled) == ["foreign", "foreign", "handled"]
    assert SEEN == [{"id": "3"}]
    assert sum("lights/1/off" in each.message for each in caplog.records) == 1
    assert not any("lights/2/off" in each.message for each in caplog.records)


def test_what_is_foreign_says_what_let_it_through() -> None:
    assert "the binding a.* also receives other topics" in Foreign("a.*").why
    other = Foreign("a.*", "Cancelled").why
    assert other == "Cancelled comes through the binding a.*, and no operation receives it"


def test_a_delivery_with_a_name_is_not_held_against_each_handler_of_its_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A queue may have hundreds: their names are put in order once."""
    handlers = [BoundHandler(each, spec_of(each.handler), each.handler) for each in (PLACED, PAID)]
    matcher = Matcher(handlers)
    for each in ("_named", "is_other"):
        monkeypatch.setattr(matching, each, lambda *_: pytest.fail("each handler was looked at"))
    for handler, name in zip(handlers, ("Placed", "Paid"), strict=True):
        delivery = Delivery("orders", "any", "", b"", Properties(type=name), {}, False, None)
        assert matcher.match(delivery) is handler
