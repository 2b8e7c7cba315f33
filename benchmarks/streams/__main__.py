"""Reading a stream: over AMQP 0-9-1, as handlers do, beside the stream protocol (rstream alone).

A node of each RabbitMQ is started, a stream filled with so many orders of 0.3 kB, and each reader
reads all of it. The peers' environment has rstream.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from jararaca import Topology
from jararaca.contract.topology import Exchange
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from benchmarks import environment
from benchmarks.sample import encoded, order
from benchmarks.streams.readers import ALL, BOUND, KEPT, TOPIC
from tests.support.installations import Installation, installed, newest
from tests.support.nodes import Node, free_port

INSTALLATIONS = {"installed": installed, "newest": newest}
AT_ONCE = 1_000
HEADINGS = ("reader", "messages/s", "CPU ms per 1,000", "RSS MiB")


async def fill(url: str, count: int) -> float:
    """`count` orders in a new stream; in how many seconds."""
    transport = transport_for(url)
    await transport.connect()
    await transport.declare(Topology((Exchange("jararaca", shared=True),), (KEPT,), (BOUND,)))
    body, began = encoded(order(False)), time.perf_counter()
    for start in range(0, count, AT_ONCE):
        some = range(start, min(count, start + AT_ONCE))
        await asyncio.gather(*(transport.publish(Publication(TOPIC, body)) for _ in some))
    await transport.close()
    return time.perf_counter() - began


def measured(installation: Installation, asked: argparse.Namespace, folder: Path) -> None:
    """The readers on a node of this RabbitMQ, one after the other."""
    port = free_port()
    settings = (
        f"stream.listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"stream.advertised_host = 127.0.0.1\nstream.advertised_port = {port}\n"
    )
    node = Node(folder, installation, settings=settings, plugins=("rabbitmq_stream",))
    node.start()
    try:
        seconds = asyncio.run(fill(node.url, asked.count))
        version = installation.version()
        print(f"\nRabbitMQ {version}, {asked.count:,} messages, published in {seconds:.0f} s\n")
        print("| " + " | ".join(HEADINGS) + " |\n|---|--:|--:|--:|", flush=True)
        for name in asked.readers or ALL:
            told = read(name, node.url, port, asked.count)
            rate, cpu = asked.count / told["seconds"], told["cpu"] * 1e6 / asked.count
            print(f"| {name} | {rate:,.0f} | {cpu:.1f} | {told['rss']:.0f} |", flush=True)
    finally:
        node.kill()


def read(name: str, url: str, port: int, count: int) -> dict[str, float]:
    """What a reader tells of itself."""
    command = [str(environment.PYTHON), "-m", "benchmarks.streams.readers", name, url]
    done = subprocess.run(
        [*command, str(port), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=environment.ROOT,
        env={**os.environ, "PYTHONPATH": str(environment.ROOT)},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure on each RabbitMQ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000, help="messages (100000)")
    parser.add_argument("--on", choices=INSTALLATIONS, help="this RabbitMQ alone")
    parser.add_argument("--readers", nargs="+", choices=ALL, help="these alone")
    asked = parser.parse_args()
    environment.prepare()
    for name, installation in INSTALLATIONS.items():
        if asked.on in (None, name):
            with tempfile.TemporaryDirectory(prefix="jararaca-streams-") as folder:
                measured(installation(), asked, Path(folder))


if __name__ == "__main__":
    main()
