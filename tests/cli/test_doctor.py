"""`jararaca doctor`: what is well is said, what is not comes with the next step."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.project import Project


def doctor(project: Project, *arguments: str, **variables: str) -> tuple[int, dict[str, Any]]:
    """Its exit status, and each finding by what was looked at."""
    done = project.run("doctor", "--json", *arguments, **variables)
    assert done.stderr == ""
    return done.returncode, {each["what"]: each for each in json.loads(done.stdout)}


def declare(project: Project, url: str) -> None:
    assert project.run("topology", "apply", BROKER_URL=url).returncode == 0


@pytest.mark.broker
def test_all_is_well_once_the_topology_is_declared(broker_project: Project) -> None:
    status, before = doctor(broker_project)
    assert (status, before["topology"]["state"]) == (0, "warn")
    declare(broker_project, broker_project.environment["BROKER_URL"])
    status, after = doctor(broker_project)
    assert status == 0
    assert after["topology"]["found"] == "7 exchanges and queues as compiled"
    assert after["rights"]["state"] == after["broker"]["state"] == "good"
    assert "later" in after["handlers"]["found"]


def test_an_unreachable_broker_is_a_finding_with_a_next_step_and_no_password(
    project: Project,
) -> None:
    status, found = doctor(project, "--broker-url", "amqp://me:secret@127.0.0.1:1/")
    assert (status, found["broker"]["state"]) == (1, "bad")
    assert "BROKER_URL" in found["broker"]["remedy"]
    assert "secret" not in json.dumps(found)


def test_an_application_that_cannot_be_loaded_does_not_keep_the_broker_unchecked(
    project: Project,
) -> None:
    status, found = doctor(project, APP_PATH="nothing_here")
    assert (status, found["application"]["state"]) == (1, "bad")
    assert found["broker"]["state"] == "good"


@pytest.mark.broker
def test_a_queue_that_differs_is_named(broker_project: Project) -> None:
    url = broker_project.environment["BROKER_URL"]
    declare(broker_project, url)
    queue = f"{broker_project.prefix}.work"
    definition = {"name": queue, "vhost": urlsplit(url).path[1:] or "/", "durable": True}
    changed = broker_project.folder / "little.py"
    text = changed.read_text()
    changed.write_text(
        text.replace(
            'retry=RetryPolicy(max_retries=0), group="slow"',
            'retry=RetryPolicy(max_retries=0), group="slow", ordered=True',
        )
    )
    status, found = doctor(broker_project)
    assert (status, found["topology"]["state"]) == (1, "bad"), definition
    assert queue in found["topology"]["found"]


def test_a_backend_that_does_not_answer_is_a_finding(project: Project) -> None:
    status, found = doctor(project, "--backend-url", "redis://127.0.0.1:1/0")
    assert (status, found["backend"]["state"]) == (1, "bad")


def test_a_person_reads_one_line_a_finding(project: Project) -> None:
    done: subprocess.CompletedProcess[str] = project.run("doctor")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✓  python")
    assert not any("\x1b" in line for line in lines)
