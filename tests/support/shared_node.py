"""One RabbitMQ node for all of pytest-xdist's workers: the first starts it, the last ends it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.brokers import listening
from tests.support.installations import Installation
from tests.support.nodes import Node


def folder_of(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of this run's, the same in each of its workers."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def shared_node(folder: Path, installation: Installation) -> Iterator[Node]:
    """The node of that folder. A lock tells who uses it: it goes with a worker that is killed."""
    with (folder / "users").open("w") as users:
        with _alone(folder):
            node = _running(folder, installation) or _started(folder, installation)
            fcntl.flock(users, fcntl.LOCK_SH)
        yield node
        with _alone(folder), suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.killpg(json.loads(_told(folder).read_text())["group"], signal.SIGKILL)
            _told(folder).unlink()


def _told(folder: Path) -> Path:
    """The file that tells where the node is."""
    return folder / "node.json"


def _started(folder: Path, installation: Installation) -> Node:
    node = Node(folder, installation)
    node.start()
    assert node.process is not None
    there = {"name": node.name, "port": node.port, "group": node.process.pid}
    _told(folder).write_text(json.dumps(there))
    return node


def _running(folder: Path, installation: Installation) -> Node | None:
    if not _told(folder).exists():
        return None
    there = json.loads(_told(folder).read_text())
    if not listening("127.0.0.1", there["port"]):
        return None
    return Node(folder, installation, name=there["name"], port=there["port"])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else starts or ends the node meanwhile."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
