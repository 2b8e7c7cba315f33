"""Whatever a handler does, its worker ends: after the grace period, or at a second signal."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.cli.project import DEADLINE, Project, Running
from tests.fault.proxy import Proxy

pytestmark = pytest.mark.broker

STUBBORN = {
    "catches its cancellation": (
        "import contextlib\n"
        "        while True:\n"
        "            with contextlib.suppress(asyncio.CancelledError):\n"
        "                await asyncio.sleep(60)"
    ),
    "waits for a thread": "import time; await asyncio.to_thread(time.sleep, 60)",
    "leaves a thread behind": (
        "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()"
    ),
    "blocks the event loop": "import time; time.sleep(60)",
    "spins": "while True: pass",
}
LIMIT = 9.0
"""Seconds from the signal to the end: the grace period, closing, and a machine that is busy."""


@pytest.fixture
def workers() -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for each in started:
        each.process.kill()


USUAL = "await asyncio.sleep(job.seconds)"


def replaced(project: Project, usual: str, body: str) -> None:
    source = project.folder / "little.py"
    text = source.read_text()
    assert usual in text
    source.write_text(text.replace(usual, body))


def begun(project: Project) -> None:
    done = project.run("publish", f"{project.prefix}.work", '{"number": 1}')
    assert done.returncode == 0, done.stderr
    project.wait_for_note("begun 1")


@pytest.mark.parametrize("way", STUBBORN)
@pytest.mark.parametrize("grace", ["timeout", "second signal"])
def test_a_worker_ends_whatever_its_handler_does(
    broker_project: Project, workers: list[Running], way: str, grace: str
) -> None:
    replaced(broker_project, USUAL, STUBBORN[way])
    seconds = "1" if grace == "timeout" else "60"
    workers.append(worker := broker_project.start("--shutdown-timeout", seconds))
    begun(broker_project)
    time.sleep(0.3)
    asked = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    if grace == "second signal":
        time.sleep(0.5)
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGTERM)
    status = worker.process.wait(DEADLINE)
    assert time.monotonic() - asked < LIMIT
    # The handler that leaves a thread behind has finished its message.
    assert status == (0 if way == "leaves a thread behind" else 1) or status == -signal.SIGTERM
    if way != "leaves a thread behind":
        replaced(broker_project, STUBBORN[way], USUAL)
        workers.append(broker_project.start())
        broker_project.wait_for_note("done 1")


ENDINGS = {
    "exits in a task": "asyncio.get_running_loop().create_task(leave())",
    "exits in a callback": "asyncio.get_running_loop().call_soon(sys.exit, 3)",
    "interrupts in a task": "asyncio.get_running_loop().create_task(interrupt())",
    "stops the loop": "asyncio.get_running_loop().stop()",
    "closes the loop": "asyncio.get_running_loop().close()",
    "exits": "sys.exit(3)",
    "exits in a thread": "await asyncio.to_thread(sys.exit, 3)",
    "forks, and the child exits": "os.fork() or sys.exit(3)",
    "forks, and the child fails": "os.fork() or 1 / 0",
    "forks, and the child comes back": "os.fork()",
}
TASKS = """
import sys

async def leave() -> None:
    sys.exit(3)

async def interrupt() -> None:
    raise KeyboardInterrupt

"""


@pytest.mark.parametrize("way", ENDINGS)
def test_a_handler_that_ends_the_event_loop_harms_no_neighbour(
    broker_project: Project, workers: list[Running], way: str
) -> None:
    replaced(
        broker_project, USUAL, f"{USUAL}\n        if job.number == 1:\n            {ENDINGS[way]}"
    )
    source = broker_project.folder / "little.py"
    source.write_text(
        source.read_text().replace("\nimport asyncio\n", f"\nimport asyncio\n{TASKS}")
    )
    workers.append(worker := broker_project.start("--shutdown-timeout", "5"))
    work = f"{broker_project.prefix}.work"
    assert broker_project.run("publish", work, '{"number": 2, "seconds": 3}').returncode == 0
    broker_project.wait_for_note("begun 2")
    assert broker_project.run("publish", work, '{"number": 1}').returncode == 0
    broker_project.wait_for_note("begun 1")
    notes = broker_project.wait_for_note("done 2")
    assert notes.count("begun 2") == 1, "its neighbour was handled twice"
    assert [note.split()[:2] for note in notes].count(["done", "2"]) == 1
    assert worker.process.poll() is None
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(DEADLINE) == 0


CHILD = """
def publish_there() -> None:
    try:
        asyncio.run(Work(number=3).publish())
    except BrokerUnreachableError as error:
        note(f"refused: {error}")

"""
IN_A_CHILD = (
    'child = multiprocessing.get_context("fork").Process(target=publish_there)\n'
    "        child.start()\n"
    "        await asyncio.to_thread(child.join, 20)\n"
    "        child.kill()"
)


def test_a_child_process_has_no_part_in_its_parents_connections(
    broker_project: Project, workers: list[Running]
) -> None:
    replaced(broker_project, USUAL, IN_A_CHILD)
    imports = (
        "\nimport asyncio\nimport multiprocessing\nfrom jararaca import BrokerUnreachableError\n"
    )
    replaced(broker_project, "\nimport asyncio\n", imports)
    replaced(broker_project, "\nSERVICE = ", f"{CHILD}\nSERVICE = ")
    workers.append(worker := broker_project.start())
    begun(broker_project)
    [told] = [note for note in broker_project.wait_for_note("done 1") if note.startswith("refused")]
    assert "another process" in told
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(DEADLINE) == 0
    assert "lost the" not in worker.output


@pytest.mark.parametrize("busy", [False, True])
def test_a_killed_parent_leaves_no_workers_behind(
    broker_project: Project, workers: list[Running], busy: bool
) -> None:
    replaced(broker_project, USUAL, STUBBORN["catches its cancellation"])
    workers.append(parent := broker_project.start("--workers", "2", "--shutdown-timeout", "1"))
    children = children_of(parent.process.pid)
    assert len(children) == 2
    if busy:
        begun(broker_project)
    parent.process.kill()
    parent.process.wait(DEADLINE)
    until = time.monotonic() + LIMIT
    while any(map(lives, children)) and time.monotonic() < until:
        time.sleep(0.1)
    left = [each for each in children if lives(each)]
    for each in left:
        os.kill(each, signal.SIGKILL)
    assert left == []


@pytest.mark.parametrize("lane", TRANSPORTS)
async def test_a_worker_whose_broker_is_silent_ends_by_itself(
    broker_project: Project, workers: list[Running], lane: str
) -> None:
    parts = urlsplit(broker_project.environment["BROKER_URL"])
    proxy = Proxy(parts.port or 5672)
    await proxy.start()
    through = parts._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()
    away = {**broker_project.environment, "BROKER_URL": with_transport(through, lane)}
    project = replace(broker_project, environment=away)
    worker = await asyncio.to_thread(project.start, "--shutdown-timeout", "1")
    workers.append(worker)
    proxy.stall()
    worker.process.send_signal(signal.SIGTERM)
    status = await asyncio.to_thread(worker.process.wait, DEADLINE)
    await proxy.close()
    assert (status, "keeps running" in worker.output) == (0, False), worker.output


def children_of(parent: int) -> list[int]:
    """The processes that a process has started."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [int(each) for each in text.split()]


def lives(process: int) -> bool:
    """Whether it runs: what has ended and waits for its parent does not."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
