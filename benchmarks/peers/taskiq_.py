"""taskiq with taskiq-aio-pika: its receiver, validation of parameters on, ack after execution."""

from __future__ import annotations

import asyncio
import sys

from taskiq.api import run_receiver_task
from taskiq_aio_pika import AioPikaBroker
from taskiq_aio_pika.exchange import Exchange
from taskiq_aio_pika.queue import Queue, QueueType

from benchmarks import workload
from benchmarks.measure import Meter
from benchmarks.model import Order
from benchmarks.sample import order

scenario, url, queue_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
finished = asyncio.Event()
meter = Meter(count, finished.set)
broker = AioPikaBroker(
    url,
    qos=workload.PREFETCH,
    exchange=Exchange(name=f"{queue_name}.exchange"),
    task_queues=[Queue(name=queue_name, type=QueueType.CLASSIC)],
    dead_letter_queue=Queue(name=f"{queue_name}.dead", type=QueueType.CLASSIC),
)


@broker.task(task_name="benchmark")
async def handle(message: Order) -> None:
    """taskiq has validated and will ack."""
    meter.one()


async def main() -> None:
    """Publish one message, or receive them all."""
    if scenario == "seed":
        await broker.startup()
        await handle.kiq(Order.model_validate(order()))
    else:
        receiving = asyncio.create_task(
            run_receiver_task(broker, run_startup=True, max_async_tasks=workload.PREFETCH)
        )
        await finished.wait()
        await asyncio.sleep(0.3)
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
    await broker.shutdown()


workload.run(main())
