"""`jararaca replay` as a person runs it: options, errors, and on from where it was stopped."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.project import DEADLINE, Project, Running, make_project

pytestmark = pytest.mark.broker

KEPT = """
from jararaca import Queue, QueueBinding

STREAM = f"{P}.stream"
placed, *others = SERVICE.routes
SERVICE = replace(
    SERVICE,
    routes=(replace(placed, stream=STREAM), *others),
    topology=replace(
        SERVICE.topology,
        queues=(*SERVICE.topology.queues, Queue(STREAM, arguments={"x-queue-type": "stream"})),
        bindings=(
            *SERVICE.topology.bindings, QueueBinding("jararaca", STREAM, f"{P}.*.placed"),
        ),
    ),
)
app = Microservice(SERVICE)
"""


@pytest.fixture
def kept(tmp_path: Path, scratch_broker_url: str) -> Project:
    """A project whose events are kept, with no worker, and six of them."""
    project = make_project(tmp_path, scratch_broker_url)
    with (tmp_path / "little.py").open("a") as file:
        file.write(KEPT)
    assert project.run("topology", "apply").returncode == 0
    for number in range(6):
        body = f'{{"number": {number}}}'
        done = project.run("publish", f"{project.prefix}.br.placed", body)
        assert done.returncode == 0, done.stderr
    return project


def handled(project: Project, count: int) -> list[str]:
    """What workers have noted, once all that waits is handled."""
    worker = project.start()
    try:
        return project.wait_for_note("placed", times=count)
    finally:
        worker.end()


def test_what_is_asked_for_goes_to_the_handler_and_the_rest_is_only_counted(kept: Project) -> None:
    handled(kept, 6)
    queue = f"{kept.prefix}.on_placed"
    dry = kept.run("replay", "on_placed", "--since", "2020-01-01", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.splitlines()[-1] == f"6 events of 6 events that were read would go to {queue}"
    assert '{"number":4}' in dry.stdout and '{"number":5}' not in dry.stdout
    assert max(map(len, dry.stdout.splitlines())) <= 80
    one = kept.run("replay", "Little.on_placed", "--where", "number=4")
    assert one.stdout == f"replayed 1 event of 6 events that were read into {queue}\n", one.stderr
    early = kept.run("replay", "on_placed", "--until", "2020-01-01T00:00:00")
    assert early.returncode == 0 and early.stdout.startswith("replayed 0 events of "), early.stderr
    late = kept.run("replay", "on_placed", "--since", "2099-01-01T00:00:00", "--dry-run")
    assert late.returncode == 0, late.stderr
    assert late.stdout.startswith("0 events of "), late.stdout
    assert handled(kept, 7)[6:] == ["placed 4 br"]


def test_what_is_shown_fits_a_terminal_of_80_columns(kept: Project) -> None:
    handled(kept, 6)
    long = '{"number": 7, "more": "' + "x" * 200 + '"}'
    assert kept.run("publish", f"{kept.prefix}.br.placed", long).returncode == 0
    command = f"{kept.python} -m jararaca.cli replay on_placed --dry-run --where number=7"
    typed = subprocess.run(
        ["script", "-qec", f"stty cols 80; {command}", "/dev/null"],
        cwd=kept.folder,
        env={**kept.environment, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert typed.returncode == 0, typed.stdout
    shown = [line.split("\r")[-1] for line in typed.stdout.replace("\r\n", "\n").splitlines()]
    assert any(line.endswith("…") for line in shown), shown
    assert max(map(len, shown)) <= 80, shown


def test_one_that_was_interrupted_goes_on_where_it_was(kept: Project) -> None:
    handled(kept, 6)
    arguments = ("on_placed", "--rate", "2")
    running = Running(kept, arguments, "replay")
    worker = kept.start()
    kept.wait_for_note("placed", times=8)
    worker.end()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(DEADLINE) == 130
    assert "Traceback" not in running.output
    begun = time.monotonic()
    done = kept.run("replay", *arguments[:1], "--rate", "50")
    assert time.monotonic() - begun < DEADLINE
    assert done.returncode == 0 and "it went on behind offset" in done.stderr, done.stderr
    notes = handled(kept, 12)
    assert set(notes[6:]) == {f"placed {number} br" for number in range(6)}
    assert len(notes) <= 13


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody",), "no handler is called nobody; there are: "),
        (("work",), "dead-letters replay"),
        (("later",), "add `x-stream: {max-age: 30d}`"),
        (("on_placed", "--since", "yesterday"), "2026-11-01T14:30:00+01:00: yesterday"),
        (("on_placed", "--since", "2026-02-01", "--until", "2026-01-01"), "--since"),
        (("on_placed", "--where", "number"), "FIELD=VALUE"),
        (("on_placed", "--rate", "0"), "0.001"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_the_next_step(
    arguments: tuple[str, ...], told: str, tmp_path: Path, scratch_broker_url: str
) -> None:
    project = make_project(tmp_path, scratch_broker_url)
    with (tmp_path / "little.py").open("a") as file:
        file.write(KEPT)
    done = project.run("replay", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr


def test_a_stream_that_the_broker_has_not_is_told(tmp_path: Path, scratch_broker_url: str) -> None:
    project = make_project(tmp_path, scratch_broker_url)
    with (tmp_path / "little.py").open("a") as file:
        file.write(KEPT)
    done = project.run("replay", "on_placed")
    assert done.returncode == 1 and "topology apply" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
