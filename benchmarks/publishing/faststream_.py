"""FastStream's RabbitMQ broker, its access log off; mandatory is its default."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange

from benchmarks.model import Order
from benchmarks.publishing import lanes
from benchmarks.sample import order
from benchmarks.workload import run

told = lanes.asked()


async def main() -> None:
    """Publish."""
    model = Order.model_validate(order())
    broker = RabbitBroker(told.url, logger=None)
    exchange = RabbitExchange(lanes.EXCHANGE, type=ExchangeType.TOPIC, durable=True)
    await broker.start()

    async def publish() -> None:
        await broker.publish(
            model,
            exchange=exchange,
            routing_key=lanes.KEY,
            persist=True,
            message_id=str(uuid4()),
            timestamp=datetime.now(UTC),
            message_type=lanes.NAME,
        )

    await publish()
    await lanes.publish_all(told, publish)
    await broker.stop()


run(main())
