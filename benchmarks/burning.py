"""An application whose handler burns CPU, for `jararaca worker --workers N` to share out.

Each handled message is noted with the time, so that the rate can be read from outside.
"""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

from jararaca import (
    FORMAT,
    Exchange,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    QueueBinding,
    Service,
    Topology,
    route,
)

BURN_SECONDS = 0.002
QUEUE = os.environ.get("BENCH_QUEUE", "benchmark")
NOTES = Path(os.environ.get("BENCH_NOTES", "."))
NOTE = struct.Struct("d")


class Order(Message):
    """Of the benchmark's order, the one field that is looked at."""

    MESSAGE_TOPIC = QUEUE
    MESSAGE_TYPE = "task"
    order_id: str


@MessageBusController()
class Burning:
    """Computes for two milliseconds."""

    def __init__(self) -> None:
        self._notes = (NOTES / str(os.getpid())).open("ab", buffering=0)

    @MessageHandler(Order)
    async def handle(self, message: MessageOf[Order]) -> None:
        end = time.thread_time() + BURN_SECONDS
        while time.thread_time() < end:
            pass
        self._notes.write(NOTE.pack(time.monotonic()))


ROUTE = route(
    operation="handle",
    queue=QUEUE,
    binding_keys=(QUEUE,),
    message=Order,
    controller=Burning,
    handler=Burning.handle,
)
EXCHANGE = "benchmark.jararaca"
app = Microservice(
    Service(
        name="burning",
        title="Burning",
        version="1",
        format=FORMAT,
        source="benchmarks",
        digest="0" * 16,
        routes=(ROUTE,),
        topology=Topology(
            (Exchange(EXCHANGE, shared=True),),
            (Queue(QUEUE),),
            (QueueBinding(EXCHANGE, QUEUE, QUEUE),),
        ),
        messages=(Order,),
    )
)
