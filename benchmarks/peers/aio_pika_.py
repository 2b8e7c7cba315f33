"""aio-pika as its documentation has it: `queue.consume`, one ack a message, confirms on."""

from __future__ import annotations

import asyncio
import sys

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from benchmarks import workload
from benchmarks.measure import Meter
from benchmarks.model import Order
from benchmarks.sample import encoded, order

scenario, url, queue_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
finished = asyncio.Event()
meter = Meter(count, finished.set)


async def handle(message: AbstractIncomingMessage) -> None:
    """Validate, do the scenario's work, ack."""
    Order.model_validate_json(message.body)
    if scenario == "sleep":
        await asyncio.sleep(workload.SLEEP)
    await message.ack()
    if scenario == "latency":
        finished.set()
    else:
        meter.one()


async def main() -> None:
    """Run the scenario."""
    connection = await aio_pika.connect_robust(url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=workload.PREFETCH)
    queue = await channel.declare_queue(queue_name, durable=True)
    model = Order.model_validate(order())

    async def publish() -> None:
        message = aio_pika.Message(
            model.model_dump_json().encode(),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await channel.default_exchange.publish(message, queue_name)

    if scenario == "publish":
        await workload.publish_all(count, publish)
    else:
        await queue.consume(handle)
        if scenario == "latency":
            await workload.at_rest(count, publish, finished)
        else:
            await finished.wait()
    await connection.close()


assert encoded(order())
workload.run(main())
