"""`make run`: compiles the documents, runs the shop, sends it each example and tells what happens.

It runs on memory:// in this one process, or on the RabbitMQ of BROKER_URL.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from jararaca import JararacaError, Microservice, Publisher, Worker
from jararaca.bound import Handled
from jararaca.cli.console import count, paint, say, table
from jararaca.examples import Example, examples_of
from jararaca.transport.connect import transport_for
from jararaca.transport.url import safe_url

BROKER_URL = os.environ.get("BROKER_URL") or "memory://shop"
QUIET_SECONDS = 1.5
DEADLINE_SECONDS = 60.0
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

    def heard(self, handled: Handled) -> None:
        """One line for each outcome, as it happens."""
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

    def quiet(self) -> bool:
        """Whether nothing is awaited and nothing has happened for a while."""
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
    from examples.shop.app import app

    say(f"\n{paint('2. Run the shop', 'bold')} on {safe_url(BROKER_URL)}, and send it each example")
    try:
        handled = asyncio.run(run(app))
    except JararacaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    say(f"\n{paint('3. Write the documentation page', 'bold')}")
    return 0 if jararaca("docs", "build") and handled else 1


async def run(app: Microservice) -> bool:
    """Run the worker and publish the examples; whether all was handled."""
    logging.getLogger("jararaca").setLevel(logging.ERROR)  # the listener tells of each retry
    show = Show()
    worker = Worker(app, transport_for(BROKER_URL), listener=show.heard)
    await worker.start()
    async with Publisher.connect(BROKER_URL) as publisher:
        sent = [await send(app, publisher, example) for example in examples(app)]
        deadline = time.perf_counter() + DEADLINE_SECONDS
        while time.perf_counter() < deadline and not idle(worker, show):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    drained = await worker.stop()
    say("\n" + table(show.rows(), HEADINGS, "  "))
    total = sum(n for (_, _, outcome), n in show.outcomes.items() if outcome == "handled")
    lost = sum(n for (*_, outcome), n in show.outcomes.items() if outcome == "dead-lettered")
    seconds = show.last - show.started
    say(f"\n  {count(len(sent), 'example')} published, {total} handled in {seconds:.1f} s")
    return drained and not lost and not +show.waiting and total > 0


def idle(worker: Worker, show: Show) -> bool:
    """Whether everything has come to its end."""
    return not worker.in_flight and show.quiet()


def examples(app: Microservice) -> list[Example]:
    """The examples of all documents; one that several services describe is sent once."""
    every = [each for service in app.services for each in examples_of(service)]
    return list({(each.body(), str(each.parameters)): each for each in every}.values())


async def send(app: Microservice, publisher: Publisher, example: Example) -> Example:
    """Publish one example as what its document calls it."""
    kinds = {kind.MESSAGE_NAME: kind for service in app.services for kind in service.messages}
    message = kinds[example.message].decode(example.body())
    await publisher.publish(message, parameters=example.parameters, headers=example.headers)
    return example


def jararaca(*arguments: str) -> bool:
    """Run a command of the `jararaca` command line; whether it succeeded."""
    return subprocess.run([sys.executable, "-m", "jararaca.cli", *arguments]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
