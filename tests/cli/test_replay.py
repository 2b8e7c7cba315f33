"""Dead letters at three in the morning: counted, tried one by one, edited, moved out."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from jararaca.cli.letters import letter_replay
from jararaca.cli.letters.letter_lookup import longest_retries
from jararaca.operations.dead_letters import Watch
from jararaca.operations.letter_groups import alike

from tests.cli.project import Project

pytestmark = pytest.mark.broker


def waiting(project: Project) -> list[dict[str, object]]:
    done = project.run("dead-letters", "list", f"{project.prefix}.work", "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def editor(folder: Path, script: str) -> str:
    """An editor that does what the script says to its file."""
    path = folder / "editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_reasons_that_differ_in_numbers_are_one() -> None:
    one = "no order 17 of 0192d3a8-1111-7222-8333-444455556666 at 0x7f00"
    assert alike(one) == alike(one.replace("17", "18").replace("4444", "5555"))
    assert alike("timeout\nand a traceback") == "timeout"


def test_they_are_counted_by_handler_and_reason_without_the_application(dead: Project) -> None:
    stranger = Project(dead.folder / "elsewhere", "", {**dead.environment, "APP_PATH": ""})
    stranger.folder.mkdir()
    queue = f"{dead.prefix}.work"
    for project, named in ((dead, ()), (stranger, (queue,))):
        done = project.run("dead-letters", "counts", *named, "--json")
        assert done.returncode == 0, done.stderr
        [group] = json.loads(done.stdout)
        assert (group["count"], group["queue"], group["handler"]) == (3, queue, "Little.work")
        assert "negative numbers" in group["reason"] and group["first"] <= group["last"]
    assert " Little.work " in dead.run("dead-letters", "counts").stdout
    assert len(waiting(dead)) == 3
    unnamed = stranger.run("dead-letters", "counts", MANAGEMENT_URL="http://127.0.0.1:1")
    assert unnamed.returncode == 1 and "management API" in unnamed.stderr


def test_replay_stops_once_one_is_given_up_again(dead: Project) -> None:
    worker = dead.start()
    try:
        queue = f"{dead.prefix}.work"
        done = dead.run("dead-letters", "replay", queue, "--stop-on-failure", "--wait", "20")
    finally:
        worker.end()
    assert done.returncode == 1 and "stopped after 1 replayed" in done.stderr
    assert len(waiting(dead)) == 3
    assert len([note for note in dead.notes if note.startswith("begun")]) == 4


def test_replay_goes_on_while_nothing_is_given_up(dead: Project) -> None:
    queue = f"{dead.prefix}.work"
    arguments = ("--limit", "2", "--stop-on-failure", "--wait", "0.2")
    done = dead.run("dead-letters", "replay", queue, *arguments)
    assert done.stdout == f"replayed 2 messages into {queue}\n", done.stderr
    assert len(waiting(dead)) == 1


def test_an_edited_letter_keeps_its_identity(dead: Project) -> None:
    queue, [first, *_] = f"{dead.prefix}.work", waiting(dead)
    positive = editor(dead.folder, 'sed -i "s/-1/41/" "$1"')
    arguments = ("--id", str(first["message_id"]), "--edit")
    done = dead.run("dead-letters", "replay", queue, *arguments, EDITOR=positive)
    assert done.stdout == f"replayed 1 message into {queue}\n", done.stderr
    worker = dead.start()
    dead.wait_for_note("done 41")
    worker.end()
    assert len(waiting(dead)) == 2


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('sed -i "s/-1/\\"x\\"/" "$1"', "not a valid Work"),
        ("true", "was not changed"),
        ("exit 3", "the editor"),
    ],
)
def test_what_is_not_valid_or_not_changed_stays(script: str, told: str, dead: Project) -> None:
    queue, [first, *_] = f"{dead.prefix}.work", waiting(dead)
    arguments = ("--id", str(first["message_id"]), "--edit")
    wrong = editor(dead.folder, script)
    done = dead.run("dead-letters", "replay", queue, *arguments, EDITOR=wrong)
    assert told in done.stderr and "Traceback" not in done.stderr
    assert len(waiting(dead)) == 3


def test_letters_move_into_a_file(dead: Project) -> None:
    queue = f"{dead.prefix}.work"
    done = dead.run("dead-letters", "replay", queue, "--limit", "2", "--to-file", "kept.jsonl")
    assert done.stdout == f"moved 2 messages of {queue} to kept.jsonl\n", done.stderr
    kept = (dead.folder / "kept.jsonl").read_text().splitlines()
    assert [json.loads(json.loads(line)["body"])["number"] for line in kept] == [-1, -2]
    assert len(waiting(dead)) == 1
    refused = dead.run("dead-letters", "replay", queue, "--to-file", "nowhere/kept.jsonl")
    assert refused.returncode == 2 and len(waiting(dead)) == 1
    both = dead.run("dead-letters", "replay", queue, "--to-file", "x", "--edit")
    assert both.returncode == 2 and len(waiting(dead)) == 1


@pytest.mark.parametrize(
    ("wait", "retries", "seconds"),
    [(0.2, 36.0, (0.2, 0.2)), (None, 36.0, (5.0, 41.0)), (None, 0.0, (5.0, 5.0))],
)
def test_it_looks_for_failures_as_long_as_retries_wait(
    wait: float | None,
    retries: float,
    seconds: tuple[float, float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(letter_replay, "longest_retries", lambda queue, app: retries)
    assert letter_replay._watch("orders", None, wait) == Watch(*seconds)
    assert capsys.readouterr().err == ""


def test_retries_that_take_hours_are_told_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(letter_replay, "longest_retries", lambda queue, app: 7_200.0)
    assert letter_replay._watch("orders", None, None) == Watch(5.0, 300.0)
    assert "after 7,205 s" in capsys.readouterr().err


def test_how_long_retries_wait_is_what_the_queues_handlers_say() -> None:
    app = "examples.shop.app:app"
    assert 30 < longest_retries("warehouse.order.pack", app) < 60
    assert longest_retries("nobody's", app) == 0
