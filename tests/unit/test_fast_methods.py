"""Methods that are encoded by hand say what pamqp's own encoding says."""

from __future__ import annotations

from typing import Any

import pamqp.frame
import pytest
from jararaca import Exchange, Queue, QueueBinding
from jararaca.transport.amqp.fast.wire import methods
from pamqp import commands
from pamqp.base import Frame

ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-delivery-limit": 20,
    "x-single-active-consumer": True,
}


def said(data: bytes) -> tuple[int, dict[str, object]]:
    """Channel and fields of the one frame."""
    length, channel, method = pamqp.frame.unmarshal(data)
    assert length == len(data)
    assert isinstance(method, Frame)
    return channel, dict(method)


def written(method: Frame) -> tuple[int, dict[str, object]]:
    return 5, dict(method)


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("auto_delete", [True, False])
def test_an_exchange(durable: bool, auto_delete: bool) -> None:
    made = Exchange("orders", "fanout", durable, auto_delete, arguments={"alternate-exchange": "a"})
    assert said(methods.declare_exchange(5, made)) == written(
        commands.Exchange.Declare(
            exchange="orders",
            exchange_type="fanout",
            durable=durable,
            auto_delete=auto_delete,
            nowait=True,
            arguments={"alternate-exchange": "a"},
        )
    )


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("auto_delete", [True, False])
def test_a_queue(durable: bool, exclusive: bool, auto_delete: bool) -> None:
    made = Queue("orders", durable, exclusive, auto_delete, ARGUMENTS)
    assert said(methods.declare_queue(5, made)) == written(
        commands.Queue.Declare(
            queue="orders",
            durable=durable,
            exclusive=exclusive,
            auto_delete=auto_delete,
            nowait=True,
            arguments=ARGUMENTS,
        )
    )


def test_a_binding() -> None:
    made = QueueBinding("shop", "orders", "order.*.placed", {"x-match": "all"})
    assert said(methods.bind(5, made)) == written(
        commands.Queue.Bind(
            queue="orders",
            exchange="shop",
            routing_key="order.*.placed",
            nowait=True,
            arguments={"x-match": "all"},
        )
    )


def test_a_consumer_and_its_prefetch() -> None:
    assert said(methods.qos(5, 65_535)) == written(commands.Basic.Qos(prefetch_count=65_535))
    assert said(methods.consume(5, "orders", "tag", {"x-priority": 3})) == written(
        commands.Basic.Consume(queue="orders", consumer_tag="tag", arguments={"x-priority": 3})
    )
