"""A RabbitMQ of the run's own with the management API, which the system's need not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.installations import installed
from tests.support.nodes import Node


@pytest.fixture(scope="session")
def managed_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The system's programs, on ports of its own; its statistics come twice a second."""
    node = Node(tmp_path_factory.mktemp("managed"), installed(), plugins=("rabbitmq_management",))
    try:
        node.start()
        yield node
    finally:
        node.kill()
