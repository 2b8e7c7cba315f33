"""A shared message at work: in one microservice, in two, and by the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from jararaca import Microservice, Worker
from jararaca.cli.message_lookup import candidates
from jararaca.publishing.publisher import Publisher
from jararaca.testing import TestBus
from jararaca.transport.connect import transport_for

from tests.shared_messages.project import Team

PATIENCE = 30
HANDLER = "raise NotImplementedError"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """The project with handlers that tell `taken`, a queue of theirs, what they were given."""
    made = Team(tmp_path).compiled()
    for service in ("orders", "billing"):
        path = tmp_path / f"{made.output}_{service}.py"
        lines = path.read_text().replace("    @stub\n", "").replace(", stub\n", "\n").splitlines()
        told = [
            (
                f"        taken.put_nowait(({service!r}, message.payload()))"
                if HANDLER in line
                else line
            )
            for line in lines
        ]
        text = "\n".join(told)
        path.write_text(f"{text}\n\nimport asyncio\n\ntaken = asyncio.Queue()\n")
    return made


def services(team: Team) -> tuple[Any, Any]:
    return team.module("orders.routes").SERVICE, team.module("billing.routes").SERVICE


def created(team: Team) -> Any:
    """A message of the class, as billing has it."""
    address = team.module("billing.schemas").Address(city="Bahia")
    return team.module("billing.messages").UserCreated(id="7", address=address)


async def taken(team: Team) -> list[Any]:
    """What each service's handler was given, with its name."""
    queues = [team.module(f"_{name}").taken for name in ("orders", "billing")]
    return [await asyncio.wait_for(queue.get(), PATIENCE) for queue in queues]


@asynccontextmanager
async def working(url: str, *apps: Microservice) -> AsyncIterator[Publisher]:
    """A worker for each of the applications, and a publisher beside them."""
    workers = [Worker(app, transport_for(url)) for app in apps]
    for worker in workers:
        await worker.start()
    transport = transport_for(url)
    await transport.connect()
    try:
        yield Publisher(transport)
    finally:
        await transport.close()
        for worker in workers:
            await worker.stop()


async def test_a_test_bus_hosts_both_services(team: Team) -> None:
    async with TestBus(Microservice(*services(team))) as bus:
        await bus.publish(created(team))
        await bus.settle()
        assert await taken(team) == [("orders", created(team)), ("billing", created(team))]
        assert bus.dead_letters == []


@pytest.mark.parametrize("apart", [False, True], ids=["one microservice", "one each"])
@pytest.mark.parametrize("broker", ["memory", pytest.param("rabbitmq", marks=pytest.mark.broker)])
async def test_both_services_are_given_the_same_class(
    broker: str, apart: bool, team: Team, request: pytest.FixtureRequest
) -> None:
    url = f"memory://{uuid4()}"
    if broker == "rabbitmq":
        url = request.getfixturevalue("scratch_broker_url")
    both = services(team)
    apps = [Microservice(each) for each in both] if apart else [Microservice(*both)]
    async with working(url, *apps) as publisher:
        await publisher.publish(created(team))
        (one, first), (two, second) = await taken(team)
    assert (one, two) == ("orders", "billing")
    assert type(first) is type(second) is team.module("team_events.messages").UserCreated
    assert first == second == created(team)


@pytest.mark.broker
async def test_it_is_published_as_the_running_application_publishes(
    team: Team, scratch_broker_url: str
) -> None:
    """The class has no application of its own: its exchange is that of the one that runs."""
    plain = scratch_broker_url.partition("?")[0]
    async with await aio_pika.connect(plain) as connection:
        channel = await connection.channel()
        queues = {}
        for name in (f"shared-{uuid4().hex[:8]}" for _ in range(2)):
            exchange = await channel.declare_exchange(name, "topic", durable=True)
            queues[name] = await channel.declare_queue(exclusive=True)
            await queues[name].bind(exchange, "user.created")
        for name in queues:
            app = Microservice(services(team)[1])
            async with working(f"{plain}?exchange={name}", app) as publisher:
                await publisher.publish(created(team))
        found = [await queue.get(no_ack=True, fail=False) for queue in queues.values()]
        for name in queues:
            await channel.exchange_delete(name)
    assert [message is None for message in found] == [False, False]


def test_the_command_line_finds_one_message(team: Team) -> None:
    app = Microservice(*services(team))
    messages = list(dict.fromkeys(m for each in app.services for m in each.messages))
    (found,) = candidates(messages, "user.created", None)
    assert found.message is team.module("orders.messages").UserCreated
