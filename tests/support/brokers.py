"""The servers that tests use: where they are, and a place of the tests' own on each."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from urllib.parse import quote, urlsplit
from uuid import uuid4

import aiormq
import pytest

DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/"
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/15"


def missing(what: str) -> None:
    """Skip for a missing service, with the reason; where CI=true, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: needed where CI=true")
    pytest.skip(what)


async def delete_queues(url: str, *names: str) -> None:
    """Delete queues, and not mind those that are gone."""
    connection = await aiormq.connect(url.partition("?")[0])
    channel = await connection.channel()
    for name in names:
        await channel.queue_delete(name)
    await connection.close()


def listening(host: str, port: int) -> bool:
    """Whether something answers there."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """A running RabbitMQ: TEST_BROKER_URL, else the usual local port."""
    url = os.environ.get("TEST_BROKER_URL", DEFAULT_URL)
    parts = urlsplit(url)
    if not listening(parts.hostname or "", parts.port or 5672):
        missing(f"no RabbitMQ answers on {parts.hostname}:{parts.port or 5672}")
    return url


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A running Redis: TEST_REDIS_URL, else the usual local port, database 15."""
    url = os.environ.get("TEST_REDIS_URL", DEFAULT_REDIS_URL)
    parts = urlsplit(url)
    if not listening(parts.hostname or "", parts.port or 6379):
        missing(f"no Redis answers on {parts.hostname}:{parts.port or 6379}")
    return url


@pytest.fixture(scope="session")
def scratch_broker_url(rabbitmq_url: str) -> Iterator[str]:
    """The same RabbitMQ with an empty virtual host, gone after the run.

    Without rabbitmqctl's rights it is the given virtual host, with an exchange of the run's own.
    """
    vhost = f"scratch-{uuid4().hex[:12]}"
    parts = urlsplit(rabbitmq_url)
    if not _control("add_vhost", vhost):
        yield f"{rabbitmq_url.partition('?')[0]}?exchange={vhost}"
        return
    _control("set_permissions", "-p", vhost, parts.username or "guest", ".*", ".*", ".*")
    yield f"{parts.scheme}://{parts.netloc}/{quote(vhost, safe='')}"
    _control("delete_vhost", vhost)


def _control(*command: str) -> bool:
    tool = shutil.which("rabbitmqctl")
    if tool is None:
        return False
    done = subprocess.run([tool, "-q", *command], capture_output=True, timeout=60, check=False)
    return done.returncode == 0
