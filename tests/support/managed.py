"""A RabbitMQ of the run's own with the management API, which the system's need not have."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.installations import installed, newest
from tests.support.nodes import Node


@pytest.fixture(scope="session")
def managed_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The system's programs, on ports of its own; its statistics come twice a second.

    With TEST_MANAGED=newest it is the newest RabbitMQ, or that of TEST_RABBITMQ_RELEASE.
    """
    programs = newest() if os.environ.get("TEST_MANAGED") == "newest" else installed()
    node = Node(tmp_path_factory.mktemp("managed"), programs, plugins=("rabbitmq_management",))
    try:
        node.start()
        yield node
    finally:
        node.kill()
