"""The RabbitMQs of a run: the one that is there, and the newest with upstream's defaults."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.brokers import Broker, controlled_by, listening, missing, scratch
from tests.support.calls import ERL_CALL, called
from tests.support.installations import newest
from tests.support.shared_node import folder_of, shared_node

COOKIE = Path("/var/lib/rabbitmq/.erlang.cookie")
"""The system's, which root may read."""

DEFAULT_URL = "amqp://guest:guest@127.0.0.1:5672/"

BOTH = ("scratch_broker", "newest_scratch_broker")
"""The fixtures with an empty virtual host on each."""


def given(name: str) -> Broker | None:
    """The broker of the environment's `{name}_URL`, controlled by `{name}_CONTROL`.

    Only that command speaks to it: the system's `rabbitmqctl` may belong to another.
    """
    url = os.environ.get(f"{name}_URL")
    if url is None:
        return None
    parts = urlsplit(url)
    if not listening(parts.hostname or "", parts.port or 5672):
        missing(f"no RabbitMQ answers on {parts.hostname}:{parts.port or 5672}")
    command = shlex.split(os.environ.get(f"{name}_CONTROL", ""))
    return Broker(url, controlled_by(command) if command else None)


def local() -> Broker:
    """The system's, on the usual port."""
    if not listening("127.0.0.1", 5672):
        missing("no RabbitMQ answers on 127.0.0.1:5672")
    tool = shutil.which("rabbitmqctl")
    control = controlled_by([tool]) if tool else None
    if control and ERL_CALL.exists() and os.access(COOKIE, os.R_OK):
        quick = called([str(ERL_CALL)], "rabbit", COOKIE, control)
        if Broker(DEFAULT_URL, quick).administer("eval", "ok."):
            control = quick
    return Broker(DEFAULT_URL, control)


@pytest.fixture(scope="session")
def rabbitmq() -> Broker:
    """The RabbitMQ that is there: TEST_BROKER_URL and TEST_BROKER_CONTROL, else the system's."""
    return given("TEST_BROKER") or local()


@pytest.fixture(scope="session")
def newest_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The newest: TEST_NEWEST_BROKER_URL and its CONTROL, else one node for the run."""
    running = given("TEST_NEWEST_BROKER")
    if running is not None:
        yield running
        return
    with shared_node(folder_of(tmp_path_factory, "newest"), newest()) as node:
        yield Broker(node.url, node.control)


@pytest.fixture(scope="module")
def scratch_broker(rabbitmq: Broker) -> Iterator[Broker]:
    """The RabbitMQ that is there, with an empty virtual host for each file of tests.

    What a file leaves behind is gone with it: each quorum queue holds files open, and a broker that
    may open a thousand takes no more connections after some hundred queues.
    """
    with scratch(rabbitmq) as made:
        yield made


@pytest.fixture(scope="module")
def newest_scratch_broker(newest_rabbitmq: Broker) -> Iterator[Broker]:
    """The newest RabbitMQ, with an empty virtual host."""
    with scratch(newest_rabbitmq) as made:
        yield made


@pytest.fixture(scope="module")
def scratch_broker_url(scratch_broker: Broker) -> str:
    """Where the empty virtual host is; in tests/broker on each of the two in turn."""
    return scratch_broker.url
