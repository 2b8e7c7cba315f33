"""A topic's parameters are what the document says, when published and when received."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, TypedDict

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    PublishParameterError,
)
from jararaca.testing import TestBus
from jararaca.transport import Properties, Publication

from tests.contract.compiling import compiled
from tests.support.type_checking import assert_strictly_typed

ORDERS = """
    asyncapi: 3.0.0
    info: {title: Orders, version: 1.0.0}
    channels:
      placed:
        address: orders.{region}.{id}.placed
        parameters:
          region: {enum: [eu, us], default: eu}
          id: {location: '$message.payload#/order/id'}
        messages: {Placed: {$ref: '#/components/messages/Placed'}}
    operations:
      onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}}
      sendPlaced: {action: send, channel: {$ref: '#/channels/placed'}}
    components:
      messages:
        Placed:
          payload:
            type: object
            required: [order]
            properties:
              order: {type: object, properties: {id: {type: integer}}}
    """
OLDER = """
    asyncapi: 2.6.0
    info: {title: Orders, version: 1.0.0}
    channels:
      orders.{region}.{id}.placed:
        parameters:
          region: {schema: {type: string, enum: [eu, us], default: eu}}
          id: {location: '$message.payload#/order/id', schema: {type: string}}
        publish: {operationId: onPlaced, message: {$ref: '#/components/messages/Placed'}}
        subscribe: {operationId: sendPlaced, message: {$ref: '#/components/messages/Placed'}}
    components:
      messages:
        Placed:
          payload:
            type: object
            required: [order]
            properties:
              order: {type: object, properties: {id: {type: integer}}}
    """
BOTH = pytest.mark.parametrize("text", [ORDERS, OLDER], ids=["3.0", "2.6"])
PACKED = Properties(type="Packed")
BODY = b'{"order": {"id": 7}}'


@BOTH
async def test_a_value_that_the_message_has_need_not_be_given(tmp_path: Path, text: str) -> None:
    with compiled(tmp_path, text) as orders:
        placed = orders.messages.Placed.decode(BODY)
        async with TestBus(orders.app) as bus:
            await placed.publish(region="us")
            await placed.publish(id="7")
            await bus.settle()
    topics = [message.topic for _, message in orders.handled]
    assert topics == ["orders.us.7.placed", "orders.eu.7.placed"]


@BOTH
@pytest.mark.parametrize("given", [{"region": "mars"}, {"region": "eu", "id": "8"}])
async def test_another_value_is_not_published(
    tmp_path: Path, text: str, given: dict[str, str]
) -> None:
    with compiled(tmp_path, text) as orders:
        placed = orders.messages.Placed.decode(BODY)
        async with TestBus(orders.app):
            with pytest.raises(PublishParameterError, match="mars|order/id"):
                await placed.publish(**given)
            with pytest.raises(PublishParameterError, match="mars|order/id"):
                await placed.delay(5, parameters={"region": "eu", **given})


@BOTH
@pytest.mark.parametrize("key", ["orders.mars.7.placed", "orders.eu.8.placed"])
async def test_another_value_is_not_handled(tmp_path: Path, text: str, key: str) -> None:
    with compiled(tmp_path, text) as orders:
        async with TestBus(orders.app) as bus:
            for topic in (key, "orders.eu.7.placed"):
                await bus.send(Publication(topic, BODY, properties=Properties(type="Placed")))
            await bus.settle()
            (dead,) = bus.dead_letters
    assert [message.topic for _, message in orders.handled] == ["orders.eu.7.placed"]
    assert dead.reason is not None and dead.reason.startswith(f"topic {key}: parameter ")


@BOTH
async def test_what_is_sent_to_the_queue_itself_has_no_topic(tmp_path: Path, text: str) -> None:
    with compiled(tmp_path, text) as orders:
        queue = orders.service.routes[0].queue
        async with TestBus(orders.app) as bus:
            await bus.send(Publication(queue, BODY, "", Properties(type="Placed")))
            await bus.settle()
    assert [message.parameters for _, message in orders.handled] == [{}]


USES = """
from typing import Literal, assert_type

from jararaca import MessageOf
from {package} import messages


def use(message: MessageOf[messages.Placed]) -> None:
    assert_type(message.parameters["region"], Literal["eu", "us"])
    assert_type(message.parameters["id"], str)
    assert_type(message.parameters.get("city"), str | None)
    message.parameters["tenant"]  # type: ignore[typeddict-item]


def elsewhere(message: MessageOf[messages.PlacedToRelocated]) -> None:
    assert_type(message.parameters["city"], str)
    message.parameters["region"]  # type: ignore[typeddict-item]


def unnamed(message: MessageOf[messages.Dashed]) -> None:
    assert_type(message.parameters["order-id"], str)
"""
MORE = """
    channels:
      relocated:
        address: orders.moved.{city}
        messages: {Placed: {$ref: '#/components/messages/Placed'}}
      dashed: {address: 'dashed.{order-id}', messages: {Dashed: {payload: {type: object}}}}"""
SENDS = """
      sendMoved: {action: send, channel: {$ref: '#/channels/relocated'}}
    components:"""


def test_parameters_are_typed_by_the_topics_of_the_message(tmp_path: Path) -> None:
    text = ORDERS.replace("\n    channels:", MORE).replace("\n    components:", SENDS)
    with compiled(tmp_path, text) as orders:
        package = orders.messages.__name__.rpartition(".")[0]
        required = orders.messages.Placed.TopicParameters.__required_keys__
        assert not required, "what only one of the topics has is not required"
    (tmp_path / "uses.py").write_text(USES.format(package=package), encoding="utf-8")
    assert_strictly_typed("uses.py", folder=tmp_path)


async def test_the_literals_of_a_class_by_hand_are_enforced() -> None:
    class Packed(Message):
        MESSAGE_TOPIC = "parcels.{region}.{depot}.packed"

        class TopicParameters(TypedDict):
            region: Literal["eu", "us"]
            depot: str

    @MessageBusController()
    class Parcels:
        seen: ClassVar[list[Any]] = []

        @MessageHandler(Packed)
        async def on_packed(self, message: MessageOf[Packed]) -> None:
            self.seen.append(message.parameters)

    async with TestBus(Microservice(controllers=[Parcels])) as bus:
        await bus.publish(Packed(), parameters={"region": "eu", "depot": "7"})
        with pytest.raises(PublishParameterError, match="eu, us"):
            await bus.publish(Packed(), parameters={"region": "mars", "depot": "7"})
        await bus.send(Publication("parcels.mars.7.packed", b"{}", properties=PACKED))
        await bus.settle()
        (dead,) = bus.dead_letters
    assert Parcels.seen == [{"region": "eu", "depot": "7"}]
    assert (
        dead.reason
        == "topic parcels.mars.7.packed: parameter region is 'mars': it is one of eu, us"
    )
