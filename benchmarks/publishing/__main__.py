"""`python -m benchmarks.publishing`: all clients in turns; a section of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict

import aiormq

from benchmarks import environment, page, report
from benchmarks.publishing.broker_cpu import BrokerCpu
from benchmarks.publishing.clients import CLIENTS, Client, command, is_built
from benchmarks.publishing.lanes import EXCHANGE, KEY
from benchmarks.publishing.table import Runs, table
from benchmarks.sample import encoded, order

QUEUE = "benchmark.publish"
IN_FLIGHT = (1, 10, 100, 1_000)
SLOWER = {1: 0.1, 10: 0.5}
"""Of the messages, where few are in flight: what each waits for the broker takes the time."""

TITLE = "## Publish with confirms: 1 to 1,000 in flight"
HEAD = """\
`python -m benchmarks.publishing` writes this section. All clients do the same, in turns: a topic
exchange with one queue, mandatory, persistent, an id, a time and a type, {size} bytes of JSON, each
confirmed, and so many in flight. Jararaca, aio-pika and FastStream encode a model for each message.
"asyncio alone" is the floor of Python: it writes one prepared publication again and again, and
counts confirms; "awaited" has a task for each in flight that awaits them, as `await publish()` has.
The C client encodes nothing, either. CPU is in ms for 1,000 messages; the broker's includes what it
does for the client's start. Figures are the median of {rounds} rounds with the lowest and highest.
{machine}.{note}
"""


def main() -> None:
    """Run what is asked for."""
    asked = _arguments()
    environment.prepare()
    clients = [each for each in CLIENTS if each.module or is_built()]
    clients = [each for each in clients if not asked.only or each.name in asked.only]
    url = os.environ.get("BENCH_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672/")
    parts = []
    for in_flight in IN_FLIGHT:
        count = int(asked.count * SLOWER.get(in_flight, 1))
        count -= count % in_flight
        runs: Runs = defaultdict(list)
        for number in range(asked.rounds):
            for client in clients:
                runs[client.name].append(_run(url, client, count, in_flight))
                told = f"{in_flight} in flight, round {number + 1}/{asked.rounds}: {client.name}"
                print(told, runs[client.name][-1], file=sys.stderr, flush=True)
        parts.append(table(in_flight, runs))
        print(parts[-1], flush=True)
    asyncio.run(_remove(url))
    if not asked.only:
        head = HEAD.format(
            size=len(encoded(order())),
            rounds=asked.rounds,
            machine=report.machine(f"RabbitMQ on the same machine, {os.cpu_count()} cores"),
            note=f" {asked.note}" if asked.note else "",
        )
        page.put_section(TITLE, f"{TITLE}\n\n{head}\n" + "\n".join(parts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each client (3)")
    parser.add_argument("--count", type=int, default=15_000, help="messages of a run (15000)")
    parser.add_argument("--note", default="", help="a sentence about the machine, for the page")
    names = [client.name for client in CLIENTS]
    parser.add_argument(
        "--only", nargs="+", choices=names, default=[], help="print these, write nothing"
    )
    return parser.parse_args()


def _run(url: str, client: Client, count: int, in_flight: int) -> dict[str, float]:
    asyncio.run(_declare(url))
    broker = BrokerCpu(url)
    before = broker.seconds()
    started = command(client, url, count, in_flight)
    done = subprocess.run(
        started,
        input=encoded(order()),
        capture_output=True,
        cwd=environment.ROOT,
        env={**os.environ, "PYTHONPATH": str(environment.ROOT)},
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{client.name} failed:\n{done.stderr.decode()[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    after = broker.seconds()
    if before is not None and after is not None:
        figures["broker"] = (after - before) / count * 1e6
    return figures


async def _declare(url: str) -> None:
    """The exchange, and an empty queue that takes everything."""
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel()
        await channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
        await channel.queue_delete(QUEUE)
        await channel.queue_declare(QUEUE, durable=True)
        await channel.queue_bind(QUEUE, EXCHANGE, KEY)


async def _remove(url: str) -> None:
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE)
        await channel.exchange_delete(EXCHANGE)


if __name__ == "__main__":
    main()
