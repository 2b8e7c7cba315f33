"""`jararaca dead-letters` where the queues of a service share one: letters are told apart."""

from __future__ import annotations

import asyncio
import json

import pytest
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.cli.project import Project

pytestmark = pytest.mark.broker
SHARED = """
from tests.support.services import sharing
SERVICE = sharing(SERVICE)
app = Microservice(SERVICE)
"""


async def send(url: str, key: str, *bodies: bytes) -> None:
    transport = transport_for(url)
    await transport.connect()
    for body in bodies:
        await transport.publish(Publication(key, body, mandatory=True))
    await transport.close()


@pytest.fixture
def given_up(broker_project: Project) -> Project:
    """Two letters of one queue and one of another; APP_PATH is not set."""
    with (broker_project.folder / "little.py").open("a") as module:
        module.write(SHARED)
    prefix, url = broker_project.prefix, broker_project.environment["BROKER_URL"]
    worker = broker_project.start()
    asyncio.run(send(url, f"{prefix}.work", b'{"number": -1}', b'{"number": -2}'))
    asyncio.run(send(url, f"{prefix}.br.placed", b"{"))
    broker_project.wait_for_note("begun", times=2)
    worker.wait_for("dead-lettered", times=3)
    worker.end()
    environment = {**broker_project.environment, "APP_PATH": ""}
    return Project(broker_project.folder, prefix, environment)


def told(project: Project, *command: str) -> str:
    done = project.run("dead-letters", *command, "--app", "little")
    assert done.returncode == 0, done.stderr
    return done.stdout


def bodies(project: Project, queue: str) -> list[str]:
    """The bodies of a queue's letters, as they are exported."""
    letters = told(project, "export", queue).splitlines()
    return [json.loads(line)["body"] for line in letters]


def test_letters_of_one_queue_are_listed_replayed_and_purged_among_those_of_the_service(
    given_up: Project,
) -> None:
    work, placed = f"{given_up.prefix}.work", f"{given_up.prefix}.on_placed"
    assert json.loads(told(given_up, "list", "--json")) == {"little": 3}
    assert len(told(given_up, "list", work, "--json").splitlines()) == 2
    assert len(told(given_up, "list", "little", "--json").splitlines()) == 3
    assert '{"number": -1}' in told(given_up, "show", work)
    assert bodies(given_up, placed) == ["{"]
    assert told(given_up, "replay", work, "--limit", "1") == f"replayed 1 message into {work}\n"
    assert told(given_up, "purge", work, "--yes") == f"purged 1 message of {work}\n"
    assert json.loads(told(given_up, "list", "--json")) == {"little": 1}
    assert told(given_up, "purge", "little", "--yes") == "purged 1 message of little\n"
