"""One worker process: `python -m benchmarks.partitioned.worker KIND URL QUEUE COUNT PREFETCH NOTES`

KIND is `partitions`, `plain`, `ordered_by`, `queues` or `handlers`, or a peer's: `aio-pika` or
`faststream`. It prints `ready`, and works until it is told to stop.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from jararaca import Microservice, Worker
from jararaca.transport.connect import transport_for

from benchmarks.partitioned.services import service
from benchmarks.partitioned.step import Bench, Step


def ready() -> None:
    """Tell who waits for it."""
    print("ready", flush=True)


async def told_to_stop() -> None:
    """Wait for SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ready()
    await stop.wait()


async def ours(kind: str, url: str, queue: str, count: int, prefetch: int) -> None:
    """Jararaca's worker."""
    made = service(kind, queue, count)
    await Worker(Microservice(made), transport_for(url), prefetch=prefetch).run(ready)


async def by_aio_pika(url: str, queue: str, prefetch: int) -> None:
    """aio-pika's consumer, as its documentation has it."""
    import aio_pika

    connection = await aio_pika.connect_robust(url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=prefetch)

    async def handle(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        await Bench.work(Step.model_validate_json(message.body).work)
        await message.ack()

    await (await channel.get_queue(queue)).consume(handle)
    await told_to_stop()
    await connection.close()


async def by_faststream(url: str, queue: str, prefetch: int) -> None:
    """FastStream's broker and subscriber, its access log off."""
    from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

    broker = RabbitBroker(url, logger=None, default_channel=Channel(prefetch_count=prefetch))

    @broker.subscriber(RabbitQueue(queue, declare=False))
    async def handle(message: Step) -> None:
        await Bench.work(message.work)

    await broker.start()
    await told_to_stop()
    await broker.stop()


async def main() -> None:
    """Work until told to stop."""
    kind, url, queue, count, prefetch, notes = sys.argv[1:7]
    Bench.begin(notes)
    if kind.startswith("aio-pika"):
        await by_aio_pika(url, queue, int(prefetch))
    elif kind.startswith("faststream"):
        await by_faststream(url, queue, int(prefetch))
    else:
        await ours(kind, url, queue, int(count), int(prefetch))


if __name__ == "__main__":
    asyncio.run(main())
