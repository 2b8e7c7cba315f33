"""What is measured, and with whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """A contestant: its module in `benchmarks.peers`, and whether it has messages of its own."""

    name: str
    module: str
    flags: tuple[str, ...] = ()
    envelope: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A workload; `queue` filled before each run, `figure` what is compared."""

    key: str
    title: str
    count: int
    peers: tuple[Peer, ...]
    fill: bool = True
    large: bool = False


JARARACA = Peer("Jararaca", "jararaca_")
JARARACA_UVLOOP = Peer("Jararaca, uvloop", "jararaca_", ("--uvloop",))
PLAIN = Peer("Jararaca, transport=plain", "jararaca_", ("--plain",))
AIO_PIKA = Peer("aio-pika", "aio_pika_")
AIO_PIKA_UVLOOP = Peer("aio-pika, uvloop", "aio_pika_", ("--uvloop",))
FASTSTREAM = Peer("FastStream", "faststream_")
TASKIQ = Peer("taskiq + taskiq-aio-pika", "taskiq_", envelope=True)
DRAMATIQ = Peer("dramatiq, 8 threads", "dramatiq_", envelope=True)
CELERY = Peer("Celery, solo pool", "celery_", envelope=True)

ONE_WORKER = Peer("jararaca worker", "workers_", ("1",))
TWO_WORKERS = Peer("jararaca worker --workers 2", "workers_", ("2",))

BASE = (JARARACA, AIO_PIKA, FASTSTREAM)
ASYNCIO = (JARARACA, JARARACA_UVLOOP, PLAIN, AIO_PIKA, AIO_PIKA_UVLOOP, FASTSTREAM)

SCENARIOS = (
    Scenario(
        "consume",
        "Consume, validate and ack small messages (prefetch 200)",
        20_000,
        (*ASYNCIO, TASKIQ, DRAMATIQ, CELERY),
    ),
    Scenario("large", "Consume messages of 16 KiB", 1_000, BASE, large=True),
    Scenario("sleep", "Handlers that sleep 10 ms, 200 at a time", 10_000, BASE),
    Scenario("publish", "Publish with confirms, 100 in flight", 10_000, ASYNCIO, fill=False),
    Scenario("workers", "Handlers that burn 2 ms of CPU", 1_500, (ONE_WORKER, TWO_WORKERS)),
    Scenario("latency", "A single message at rest, publish to handler", 300, BASE, fill=False),
)
