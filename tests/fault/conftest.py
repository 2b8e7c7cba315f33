"""Servers of the suite's own, a load, and the report that the run writes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fault.load import Load, Outcome
from tests.fault.proxy import Proxy
from tests.fault.report import write
from tests.fault.servers import Node, available, cluster
from tests.support.brokers import missing


@pytest.fixture(scope="session")
def outcomes() -> Iterator[list[Outcome]]:
    """What every scenario came to; RELIABILITY_REPORT names the file that tells it."""
    found: list[Outcome] = []
    yield found
    path = os.environ.get("RELIABILITY_REPORT")
    if path and found:
        write(Path(path), found)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A single RabbitMQ."""
    if not available():
        missing("the Debian package rabbitmq-server is not installed")
    made = Node(tmp_path_factory.mktemp("rabbitmq"))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Node]]:
    """A cluster of three."""
    if not available():
        missing("the Debian package rabbitmq-server is not installed")
    made = [Node(tmp_path) for _ in range(3)]
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
