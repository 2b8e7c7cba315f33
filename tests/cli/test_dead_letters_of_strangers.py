"""`jararaca dead-letters`: what a stranger writes reaches the terminal as text only."""

from __future__ import annotations

import asyncio
import json

import pytest
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for

from tests.cli.project import Project

pytestmark = pytest.mark.broker

ODD = "\x1b]0;mine\x07\x1b[2J\r\nforged line\x9b31m\u202egnp.exe\u2066\u2028\x7f\ufeff"
DOES_SOMETHING = [each for each in ODD if not each.isprintable()]


async def forge(project: Project, queue: str) -> None:
    """A letter whose every text does something to a terminal."""
    transport = transport_for(project.environment["BROKER_URL"])
    await transport.connect()
    texts = {
        name: f"{name}{ODD}"
        for name in (
            headers.REASON,
            headers.TOPIC,
            headers.HANDLER,
            headers.TRACEBACK,
            headers.ERROR_TYPE,
            headers.QUEUE,
        )
    }
    properties = Properties(
        message_id=f"id{ODD}", type=f"type{ODD}", app_id=f"app{ODD}", correlation_id=ODD
    )
    await transport.publish(
        Publication(
            dead_letter_queue(queue),
            f"body{ODD}".encode(),
            "",
            properties,
            {**texts, f"name{ODD}": [ODD]},
            mandatory=True,
        )
    )
    await transport.close()


@pytest.fixture
def forged(broker_project: Project) -> Project:
    """A queue with one such letter."""
    assert broker_project.run("topology", "apply").returncode == 0
    asyncio.run(forge(broker_project, f"{broker_project.prefix}.work"))
    return broker_project


@pytest.mark.parametrize(
    "command", [("list",), ("show",), ("list", "--json"), ("show", "--json"), ("export",)]
)
def test_no_text_of_a_letter_does_anything_to_a_terminal(
    forged: Project, command: tuple[str, ...]
) -> None:
    queue = f"{forged.prefix}.work"
    done = forged.run("dead-letters", command[0], queue, *command[1:])
    assert done.returncode == 0, done.stderr
    shown = done.stdout + done.stderr
    assert "type" in shown
    assert [each for each in DOES_SOMETHING if each not in "\r\n" and each in shown] == []
    assert "\r" not in shown
    if command == ("list",):
        assert len(shown.splitlines()) == 2, "a text has begun a row of its own"
    if "--json" in command or command == ("export",):
        assert json.loads(shown)["message_id"] == f"id{ODD}"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_the_first_and_the_last_of_all_times_are_times(forged: Project, zone: str) -> None:
    queue = f"{forged.prefix}.work"
    for first, last in (("0001-01-01", "9999-12-31T23:59:59"), ("0001-01-02", "9999-12-31")):
        done = forged.run("dead-letters", "list", queue, "--since", first, "--until", last, TZ=zone)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("queue", ["são 'x'", "\x1b[2J", "x" * 300, "é" * 120])
@pytest.mark.parametrize("command", ["list", "replay", "purge"])
def test_a_queue_that_cannot_be_is_not_there(
    broker_project: Project, command: str, queue: str
) -> None:
    sure = ("--yes",) if command == "purge" else ()
    done = broker_project.run("dead-letters", command, queue, *sure)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and "no queue" in done.stderr, done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_an_id_that_is_not_there_is_a_failure_and_no_letter_is_touched(forged: Project) -> None:
    queue = f"{forged.prefix}.work"
    for command in (("replay",), ("purge", "--yes")):
        done = forged.run("dead-letters", command[0], queue, "--id", "NOSUCH", *command[1:])
        assert done.returncode == 1
        assert f"{queue} has no such dead letter: NOSUCH" in done.stderr
    assert len(forged.run("dead-letters", "list", queue, "--json").stdout.splitlines()) == 1


def test_a_replay_without_its_topic_is_told(forged: Project) -> None:
    queue = f"{forged.prefix}.work"
    done = forged.run("dead-letters", "replay", queue)
    assert done.returncode == 0
    assert done.stdout == f"replayed 1 message into {queue}\n"
    assert "note: 1 message went without the topic" in done.stderr


def test_a_letter_that_cannot_be_sent_again_stays_and_the_others_are_replayed(
    broker_project: Project,
) -> None:
    assert broker_project.run("topology", "apply").returncode == 0
    queue = f"{broker_project.prefix}.work"

    async def write() -> None:
        transport = transport_for(broker_project.environment["BROKER_URL"])
        await transport.connect()
        for name, size in ((f"full{ODD}", 130_900), ("usual", 1)):
            await transport.publish(
                Publication(
                    dead_letter_queue(queue),
                    b"{}",
                    "",
                    Properties(message_id=name),
                    {"x": "x" * size, headers.TOPIC: "of.others"},
                    mandatory=True,
                )
            )
        await transport.close()

    asyncio.run(write())
    done = broker_project.run("dead-letters", "replay", queue, "--believe-topics")
    assert done.returncode == 1
    assert done.stdout == f"replayed 1 message into {queue}\n"
    assert "it stays where it is, since it cannot be sent again: full" in done.stderr
    assert "Traceback" not in done.stderr
    assert [each for each in DOES_SOMETHING if each not in "\r\n" and each in done.stderr] == []
    listed = broker_project.run("dead-letters", "list", queue, "--json").stdout.splitlines()
    assert [json.loads(each)["message_id"] for each in listed] == [f"full{ODD}"]


def test_what_a_letter_says_of_itself_is_shown_as_it_says(broker_project: Project) -> None:
    assert broker_project.run("topology", "apply").returncode == 0
    queue = f"{broker_project.prefix}.work"
    told = {
        headers.REASON: "the neighbour's fault",
        headers.HANDLER: "Neighbour.handle",
        headers.DEAD_LETTERED_AT: "2020-01-01T00:00:00+00:00",
    }

    async def write() -> None:
        transport = transport_for(broker_project.environment["BROKER_URL"])
        await transport.connect()
        letter = Publication(dead_letter_queue(queue), b"{}", "", Properties(), told)
        await transport.publish(letter)
        await transport.close()

    asyncio.run(write())
    shown = broker_project.run("dead-letters", "show", queue).stdout
    assert "the neighbour's fault" in shown and "Neighbour.handle" in shown
