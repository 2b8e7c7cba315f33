"""A slow handler bounds what a worker holds, however much waits: messages, and memory.

`python -m tests.broker.test_memory BROKER_URL QUEUE` is the worker, which never settles.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from jararaca import ConfigurationError, Microservice, Queue, Topology, Worker
from jararaca.transport import Delivery, Publication
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS

from tests.support.brokers import delete_queues

MIB = 1024 * 1024
SIZE = MIB // 4
WAITING = 600
PREFETCH = 20
PATIENCE = 60


@pytest.fixture
async def queue(scratch_broker_url: str) -> AsyncIterator[str]:
    """A queue in which 150 MiB wait."""
    name = f"memory-{uuid4().hex[:8]}"
    transport = transport_for(scratch_broker_url)
    await transport.connect()
    await transport.declare(Topology(queues=(Queue(name),)))
    body = bytes(SIZE)
    for _ in range(WAITING // 20):
        sent = (Publication(name, body, "", mandatory=True) for _ in range(20))
        await asyncio.gather(*(transport.publish(each) for each in sent))
    await transport.close()
    yield name
    await delete_queues(scratch_broker_url, name)


@pytest.mark.broker
@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_handler_that_never_ends_holds_no_more_than_the_prefetch(
    scratch_broker_url: str, queue: str, name: str
) -> None:
    separator = "&" if "?" in scratch_broker_url else "?"
    url = f"{scratch_broker_url}{separator}transport={name}"
    command = [sys.executable, "-m", "tests.broker.test_memory", url, queue]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    held, grown = map(int, done.stdout.split())
    assert held == PREFETCH
    assert grown < PREFETCH * SIZE + 16 * MIB, f"{grown / MIB:.0f} MiB for {held} messages"


@pytest.mark.parametrize("prefetch", [0, -1, 65_536])
def test_a_prefetch_without_a_limit_is_refused(prefetch: int) -> None:
    with pytest.raises(ConfigurationError, match="prefetch must be 1 to 65535"):
        Worker(Microservice(), transport_for("memory://unbounded"), prefetch=prefetch)


async def hold(url: str, queue: str) -> None:
    """Consume, settle nothing, and tell how many messages and bytes that came to."""
    transport = transport_for(url)
    await transport.connect()
    before = _resident()
    held: list[Delivery] = []

    async def never_ends(delivery: Delivery) -> None:
        held.append(delivery)
        await asyncio.Event().wait()

    await transport.consume(queue, PREFETCH, never_ends)
    async with asyncio.timeout(PATIENCE / 2):
        while len(held) < PREFETCH:
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    print(len(held), _resident() - before)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    asyncio.run(hold(*sys.argv[1:]))
