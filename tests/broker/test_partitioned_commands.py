"""The commands on a partitioned service, in the order in which an operator comes to need them.

Each runs on one of the two brokers, as commands are dear: deliveries are tried on both elsewhere.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.broker.partitioned_project import divide, partitioned_project
from tests.cli.project import Project, Running
from tests.support.brokers import Broker

pytestmark = pytest.mark.broker
QUEUE = "pay.on_paid"


def done(project: Project, *arguments: str, status: int = 0) -> str:
    """The words that a command prints, with a space between."""
    found: subprocess.CompletedProcess[str] = project.run(*arguments)
    assert found.returncode == status, found.stdout + found.stderr
    return " ".join(f"{found.stdout} {found.stderr}".split())


def publish(project: Project, name: str, **values: object) -> None:
    topic = f"{project.prefix}.eu.paid"
    done(project, "publish", topic, json.dumps(values), "--message", name)


def test_what_fails_is_found_and_replayed_and_another_count_is_switched(
    tmp_path: Path, newest_scratch_broker: Broker
) -> None:
    pay = partitioned_project(tmp_path, newest_scratch_broker.url)
    assert f"{QUEUE}.p1" in done(pay, "topology", "plan", status=1)
    done(pay, "topology", "apply")
    assert "missing" not in done(pay, "topology", "plan")
    worker = pay.start()
    try:
        for number in (1, 2, -3):
            publish(pay, "Paid", order="a", number=number)
        publish(pay, "Failed", order="a")
        pay.wait_for_note("failed a")  # It is behind the one that is given up: the key is one.
        assert pay.notes == ["paid a 1", "paid a 2", "failed a"]
        assert f"{QUEUE} 1" in done(pay, "dead-letters", "list")
        assert "less than nothing" in done(pay, "dead-letters", "show", QUEUE)
        counted = [done(pay, "dead-letters", "list", f"{QUEUE}.p{number}") for number in range(2)]
        assert sorted("less than nothing" in each for each in counted) == [False, True]
        assert f"{QUEUE} 1" in done(pay, "doctor")
        rows = json.loads(pay.run("top", "--json").stdout)["queues"]
        assert [row["dead_letters"] for row in rows if row["name"] == QUEUE] == [1]
        assert not [row for row in rows if row["name"].startswith(f"{QUEUE}.p")]
        (pay.folder / "mended").touch()
        assert f"replayed 1 message into {QUEUE}" in done(pay, "dead-letters", "replay", QUEUE)
        pay.wait_for_note("paid a -3")
        assert "3 events of 4" in done(pay, "replay", "on_paid_paid")
        assert pay.wait_for_note("paid a", times=6)[-3:] == ["paid a 1", "paid a 2", "paid a -3"]

        divide(pay, 3)
        assert "has 2 partitions, compiled 3" in done(pay, "topology", "plan", status=1)
        assert f"{QUEUE}.p0: 0 wait, 1 consume" in done(pay, "topology", "apply", status=1)
        assert "`jararaca topology plan`" in done(pay, "worker", status=1)
    finally:
        worker.end()
    assert "`topology apply` switches now" in done(pay, "topology", "plan", status=1)
    assert "its old partitions were empty" in done(pay, "topology", "apply")
    assert "different" not in done(pay, "topology", "plan")


def test_outbox_scheduler_delays_and_requests_come_into_partitions(
    tmp_path: Path, scratch_broker: Broker
) -> None:
    pay = partitioned_project(tmp_path, scratch_broker.url)
    done(pay, "topology", "apply")
    worker = pay.start()
    scheduler = Running(pay, (), "scheduler")
    try:
        pay.wait_for_note("job tick", times=2)
        done(pay, "publish", f"{pay.prefix}.job", '{"key": "ask"}')
        for noted in ("count asked", "answered asked", "paid by-job 1", "count delayed"):
            pay.wait_for_note(noted)
    finally:
        scheduler.end()
        worker.end()
    left = json.loads(pay.run("top", "--json").stdout)["queues"]
    assert not [row for row in left if row["dead_letters"]]
