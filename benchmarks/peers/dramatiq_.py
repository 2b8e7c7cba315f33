"""dramatiq: its default eight threads, and the prefetch of the others."""

from __future__ import annotations

import os
import sys
import threading
import time

from benchmarks.workload import PREFETCH

os.environ["dramatiq_queue_prefetch"] = str(PREFETCH)  # noqa: SIM112

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks.measure import Meter
from benchmarks.model import Order
from benchmarks.sample import order

scenario, url, queue_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
finished = threading.Event()
counting = threading.Lock()
meter = Meter(count, finished.set)
broker = RabbitmqBroker(url=url)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=queue_name)
def handle(message: dict[str, object]) -> None:
    """Validate; dramatiq acks."""
    Order.model_validate(message)
    with counting:
        meter.one()


if scenario == "seed":
    handle.send(order())
else:
    worker = dramatiq.Worker(broker, worker_threads=8)
    worker.start()
    finished.wait()
    time.sleep(0.5)
    worker.stop()
broker.close()
