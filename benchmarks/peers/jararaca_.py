"""Jararaca: a worker with everything on that it has by default, and a metrics listener."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from jararaca import (
    FORMAT,
    Exchange,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    Queue,
    QueueBinding,
    Service,
    Topology,
    Worker,
    route,
)
from jararaca.transport.connect import transport_for

from benchmarks import workload
from benchmarks.measure import Meter
from benchmarks.sample import order

scenario, url, queue, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if "--plain" in sys.argv:
    url += "?transport=plain"
finished = asyncio.Event()
meter = Meter(count, finished.set)


class Order(Message):
    """The same fields as the peers' model."""

    MESSAGE_TOPIC = queue
    MESSAGE_TYPE = "task"
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


@MessageBusController()
class Handlers:
    """Counts, or sleeps first, or tells that a single message has come."""

    @MessageHandler(Order)
    async def handle(self, message: MessageOf[Order]) -> None:
        message.payload()
        if scenario == "sleep":
            await asyncio.sleep(workload.SLEEP)
        if scenario == "latency":
            finished.set()
        else:
            meter.one()


SERVICE = Service(
    name="benchmark",
    title="Benchmark",
    version="1",
    format=FORMAT,
    source="benchmarks",
    digest="0" * 16,
    routes=(
        route(
            operation="handle",
            queue=queue,
            binding_keys=(queue,),
            message=Order,
            controller=Handlers,
            handler=Handlers.handle,
        ),
    ),
    topology=Topology(
        (Exchange("benchmark.jararaca", shared=True),),
        (Queue(queue),),
        (QueueBinding("benchmark.jararaca", queue, queue),),
    ),
    messages=(Order,),
)


async def main() -> None:
    """Run the scenario."""
    transport = transport_for(url)
    worker = Worker(
        Microservice(SERVICE), transport, prefetch=workload.PREFETCH, listener=lambda _: None
    )
    message = Order.model_validate_json(__import__("json").dumps(order()))
    if scenario == "publish":
        await transport.connect()
        await transport.declare(SERVICE.topology)
        publisher = Publisher(transport)
        await workload.publish_all(count, lambda: publisher.publish(message))
        await transport.close()
        return
    await worker.start()
    if scenario == "latency":
        publisher = Publisher(transport)
        await workload.at_rest(count, lambda: publisher.publish(message), finished)
    else:
        await finished.wait()
    await worker.stop()


workload.run(main())
