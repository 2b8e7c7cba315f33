"""What else a channel carries comes to the queue too, and is never taken for what is received."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from jararaca.testing import TestBus
from jararaca.transport import Properties, Publication

from tests.contract.compiling import compiled

SHOP = """
    asyncapi: 3.0.0
    info: {title: Shop, version: 1.0.0}
    channels:
      c:
        address: a.b
        messages:
          placed: {payload: {type: object, properties: {note: {type: string}}}}
          cancelled: {payload: {type: object, properties: {reason: {type: string}}}}
          moved: {payload: {type: object, properties: {to: {type: string}}}}
    operations:
      onPlaced:
        action: receive
        channel: {$ref: '#/channels/c'}
        messages: [{$ref: '#/channels/c/messages/placed'}]
      sendC:
        action: send
        channel: {$ref: '#/channels/c'}
        messages: [{$ref: '#/channels/c/messages/cancelled'}]
    """
BOTH = SHOP.replace(
    "messages: [{$ref: '#/channels/c/messages/placed'}]",
    "messages: [{$ref: '#/channels/c/messages/placed'}, {$ref: '#/channels/c/messages/moved'}]",
)


@pytest.mark.parametrize("text", [SHOP, BOTH], ids=["one route", "two routes"])
async def test_another_message_of_the_channel_is_acked_and_told_never_handled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    with compiled(tmp_path, text) as shop:
        async with TestBus(shop.app) as bus:
            with caplog.at_level(logging.WARNING):
                for number in range(2):
                    await shop.messages.Cancelled(reason=f"late {number}").publish()
                await shop.messages.Placed(note="now").publish()
                await bus.settle()
            outcomes = sorted(each.outcome for each in bus.outcomes)
    assert [method.startswith("on_placed") for method, _ in shop.handled] == [True]
    assert outcomes == ["foreign", "foreign", "handled"]
    told = [record.getMessage() for record in caplog.records if "cancelled" in record.getMessage()]
    assert len(told) == 1 and "no operation receives it" in told[0]


async def test_a_name_that_the_channel_does_not_know_is_handled_as_before(tmp_path: Path) -> None:
    with compiled(tmp_path, SHOP) as shop:
        async with TestBus(shop.app) as bus:
            for type_ in (None, "OrderPlacedEvent"):
                properties = Properties(type=type_)
                await bus.send(Publication("a.b", b'{"note": "x"}', properties=properties))
            await bus.settle()
    assert len(shop.handled) == 2


async def test_a_task_that_nobody_receives_is_kept_in_the_dead_letters(tmp_path: Path) -> None:
    text = SHOP.replace("address: a.b", "address: a.b\n        bindings: {amqp: {is: queue}}")
    with compiled(tmp_path, text) as shop:
        async with TestBus(shop.app) as bus:
            await shop.messages.Cancelled(reason="late").publish()
            await bus.settle()
            (dead,) = bus.dead_letters
    assert shop.handled == []
    assert dead.reason is not None and "no operation receives it" in dead.reason


async def test_another_channel_on_the_same_address_counts_as_well(tmp_path: Path) -> None:
    text = SHOP.replace(
        "operations:",
        "  d: {address: a.b, messages: {refunded: {payload: {type: object}}}}\n    operations:",
    )
    with compiled(tmp_path, text) as shop:
        async with TestBus(shop.app) as bus:
            await bus.send(
                Publication("a.b", json.dumps({}).encode(), properties=Properties(type="refunded"))
            )
            await bus.settle()
            assert [each.outcome for each in bus.outcomes] == ["foreign"]


async def test_two_operations_that_share_a_queue_receive_each_its_own(tmp_path: Path) -> None:
    text = SHOP.replace(
        "address: a.b",
        "address: a.b\n        bindings: {amqp: {is: queue, queue: {name: both}}}",
    ).replace(
        "      sendC:",
        "      onMoved:\n"
        "        action: receive\n"
        "        channel: {$ref: '#/channels/c'}\n"
        "        messages: [{$ref: '#/channels/c/messages/moved'}]\n"
        "      sendC:",
    )
    with compiled(tmp_path, text) as shop:
        first, second = (route.others for route in shop.service.routes)
        assert first is second and first == ("cancelled", "moved", "placed")
        async with TestBus(shop.app) as bus:
            await shop.messages.Placed(note="now").publish()
            await shop.messages.Moved(to="there").publish()
            await shop.messages.Cancelled(reason="late").publish()
            await bus.settle()
            (dead,) = bus.dead_letters
    assert sorted(method.rpartition(".")[2] for method, _ in shop.handled) == [
        "on_moved",
        "on_placed",
    ]
    assert dead.reason is not None and "cancelled comes through the queue" in dead.reason
