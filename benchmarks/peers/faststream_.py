"""FastStream's RabbitMQ broker: one subscriber, its default ack policy, its access log off."""

from __future__ import annotations

import asyncio
import sys

from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

from benchmarks import workload
from benchmarks.measure import Meter
from benchmarks.model import Order
from benchmarks.sample import order

scenario, url, queue_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
finished = asyncio.Event()
meter = Meter(count, finished.set)
broker = RabbitBroker(url, logger=None, default_channel=Channel(prefetch_count=workload.PREFETCH))


async def handle(message: Order) -> None:
    """Do the scenario's work; FastStream has validated and will ack."""
    if scenario == "sleep":
        await asyncio.sleep(workload.SLEEP)
    if scenario == "latency":
        finished.set()
    else:
        meter.one()


if scenario != "publish":
    handle = broker.subscriber(RabbitQueue(queue_name, durable=True))(handle)


async def main() -> None:
    """Run the scenario."""
    model = Order.model_validate(order())
    await broker.start()

    async def publish() -> None:
        await broker.publish(model, queue_name, persist=True)

    if scenario == "publish":
        await broker.declare_queue(RabbitQueue(queue_name, durable=True))
        await workload.publish_all(count, publish)
    elif scenario == "latency":
        await workload.at_rest(count, publish, finished)
    else:
        await finished.wait()
    await broker.stop()


workload.run(main())
