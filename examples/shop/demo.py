"""`make run`: compiles the documents, runs the shop, sends it each example and tells what happens.

Worker, scheduler, database and web page run in this one process: on memory:// and a file of
SQLite's, or on the RabbitMQ, PostgreSQL and Redis of BROKER_URL, DATABASE_URL and BACKEND_URL.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jararaca import JararacaError, Message, Microservice, Publisher, Scheduler, Worker
from jararaca.cli.console import count, paint, say, table
from jararaca.handlers.outcome import Handled
from jararaca.operations.replay.replay import Replay, Replayed, Wanted, routes_called
from jararaca.routing.examples import Example, examples_of
from jararaca.transport.connect import transport_for
from jararaca.transport.url import safe_url

BROKER_URL = os.environ.get("BROKER_URL") or "memory://shop"
BACKEND_URL = os.environ.get("BACKEND_URL") or None
QUIET_SECONDS = 1.5
DEADLINE_SECONDS = 60.0
REPLAYED = "WarehouseHandlers.reserve_stock"
HEADINGS = ("handler", "topic", "handled", "retried", "dead-lettered", "last after ms")
STYLES = {"handled": "good", "duplicate": "dim", "retried": "warn"}


@dataclass
class Show:
    """What the listener was told, and how it is printed."""

    started: float = field(default_factory=time.perf_counter)
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    ends: dict[tuple[str, str], float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)
    scheduled: int = 0
    frames: Counter[str] = field(default_factory=Counter)

    def heard(self, handled: Handled) -> None:
        """One line for each outcome, as it happens; what the clock brings is only counted."""
        if handled.message and handled.message.MESSAGE_NAME == "refreshDashboard":
            self.scheduled += handled.outcome == "handled"
            return
        self.last = time.perf_counter()
        name = handled.handler or handled.queue
        topic = handled.message.MESSAGE_TOPIC if handled.message else "?"
        self.outcomes[name, topic, handled.outcome] += 1
        if handled.outcome == "retried":
            self.waiting[name] += 1
        elif handled.attempt > 1:
            self.waiting[name] -= 1
        self.ends[name, topic] = (self.last - self.started) * 1000
        outcome = paint(handled.outcome, STYLES.get(handled.outcome, "bad"))
        why = f": {handled.reason}" if handled.reason else ""
        elapsed = f"{self.ends[name, topic]:7.0f} ms"
        say(f"  {paint(elapsed, 'dim')}  {name:<48} {topic:<30} {outcome}{why}")

    def handled_by(self, handler: str) -> int:
        """How often a handler has done its work."""
        return sum(
            number
            for (name, _, outcome), number in self.outcomes.items()
            if name == handler and outcome == "handled"
        )

    def quiet(self) -> bool:
        """Whether nothing is awaited, the clock has struck, and nothing has happened since."""
        if not self.scheduled or not self.frames["dashboardUpdated"]:
            return False
        return time.perf_counter() - self.last > QUIET_SECONDS and not +self.waiting

    def rows(self) -> list[list[str]]:
        """The table of the end: a row a handler and topic."""
        pairs = sorted({(name, topic) for name, topic, _ in self.outcomes})
        kinds = ("handled", "retried", "dead-lettered")
        return [
            [
                name,
                topic,
                *(str(self.outcomes[name, topic, kind] or "-") for kind in kinds),
                f"{self.ends[name, topic]:.0f}",
            ]
            for name, topic in pairs
        ]


def main() -> int:
    """All of it; 0 when everything was compiled, handled and written."""
    say(paint("1. Compile the documents", "bold"))
    if not jararaca("codegen"):
        return 1
    say(f"\n{paint('2. Link the services', 'bold')}: is all that one sends accepted by the others?")
    if not jararaca("link"):
        return 1
    with tempfile.TemporaryDirectory(prefix="jararaca-shop-") as folder:
        default = f"sqlite+aiosqlite:///{Path(folder, 'shop.db')}"
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or default
        from examples.shop.app import app, database

        say(f"\n{paint('3. Run the shop', 'bold')}, and send it each example")
        say(
            table(
                [["broker", safe_url(BROKER_URL)], ["database", str(database.engine.url)]],
                indent="  ",
            )
        )
        handled = shown(app)
    say(f"\n{paint('4. Write the documentation page', 'bold')}")
    return 0 if jararaca("docs", "build") and handled else 1


def shown(app: Microservice) -> bool:
    """Run it; an error of ours is one line."""
    try:
        return asyncio.run(run(app))
    except JararacaError as error:
        print(f"error: {error}", file=sys.stderr)
        return False


async def run(app: Microservice) -> bool:
    """Run worker, scheduler and web page, and publish the examples; whether all was handled."""
    logging.getLogger("jararaca").setLevel(logging.ERROR)  # the listener tells of each retry
    show = Show()
    worker = Worker(app, transport_for(BROKER_URL), listener=show.heard, backend_url=BACKEND_URL)
    scheduler = Scheduler(app, transport_for(BROKER_URL), backend_url=BACKEND_URL)
    await worker.start()
    await scheduler.start()
    async with page(show) as address, Publisher.connect(BROKER_URL) as publisher:
        show.started = time.perf_counter()
        sent = [await send(app, publisher, example) for example in examples(app)]
        deadline = time.perf_counter() + DEADLINE_SECONDS
        while time.perf_counter() < deadline and not idle(worker, show):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        seconds = show.last - show.started
        handled = dict(show.outcomes)
        again = await replayed(app, show)
        orders = await asyncio.to_thread(fetched, f"{address}/orders")
        quote = await asyncio.to_thread(fetched, f"{address}/quotes/BOOK-001?quantity=2")
    await scheduler.stop()
    drained = await worker.stop()
    say("\n" + table(show.rows(), HEADINGS, "  "))
    total = sum(n for (_, _, outcome), n in handled.items() if outcome == "handled")
    lost = sum(n for (*_, outcome), n in show.outcomes.items() if outcome == "dead-lettered")
    states = Counter(order["status"] for order in orders)
    say(f"\n  {count(len(sent), 'example')} published, {total} handled in {seconds:.1f} s")
    facts = [
        ["database", ", ".join(f"{number} {status}" for status, number in sorted(states.items()))],
        ["schedule", f"the dashboard was refreshed {count(show.scheduled, 'time')}, each second"],
        ["page", ", ".join(f"{n} {name}" for name, n in sorted(show.frames.items()))],
        ["replay", f"{count(again.sent, 'placed order')} went to {REPLAYED} again"],
        ["request", f"2 of BOOK-001 are {quote['total']['amount'] / 100:.2f} EUR"],
    ]
    say(table([[paint(name, "dim"), text] for name, text in facts], indent="  "))
    return drained and not lost and not +show.waiting and total > 0


async def replayed(app: Microservice, show: Show) -> Replayed:
    """Feed the stream of placed orders to the warehouse again, as `jararaca replay` does."""
    say(f"\n  jararaca replay {REPLAYED}")
    routes = routes_called(app.routes, REPLAYED)
    others = [route for route in app.routes if route.queue == routes[0].queue]
    transport = transport_for(BROKER_URL)
    await transport.connect()
    before = show.handled_by(REPLAYED)
    try:
        done = await Replay(transport, routes, others, Wanted(), lambda done, total: None).run()
    finally:
        await transport.close()
    deadline = time.perf_counter() + DEADLINE_SECONDS
    expected = before + done.sent
    while show.handled_by(REPLAYED) < expected and time.perf_counter() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return done


@asynccontextmanager
async def page(show: Show) -> AsyncIterator[str]:
    """The shop's web page on a free port, and a client that listens to it; the address."""
    import uvicorn
    from websockets.asyncio.client import connect

    from examples.shop.web import web

    api = web(BROKER_URL, consume=False)
    server = uvicorn.Server(uvicorn.Config(api, port=0, log_level="error", ws="websockets-sansio"))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if serving.done():
        await serving
    host = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    async with connect(f"ws://{host}/live") as socket:

        async def listen() -> None:
            async for frame in socket:
                show.frames[json.loads(frame)["type"]] += 1

        listening = asyncio.create_task(listen())
        try:
            yield f"http://{host}"
        finally:
            listening.cancel()
    server.should_exit = True
    await serving


def fetched(address: str) -> Any:
    """What a page answers with, as JSON."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def idle(worker: Worker, show: Show) -> bool:
    """Whether everything has come to its end."""
    return not worker.in_flight and show.quiet()


def examples(app: Microservice) -> list[Example]:
    """The examples of all messages of the bus; one that several services describe is sent once."""
    published = kinds(app)
    every = [each for service in app.services for each in examples_of(service)]
    chosen = [each for each in every if each.message in published]
    return list({(each.body(), str(each.parameters)): each for each in chosen}.values())


def kinds(app: Microservice) -> dict[str, type[Message]]:
    """The messages of all services by their names on the wire."""
    return {kind.MESSAGE_NAME: kind for service in app.services for kind in service.messages}


async def send(app: Microservice, publisher: Publisher, example: Example) -> Example:
    """Publish one example as what its document calls it."""
    message = kinds(app)[example.message].decode(example.body())
    await publisher.publish(message, parameters=example.parameters, headers=example.headers)
    return example


def jararaca(*arguments: str) -> bool:
    """Run a command of the `jararaca` command line; whether it succeeded."""
    return subprocess.run([sys.executable, "-m", "jararaca.cli", *arguments]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
