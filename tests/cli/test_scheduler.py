"""`jararaca scheduler` says what is scheduled and when it is next, and ends when told."""

from __future__ import annotations

import json
import signal

import pytest

from tests.cli.project import DEADLINE, Project, Running

SCHEDULED = """
from dataclasses import replace

from jararaca import Microservice, Schedule, ScheduledAction, ScheduledRun
from little import SERVICE, Work, note

nightly = Schedule(name="little.Work", message=Work, cron="0 3 * * *", timezone="Europe/Lisbon",
                   payload='{"number": 7}')


class Beat:
    @ScheduledAction(every=0.2, catch_up="none")
    async def beat(self, run: ScheduledRun) -> None:
        note("beat")


app = Microservice(replace(SERVICE, schedules=(nightly,)), scheduled=[Beat], name="clockwork")
"""


@pytest.fixture
def clockwork(project: Project) -> Project:
    (project.folder / "clockwork.py").write_text(SCHEDULED)
    return project


def test_it_lists_what_is_scheduled_and_when_it_is_next(clockwork: Project) -> None:
    done = clockwork.run("scheduler", "clockwork", "--list")
    assert done.returncode == 0, done.stderr
    headings, nightly, beat = done.stdout.splitlines()
    assert headings.split() == ["schedule", "when", "late", "ones", "what", "next"]
    assert nightly.startswith("little.Work  0 3 * * * Europe/Lisbon  latest")
    assert "03:00 WE" in nightly
    assert beat.split()[:5] == ["Beat.beat", "every", "0.2", "s", "none"]
    listed = json.loads(clockwork.run("scheduler", "clockwork", "--list", "--json").stdout)
    assert [each["name"] for each in listed] == ["little.Work", "Beat.beat"]
    assert listed[0]["timezone"] == "Europe/Lisbon"
    assert "T03:00:00" in listed[0]["next"]


def test_it_runs_what_is_due_until_a_term_signal(clockwork: Project) -> None:
    running = Running(clockwork, ("clockwork",), command="scheduler")
    running.wait_for("ready: 2 schedules")
    clockwork.wait_for_note("beat", times=3)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(DEADLINE) == 0
    assert "run this scheduler alone" in running.output
    assert running.output.endswith("stopped\n")


def test_where_nothing_is_scheduled_it_says_how_to(project: Project) -> None:
    done = project.run("scheduler")
    assert done.returncode == 2
    assert "x-schedule" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.run("scheduler", "--json").returncode == 2
