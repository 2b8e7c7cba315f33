"""aio-pika as its documentation has it: one channel with confirms; mandatory is its default."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import aio_pika

from benchmarks.model import Order
from benchmarks.publishing import lanes
from benchmarks.sample import order
from benchmarks.workload import run

told = lanes.asked()


async def main() -> None:
    """Publish."""
    model = Order.model_validate(order())
    connection = await aio_pika.connect_robust(told.url)
    channel = await connection.channel()
    exchange = await channel.get_exchange(lanes.EXCHANGE)

    async def publish() -> None:
        message = aio_pika.Message(
            model.model_dump_json().encode(),
            content_type=lanes.CONTENT_TYPE,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(uuid4()),
            timestamp=datetime.now(UTC),
            type=lanes.NAME,
        )
        await exchange.publish(message, lanes.KEY)

    await publish()
    await lanes.publish_all(told, publish)
    await connection.close()


run(main())
