"""Celery: the solo pool, acks late, pydantic arguments, no result backend."""

from __future__ import annotations

import os
import sys
import threading
import time

from celery import Celery
from kombu import Queue  # type: ignore[attr-defined]

from benchmarks.measure import Meter
from benchmarks.model import Order
from benchmarks.sample import order
from benchmarks.workload import PREFETCH

scenario, url, queue_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
app = Celery("benchmark", broker=url)
app.conf.update(
    task_queues=[Queue(queue_name, durable=True)],  # type: ignore[no-untyped-call]
    task_default_queue=queue_name,
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=PREFETCH,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)
meter = Meter(count, lambda: threading.Thread(target=end).start())


def end() -> None:
    """Stop once the last acks are out; a task cannot end the solo pool more gently."""
    time.sleep(0.5)
    os._exit(0)


@app.task(name="benchmark", pydantic=True)  # type: ignore[untyped-decorator]
def handle(message: Order) -> None:
    """Celery has validated and will ack."""
    meter.one()


if scenario == "seed":
    handle.delay(order())
else:
    app.worker_main(
        [
            "worker",
            "--pool=solo",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "-c1",
        ]
    )
