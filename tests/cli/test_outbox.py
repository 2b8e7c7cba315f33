"""`jararaca outbox`: what waits, what is stuck, and a relay of its own."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import urllib.request
from pathlib import Path

import pytest

from tests.cli.project import Project, Running, make_project

APP = """
from jararaca import Microservice
from jararaca.integrations.sqlalchemy import Database
from little import SERVICE

database = Database("sqlite:///{place}", outbox=True, relay=False, create_tables=True)
app = Microservice(SERVICE, integrations=[database])
without = Microservice(SERVICE)
"""
OBSERVED = """
import os
from jararaca.integrations.health import Health
from jararaca.integrations.prometheus import Prometheus

class Loud(Health):
    observes = False

    async def start(self, host):
        raise AssertionError("the relay needs no such thing")

looking = [Health(int(os.environ["HEALTH_PORT"])), Prometheus(int(os.environ["METRICS_PORT"]))]
app = Microservice(SERVICE, integrations=[database, *looking, Loud()])
"""
INSERT = """
INSERT INTO jararaca_outbox
    (message_id, name, exchange, routing_key, envelope, body, created_at,
     attempts, error, available_at, parked_at)
VALUES (?, ?, ?, ?, '{"properties":{},"headers":{},"mandatory":false}',
        CAST('{"number":1}' AS BLOB), '2026-01-01 00:00:00.000000', ?, ?, ?, ?)
"""
PAST = "2026-01-01 00:00:00.000000"


@pytest.fixture
def outbox(tmp_path: Path) -> Project:
    return _with_outbox(make_project(tmp_path, "memory://little"))


def _with_outbox(project: Project) -> Project:
    (project.folder / "shop.py").write_text(APP.format(place=project.folder / "shop.db"))
    found = Project(project.folder, project.prefix, {**project.environment, "APP_PATH": "shop"})
    done = found.run("outbox", "status")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["waiting", "0", "refused", "0", "parked", "0"]
    return found


def put(project: Project, *rows: tuple[object, ...]) -> None:
    connection = sqlite3.connect(project.folder / "shop.db")
    connection.executemany(INSERT, rows)
    connection.commit()
    connection.close()


def test_status_tells_what_waits_and_why_what_is_stuck_is_not_sent(outbox: Project) -> None:
    error = "UnroutableError: no queue takes 'x'"
    put(
        outbox,
        ("a", "Fine", "jararaca", "k", 0, None, None, None),
        ("b", "Refused", "jararaca", "x", 2, error, PAST, None),
        ("c", "Parked", "jararaca", "x", 10, error, PAST, PAST),
    )
    done = outbox.run("outbox", "status")
    assert done.returncode == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][:4] == ["waiting", "2", "(the", "oldest"]
    assert lines[2] == ["parked", "1"]
    assert lines[5][:5] == ["2", "Refused", "x", "2", "refused"]
    assert lines[6][:5] == ["3", "Parked", "x", "10", "parked"]
    assert done.stdout.count(error) == 2
    found = json.loads(outbox.run("outbox", "status", "--json").stdout)
    assert (found["waiting"], found["refused"], found["parked"]) == (2, 1, 1)
    assert found["oldest_seconds"] > 1_000
    assert [each["message_id"] for each in found["stuck"]] == ["b", "c"]


def test_requeue_takes_all_or_those_that_are_named(outbox: Project) -> None:
    put(outbox, *(("a", "P", "jararaca", "x", 10, "why", PAST, PAST) for _ in range(3)))
    assert outbox.run("outbox", "requeue", "--id", "2").stdout == ("1 message will be retried\n")
    assert json.loads(outbox.run("outbox", "status", "--json").stdout)["parked"] == 2
    assert outbox.run("outbox", "requeue").stdout == "2 messages will be retried\n"
    assert outbox.run("outbox", "status").returncode == 0


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_ddl_is_what_makes_the_tables(outbox: Project, dialect: str) -> None:
    printed = outbox.run("outbox", "ddl", "--dialect", dialect).stdout
    assert printed.count("CREATE TABLE") == 3 and printed.count("CREATE INDEX") == 2
    if dialect == "sqlite":
        connection = sqlite3.connect(":memory:")
        connection.executescript(printed)
        connection.close()


def test_bad_input_is_one_line(outbox: Project) -> None:
    for arguments, told in (
        (("ddl", "--dialect", "mysql"), "postgresql or sqlite"),
        (("status", "shop:without"), "outbox=True"),
    ):
        done = outbox.run("outbox", *arguments)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1 and told in done.stderr


@pytest.mark.broker
def test_a_relay_of_its_own_sends_until_it_is_told_to_stop(
    tmp_path: Path, scratch_broker_url: str
) -> None:
    project = _with_outbox(make_project(tmp_path, scratch_broker_url))
    worker = project.start()
    relay = Running(project, ("relay",), command="outbox")
    try:
        relay.wait_for("ready")
        exchange = "jararaca"
        if "exchange=" in scratch_broker_url:
            exchange = scratch_broker_url.partition("exchange=")[2]
        key = f"{project.prefix}.br.placed"
        put(project, ("a", "Placed", exchange, key, 0, None, None, None))
        project.wait_for_note("placed 1 br")
    finally:
        worker.end()
        relay.process.send_signal(signal.SIGTERM)
        assert relay.process.wait(30) == 0
    assert relay.output.endswith("stopped\n")
    assert project.run("outbox", "status").stdout.split()[:2] == ["waiting", "0"]


def test_a_relay_answers_probes_and_tells_what_is_parked(outbox: Project) -> None:
    """With what observes the application, and nothing else of it."""
    ports = {"HEALTH_PORT": str(free_port()), "METRICS_PORT": str(free_port())}
    module = outbox.folder / "shop.py"
    module.write_text(module.read_text() + OBSERVED)
    put(outbox, ("a", "Placed", "x", "key", 3, "refused", None, PAST))
    observed = Project(outbox.folder, outbox.prefix, {**outbox.environment, **ports})
    relay = Running(observed, ("relay",), command="outbox")
    try:
        relay.wait_for("ready")
        assert '"ready": true' in fetched(ports["HEALTH_PORT"], "/ready")
        told = fetched(ports["METRICS_PORT"], "/metrics")
        assert 'jararaca_outbox_messages{state="parked"} 1.0' in told
        assert "jararaca_connected 1.0" in told
    finally:
        relay.process.send_signal(signal.SIGTERM)
        assert relay.process.wait(30) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def fetched(port: str, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())
