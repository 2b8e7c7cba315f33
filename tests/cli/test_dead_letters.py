"""`jararaca dead-letters`: what was given up can be seen, chosen, replayed, saved and deleted."""

from __future__ import annotations

import json

import pytest

from tests.cli.project import Project

pytestmark = pytest.mark.broker


def letters(project: Project, *arguments: str) -> list[dict[str, object]]:
    queue = f"{project.prefix}.work"
    done = project.run("dead-letters", "list", queue, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_they_are_counted_listed_and_shown(dead: Project) -> None:
    counted = json.loads(dead.run("dead-letters", "list", "--json").stdout)
    queue = f"{dead.prefix}.work"
    assert counted == {queue: 3, f"{dead.prefix}.on_placed": 0, f"{dead.prefix}.later": 0}
    assert "negative numbers are not worked on" in dead.run("dead-letters", "list", queue).stdout
    one = str(letters(dead)[0]["message_id"])
    shown = dead.run("dead-letters", "show", queue, one).stdout
    assert shown.endswith('{"number":-1,"seconds":0.0}\n')
    assert "Little.work" in shown
    assert "Little.work" in dead.run("dead-letters", "show", queue).stdout
    missing = dead.run("dead-letters", "show", queue, "nothing")
    assert (missing.returncode, missing.stdout) == (2, "")


def test_filters_choose_and_replay_keeps_the_identity(dead: Project) -> None:
    queue = f"{dead.prefix}.work"
    assert letters(dead, "--reason", "no such reason") == []
    chosen = str(letters(dead)[1]["message_id"])
    done = dead.run("dead-letters", "replay", queue, "--id", chosen)
    assert done.stdout == f"replayed 1 message into {queue}\n", done.stderr
    assert chosen not in [each["message_id"] for each in letters(dead)]
    worker = dead.start()
    dead.wait_for_note("begun", times=4)
    worker.end()
    assert [each["message_id"] for each in letters(dead)].count(chosen) == 1


def test_export_leaves_them_and_purge_deletes_them_once_confirmed(dead: Project) -> None:
    queue = f"{dead.prefix}.work"
    done = dead.run("dead-letters", "export", queue, "--output", "saved.jsonl")
    assert done.stdout == "exported 3 messages to saved.jsonl\n", done.stderr
    saved = (dead.folder / "saved.jsonl").read_text().splitlines()
    assert [json.loads(json.loads(line)["body"])["number"] for line in saved] == [-1, -2, -3]
    assert dead.run("dead-letters", "purge", queue).returncode == 1
    assert len(letters(dead)) == 3
    purged = dead.run("dead-letters", "purge", queue, "--yes")
    assert purged.stdout == f"purged 3 messages of {queue}\n", purged.stderr
    assert letters(dead) == []


def test_a_queue_that_is_not_there_is_one_line(broker_project: Project) -> None:
    done = broker_project.run("dead-letters", "list", "nowhere")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere" in done.stderr
