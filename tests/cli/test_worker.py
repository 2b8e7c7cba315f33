"""`jararaca worker` says what it does, drains when told, and tells by its status how it went."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.cli.project import DEADLINE, Project, Running
from tests.fault.proxy import Proxy
from tests.support.nodes import free_port

pytestmark = pytest.mark.broker


@pytest.fixture
def workers() -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for each in started:
        each.end()


def publish(project: Project, number: int, seconds: float = 0) -> None:
    body = f'{{"number": {number}, "seconds": {seconds}}}'
    done = project.run("publish", f"{project.prefix}.work", body)
    assert done.returncode == 0, done.stderr


def test_it_tells_what_it_consumes_and_what_waits(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(worker := broker_project.start())
    prefix = broker_project.prefix
    consuming, waiting = worker.output.split("not consumed: these handlers are still stubs")
    assert "guest:***@" in consuming
    assert "guest:guest" not in worker.output
    assert f"{prefix}.work Little.work {prefix}.work".split() in map(
        str.split, consuming.split("\n")
    )
    assert "Little.later (stub)" in waiting
    assert "ready: 2 handlers on 2 queues" in waiting


def test_a_term_signal_lets_the_handler_in_flight_finish(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(worker := broker_project.start())
    publish(broker_project, 1, seconds=1)
    broker_project.wait_for_note("begun 1")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(DEADLINE) == 0
    assert broker_project.notes[-1].startswith("done 1")
    assert worker.output.endswith("stopped\n")


@pytest.mark.parametrize("way", ["second signal", "timeout"])
def test_a_handler_that_is_cut_off_is_told_by_the_status(
    broker_project: Project, workers: list[Running], way: str
) -> None:
    timeout = "0.2" if way == "timeout" else "60"
    workers.append(worker := broker_project.start("--shutdown-timeout", timeout))
    publish(broker_project, 1, seconds=60)
    broker_project.wait_for_note("begun 1")
    worker.process.send_signal(signal.SIGTERM)
    if way == "second signal":
        worker.wait_for("draining")
        worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(DEADLINE) == 1
    assert "stopped before every handler had finished" in worker.output


def test_only_the_chosen_handlers_are_consumed(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(worker := broker_project.start("--groups", "slow"))
    assert "ready: 1 handler on 1 queue" in worker.output
    unknown = broker_project.run("worker", "--handlers", "nothing")
    assert unknown.returncode == 2
    assert "no handler 'nothing'; known: later, on_placed, work" in unknown.stderr


def test_a_broker_that_is_not_there_ends_it_with_one_line(project: Project) -> None:
    done = project.run("worker", "--broker-url", "amqp://me:secret@127.0.0.1:1/")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no connection to ")
    assert "secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.broker
async def test_a_worker_waits_for_a_broker_that_is_still_starting(
    broker_project: Project, workers: list[Running]
) -> None:
    parts = urlsplit(broker_project.environment["BROKER_URL"])
    proxy = Proxy(parts.port or 5672)
    proxy.port = free_port()
    late = parts._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()
    project = replace(
        broker_project, environment={**broker_project.environment, "BROKER_URL": late}
    )
    workers.append(worker := Running(project, ("--wait-for-broker", "60")))
    await asyncio.to_thread(worker.wait_for, "Waiting for it, 60 s at most")
    assert "ready" not in worker.output
    assert "consuming" not in worker.output
    await proxy.start()
    await asyncio.to_thread(worker.wait_for, "ready: 2 handlers on 2 queues")
    await asyncio.to_thread(worker.end)
    await proxy.close()


def test_waiting_for_a_broker_ends(project: Project) -> None:
    url = "amqp://me:secret@127.0.0.1:1/"
    done = project.run("worker", "--broker-url", url, WAIT_FOR_BROKER="2")
    assert done.returncode == 1
    assert "Waiting for it, 2 s at most" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: no connection to ")


def test_reload_runs_the_changed_code_and_survives_a_broken_one(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(worker := broker_project.start("--reload"))
    worker.wait_for("watching")
    source = broker_project.folder / "little.py"
    text = source.read_text()
    time.sleep(1)  # the watcher is up only some time after it says so
    source.write_text(text + "\nbroken(\n")
    worker.wait_for("SyntaxError")
    source.write_text(text.replace('note(f"begun', 'note(f"changed'))
    worker.wait_for("ready", times=2)
    publish(broker_project, 5)
    broker_project.wait_for_note("changed 5")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(DEADLINE) == 0


def test_a_worker_process_that_dies_is_started_again(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(parent := broker_project.start("--workers", "2"))
    publish(broker_project, 1)
    first = broker_project.wait_for_note("done 1")[-1]
    os.kill(int(first.split()[-1]), signal.SIGKILL)
    parent.wait_for("restarting")
    assert re.search(r"worker \d \(pid \d+\) exited with status 137", parent.output)
    for number in range(2, 12):
        publish(broker_project, number)
    for number in range(2, 12):
        broker_project.wait_for_note(f"done {number} ")
    parent.process.send_signal(signal.SIGTERM)
    assert parent.process.wait(DEADLINE) == 0


def test_a_term_signal_to_the_parent_lets_all_workers_finish(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(parent := broker_project.start("--workers", "2", "--prefetch", "1"))
    for number in (1, 2):
        publish(broker_project, number, seconds=3)
    broker_project.wait_for_note("begun", times=2)
    parent.process.send_signal(signal.SIGTERM)
    assert parent.process.wait(DEADLINE) == 0
    done = [note.split() for note in broker_project.notes if note.startswith("done ")]
    assert {note[1] for note in done} == {"1", "2"}
    assert len({note[-1] for note in done}) == 2, "both were handled by one process"


def test_workers_that_are_refused_their_input_are_not_started_again(project: Project) -> None:
    done = project.run("worker", "nowhere:app", "--workers", "2")
    assert done.returncode == 2
    assert "there is no module nowhere" in done.stderr
    assert "restarting" not in done.stderr


def test_log_lines_are_json_where_that_is_asked_for(
    broker_project: Project, workers: list[Running]
) -> None:
    workers.append(worker := broker_project.start("--log-format", "json"))
    publish(broker_project, -1)
    worker.wait_for("dead-lettered")
    (line,) = [line for line in worker.output.splitlines() if "dead-lettered" in line]
    told = json.loads(line)
    assert told["topic"] == f"{broker_project.prefix}.work"
    assert told["handler"] == "Little.work"
    assert told["message_id"]
    wrong = broker_project.run("worker", "--log-format", "xml")
    assert wrong.returncode == 2
    assert "text or json" in wrong.stderr
