"""The servers that tests use: where they are, and a place of the tests' own on each."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NoReturn
from urllib.parse import quote, urlsplit
from uuid import uuid4

import aiormq
import pytest
from aiormq.exceptions import AMQPError

from tests.support.calls import Control

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/15"
TRIES = 20


def missing(what: str) -> NoReturn:
    """Skip for a missing service, with the reason; where CI=true, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: needed where CI=true")
    pytest.skip(what)


@dataclass(frozen=True)
class Broker:
    """A RabbitMQ that runs, and how its own `rabbitmqctl` is called, where that is known."""

    url: str
    control: Control | None = None

    def administer(self, *command: str) -> bool:
        """Call its rabbitmqctl; whether that was possible, and did it."""
        if self.control is None:
            return False
        try:
            self.control(*command)
        except (OSError, RuntimeError, subprocess.SubprocessError):
            return False
        return True


def controlled_by(command: list[str]) -> Control:
    """How a broker is controlled by a command line: `docker exec broker rabbitmqctl`."""

    def control(*arguments: str) -> str:
        done = subprocess.run(
            [*command, "-q", *arguments], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    return control


@contextmanager
def scratch(broker: Broker) -> Iterator[Broker]:
    """The same broker with an empty virtual host, gone at the end.

    Where nobody may make one it is the given virtual host, with an exchange of the run's own.
    """
    vhost = f"scratch-{uuid4().hex[:12]}"
    parts = urlsplit(broker.url)
    if not broker.administer("add_vhost", vhost):
        yield replace(broker, url=f"{broker.url.partition('?')[0]}?exchange={vhost}")
        return
    user = parts.username or "guest"
    assert broker.administer("set_permissions", "-p", vhost, user, ".*", ".*", ".*")
    yield replace(broker, url=f"{parts.scheme}://{parts.netloc}/{quote(vhost, safe='')}")
    broker.administer("delete_vhost", vhost)


async def delete_queues(url: str, *names: str) -> None:
    """Delete queues, and not mind those that are gone."""
    for name in names:
        for _ in range(TRIES):
            if await _deleted(url, name):
                break
            await asyncio.sleep(1)
        else:
            raise RuntimeError(f"{name} cannot be deleted")


async def _deleted(url: str, name: str) -> bool:
    """RabbitMQ 3.10 refuses to delete a stream at times, and hangs up, or says nothing at all."""
    connection = await aiormq.connect(url.partition("?")[0])
    try:
        channel = await connection.channel()
        async with asyncio.timeout(5):
            await channel.queue_delete(name)
    except TimeoutError:
        return False
    except AMQPError as error:
        if "coordinator_unavailable" not in str(error):
            raise
        return False
    finally:
        await connection.close()
    return True


async def version_of(url: str) -> tuple[int, ...]:
    """A RabbitMQ's version, as it tells everybody who connects: `(4, 3, 6)`."""
    connection = await aiormq.connect(url.partition("?")[0])
    told = connection.server_properties["version"]
    await connection.close()
    return tuple(int(part) for part in str(told).split("."))


def listening(host: str, port: int) -> bool:
    """Whether something answers there."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A running Redis: TEST_REDIS_URL, else the usual local port, database 15."""
    url = os.environ.get("TEST_REDIS_URL", DEFAULT_REDIS_URL)
    parts = urlsplit(url)
    if not listening(parts.hostname or "", parts.port or 6379):
        missing(f"no Redis answers on {parts.hostname}:{parts.port or 6379}")
    return url
