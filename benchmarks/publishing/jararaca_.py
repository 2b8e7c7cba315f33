"""Jararaca's `publish()`: each message is checked, encoded and given an id and a time."""

from __future__ import annotations

from datetime import datetime

from jararaca import Message, Publisher

from benchmarks.publishing import lanes
from benchmarks.sample import encoded, order
from benchmarks.workload import run

told = lanes.asked()


class Order(Message):
    """The same fields as the peers' model; a task is mandatory."""

    MESSAGE_TOPIC = lanes.KEY
    MESSAGE_TYPE = "task"
    MESSAGE_EXCHANGE = lanes.EXCHANGE
    order_id: str
    customer: str
    email: str
    paid: bool
    total: float
    currency: str
    items: list[str]
    street: str
    placed_at: datetime
    note: str


async def main() -> None:
    """Publish."""
    message = Order.decode(encoded(order()))
    async with Publisher.connect(told.url) as publisher:
        await publisher.publish(message)
        await lanes.publish_all(told, message.publish)


run(main())
