"""From process start to the last consumer ready, with 1, 100 and 500 handlers."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import environment, queues

HANDLERS = (1, 100, 500)
PREFIX = "benchmark.start"

JARARACA = '''"""Written by the benchmark."""
from jararaca import (FORMAT, Exchange, Message, MessageBusController, MessageHandler, MessageOf,
                      Queue, QueueBinding, Service, Topology, route)

{messages}

@MessageBusController()
class Handlers:
{handlers}

ROUTES = ({routes})
SERVICE = Service(name="start", title="Start", version="1", format=FORMAT, source="benchmarks",
    digest="0" * 16, routes=ROUTES, topology=Topology(
    (Exchange("benchmark.jararaca", shared=True),), ({queues}), ({bindings})), messages=({classes}))
'''

FASTSTREAM = '''"""Written by the benchmark."""
from faststream.rabbit import RabbitBroker, RabbitQueue
from pydantic import BaseModel
import sys
broker = RabbitBroker(sys.argv[1], logger=None)
{body}
'''


def jararaca(count: int) -> str:
    """A compiled service of so many tasks, as the compiler writes them."""
    names = [(n, f"{PREFIX}.{n}") for n in range(count)]
    return JARARACA.format(
        messages="\n".join(
            f'class Task{n}(Message):\n    MESSAGE_TOPIC = "{q}"\n    MESSAGE_TYPE = "task"\n'
            "    id: int\n    name: str\n    note: str | None = None"
            for n, q in names
        ),
        handlers="\n".join(
            f"    @MessageHandler(Task{n})\n"
            f"    async def task_{n}(self, message: MessageOf[Task{n}]) -> None: ..."
            for n, _ in names
        ),
        routes="".join(
            f'route(operation="o{n}", queue="{q}", binding_keys=("{q}",), message=Task{n}, '
            f"controller=Handlers, handler=Handlers.task_{n}),\n"
            for n, q in names
        ),
        queues="".join(f'Queue("{q}"),\n' for _, q in names),
        bindings="".join(f'QueueBinding("benchmark.jararaca", "{q}", "{q}"),\n' for _, q in names),
        classes="".join(f"Task{n}, " for n, _ in names),
    )


def faststream(count: int) -> str:
    """The same for FastStream."""
    return FASTSTREAM.format(
        body="\n".join(
            f"class Task{n}(BaseModel):\n    id: int\n    name: str\n    note: str | None = None\n"
            f'@broker.subscriber(RabbitQueue("{PREFIX}.{n}", durable=True))\n'
            f"async def task_{n}(message: Task{n}) -> None: ..."
            for n in range(count)
        )
    )


def table(url: str, rounds: int) -> str:
    """Seconds, CPU and memory; the queues exist already, and the .pyc files too."""
    lines = ["## Start: from process start to every consumer ready\n", HEAD]
    asyncio.run(queues.drop(url, *(f"{PREFIX}.{n}" for n in range(max(HANDLERS)))))
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("Jararaca", jararaca), ("FastStream", faststream)):
            for count in HANDLERS:
                module = f"{name.lower()}_{count}"
                Path(folder, f"{module}.py").write_text(write(count))
                _start(name, folder, module, url)
                runs = [_start(name, folder, module, url) for _ in range(rounds)]
                figures = [median(run[key] for run in runs) for key in ("ready", "cpu", "rss")]
                seconds, cpu, rss = figures
                lines.append(f"| {name} | {count} | {seconds:.2f} | {cpu:.2f} | {rss:.0f} |")
    asyncio.run(queues.drop(url, *(f"{PREFIX}.{n}" for n in range(max(HANDLERS)))))
    return "\n".join(lines) + "\n"


HEAD = "| | handlers | seconds | CPU seconds | RSS MiB |\n|---|---:|---:|---:|---:|"


def _start(name: str, folder: str, module: str, url: str) -> dict[str, float]:
    printed = environment.run("starting_", name.lower(), folder, module, url)
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return figures
