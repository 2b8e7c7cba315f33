"""`jararaca doctor`: what is well is said, what is not comes with the next step."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jararaca.cli import console
from jararaca.cli.commands import doctor as command
from jararaca.cli.commands.doctor import next_step
from jararaca.operations.doctor import EXTRAS, Finding

from tests.cli.project import Project

ROOT = Path(__file__).parents[2]
APP = """
from jararaca import Microservice
from jararaca.integrations.sqlalchemy import Database
from little import SERVICE

app = Microservice(SERVICE, integrations=[Database("{url}"{options})])
"""


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
    assert after["topology"]["found"] == "exchanges and queues as compiled: 7"
    assert after["permissions"]["state"] == after["broker"]["state"] == "good"
    assert "later" in after["handlers"]["found"]


def test_an_unreachable_broker_is_a_finding_with_a_next_step_and_no_password(
    project: Project,
) -> None:
    status, found = doctor(project, "--broker-url", "amqp://me:secret@127.0.0.1:1/")
    assert (status, found["broker"]["state"]) == (1, "bad")
    assert "BROKER_URL" in found["broker"]["remedy"]
    assert "secret" not in json.dumps(found)


@pytest.mark.parametrize(
    ("variables", "step"),
    [
        ({"BROKER_URL": "amqp://127.0.0.1:1/"}, "next: broker: start it, or set BROKER_URL"),
        ({"BROKER_URL": "amqp://no-such-host.invalid/"}, "correct the host in the broker URL"),
        ({"APP_PATH": "nothing_here"}, "next: application: there is no module nothing_here"),
        ({"APP_PATH": "little:nothing"}, "next: application: little has no nothing; it has: "),
        ({"APP_PATH": "without"}, "; pip install 'jararaca-contracts[fastapi]'"),
        ({"APP_PATH": "broken"}, "next: application: broken cannot be imported broken.py:1: Synt"),
        ({"BACKEND_URL": "redis://127.0.0.1:1/0"}, "next: backend: start it, or correct BACKEND_"),
        ({"BACKEND_URL": "http://x"}, "next: backend: the backend URL has another scheme"),
    ],
)
def test_the_last_line_is_the_one_step_that_helps(
    variables: dict[str, str], step: str, project: Project
) -> None:
    (project.folder / "broken.py").write_text("x = (")
    without = "import sys\nsys.modules['fastapi'] = None\nimport jararaca.integrations.fastapi"
    (project.folder / "without.py").write_text(without)
    done = project.run("doctor", **{"BROKER_URL": "memory://", **variables})
    assert done.returncode == 1
    assert step in done.stdout.splitlines()[-1]
    assert done.stdout.count("next: ") == 1


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


def test_every_extra_of_the_package_is_looked_for() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = pyproject["project"]["optional-dependencies"]
    assert sorted(EXTRAS) == sorted(set(extras) - {"all"})
    for extra, distribution in EXTRAS.items():
        names = [re.split(r"[\[><=~ ]", requirement)[0] for requirement in extras[extra]]
        assert distribution in names, extra


def with_database(project: Project, url: str, **options: bool) -> Project:
    text = APP.format(url=url, options="".join(f", {k}={v}" for k, v in options.items()))
    (project.folder / "shop.py").write_text(text)
    return Project(project.folder, project.prefix, {**project.environment, "APP_PATH": "shop"})


def test_the_database_and_its_outbox_are_looked_at_and_nothing_is_made(project: Project) -> None:
    place = project.folder / "shop.db"
    shop = with_database(project, f"sqlite:///{place}", outbox=True)
    _, found = doctor(shop)
    assert found["database"]["state"] == "good" and "outbox" not in found
    assert not place.exists()
    place.touch()
    _, found = doctor(shop)
    assert (found["outbox"]["state"], "jararaca_outbox" in found["outbox"]["found"]) == (
        "warn",
        True,
    )
    assert "jararaca outbox ddl" in found["outbox"]["remedy"]
    ddl = shop.run("outbox", "ddl", "--dialect", "sqlite").stdout
    connection = sqlite3.connect(place)
    connection.executescript(ddl)
    connection.close()
    status, found = doctor(shop)
    assert (found["outbox"]["state"], found["outbox"]["found"]) == ("good", "0 waiting, 0 parked")
    assert status == 0


def test_a_database_that_does_not_answer_is_a_finding_without_its_password(
    project: Project,
) -> None:
    shop = with_database(project, "postgresql://me:secret@127.0.0.1:1/shop")
    status, found = doctor(shop)
    assert (status, found["database"]["state"]) == (1, "bad")
    assert "secret" not in json.dumps(found)


def test_a_long_finding_is_wrapped_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "room_on", lambda stream: 60)
    names = ", ".join(f"extra{number}" for number in range(30))
    report = command._report([Finding("warn", "generated code", names, names)])
    lines = report.splitlines()
    assert len(lines) > 4 and max(map(len, lines)) <= 60
    assert " ".join(report.split()).count("extra29") == 2


def test_the_next_step_is_of_what_is_bad_before_what_is_doubtful() -> None:
    doubtful = Finding("warn", "handlers", "stubs: greet", "write them")
    bad = Finding("bad", "broker", "does not answer")
    good = Finding("good", "python", "3.11")
    assert next_step([good, doubtful, bad]) == "next: broker: does not answer"
    assert next_step([good, doubtful]) == "next: handlers: write them"
    assert next_step([good]) == "next: nothing, all is well"
