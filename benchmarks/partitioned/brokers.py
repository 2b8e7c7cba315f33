"""The brokers: one node, and a cluster of three, of the newest RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.installations import newest
from tests.support.nodes import Node, cluster


@contextmanager
def nodes(number: int, folder: Path) -> Iterator[list[Node]]:
    """So many nodes, joined; each has one scheduler thread."""
    folder.mkdir()
    made = [Node(folder, newest()) for _ in range(number)]
    try:
        for each in made:
            each.start()
        cluster(made)
        yield made
    finally:
        for each in made:
            each.kill()
