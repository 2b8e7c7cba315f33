"""Servers of the suite's own, a load, and the report that the run writes."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fault.load import Load, Outcome
from tests.fault.proxy import Proxy
from tests.fault.report import add
from tests.support.installations import Installation, installed, newest
from tests.support.nodes import Node, cluster
from tests.support.redis_server import redis_server

__all__ = ["redis_server"]


@pytest.fixture
def outcomes(installation: Installation) -> Iterator[list[Outcome]]:
    """What the test's scenarios came to; RELIABILITY_REPORT names the page that tells it."""
    found: list[Outcome] = []
    begun = time.monotonic()
    yield found
    page = os.environ.get("RELIABILITY_REPORT")
    if page and found:
        add(Path(page), installation.version(), found, time.monotonic() - begun)


@pytest.fixture(scope="session", params=[installed, newest], ids=lambda each: each.__name__)
def installation(request: pytest.FixtureRequest) -> Installation:
    """The RabbitMQ that is installed, and the newest."""
    made: Installation = request.param()
    return made


@pytest.fixture(scope="session")
def node(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A single RabbitMQ."""
    made = Node(tmp_path_factory.mktemp("rabbitmq"), installation)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def nodes(installation: Installation, tmp_path: Path) -> Iterator[list[Node]]:
    """A cluster of three."""
    made = [Node(tmp_path, installation) for _ in range(3)]
    try:
        for each in made:
            each.start()
        cluster(made)
        yield made
    finally:
        for each in made:
            each.kill()


@pytest.fixture
async def proxy(node: Node) -> AsyncIterator[Proxy]:
    """A proxy before the single node."""
    made = Proxy(node.port)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def load(node: Node, tmp_path: Path) -> Iterator[Load]:
    """A load on the single node, whose queues are new."""
    for vhost in ("delete_vhost", "add_vhost"):
        node.control(vhost, "/")
    node.control("set_permissions", "guest", ".*", ".*", ".*")
    made = Load(node.url, tmp_path)
    yield made
    for process in made.workers:
        if process.poll() is None:
            process.kill()
