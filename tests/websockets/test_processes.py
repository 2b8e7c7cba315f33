"""Two web servers and a worker, each a process of its own, over real RabbitMQ and Redis."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from jararaca import Publisher
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.support.redis_server import RedisServer
from tests.websockets import application
from tests.websockets.application import PlaceOrder

ROOT = Path(__file__).parents[2]
CLIENT = """
import sys
from websockets.sync.client import connect
with connect(sys.argv[1]) as client:
    print("in", flush=True)
    client.recv()
"""


class Cluster:
    """The processes of one application; each is told where the broker and Redis are."""

    def __init__(self, folder: Path, broker_url: str, backend_url: str) -> None:
        self.prefix = f"websockets-{uuid4().hex[:8]}"
        self.broker_url = broker_url
        self._folder = folder
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": os.pathsep.join(
                str(ROOT / p) for p in (".", "runtime", "compiler", "shared")
            ),
            "BROKER_URL": broker_url,
            "BACKEND_URL": backend_url,
            "PREFIX": self.prefix,
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> tuple[subprocess.Popen[bytes], Path]:
        """A process, and the file that its output goes into."""
        path = self._folder / f"output-{len(self._processes)}"
        with path.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return process, path

    async def server(self) -> str:
        """A web server; its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        _, output = self.start(
            "-m", "uvicorn", "tests.websockets.application:web", "--port", str(port)
        )
        await until(lambda: "Uvicorn running" in output.read_text(), output)
        return f"127.0.0.1:{port}"

    async def worker(self) -> None:
        """A worker, which has no sockets."""
        _, output = self.start("-m", "jararaca.cli", "worker", "tests.websockets.application:app")
        await until(lambda: "ready" in output.read_text(), output)

    async def place(self, number: int, user: str, *, fails: bool = False) -> None:
        """An order for the worker."""
        order = PlaceOrder(number=number, user=user, fails=fails)
        order_topic = PlaceOrder.MESSAGE_TOPIC.replace(application.PREFIX, self.prefix)
        sent = type("PlaceOrder", (PlaceOrder,), {"MESSAGE_TOPIC": order_topic})
        async with Publisher.connect(self.broker_url) as publisher:
            await publisher.publish(sent(**order.model_dump()))

    def end(self) -> None:
        """End them all."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


async def until(holds: Callable[[], bool], output: Path | None = None) -> None:
    for _ in range(600):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(_read(output) if output else "in vain")


def _read(path: Path) -> str:
    return path.read_text()


async def number_of(client: ClientConnection) -> int:
    """The number of the order that the next update tells of."""
    frame = json.loads(await asyncio.wait_for(client.recv(), 20))
    return int(frame["payload"]["number"])


@pytest.fixture
def cluster(
    tmp_path: Path, scratch_broker_url: str, redis_server: RedisServer
) -> Iterator[Cluster]:
    made = Cluster(tmp_path, scratch_broker_url, redis_server.url)
    yield made
    made.end()


@pytest.mark.broker
async def test_a_worker_reaches_the_clients_of_both_servers(cluster: Cluster) -> None:
    one, two, _ = await asyncio.gather(cluster.server(), cluster.server(), cluster.worker())
    async with (
        connect(f"ws://{one}/ws?user=1") as first,
        connect(f"ws://{two}/ws?user=1") as again,
        connect(f"ws://{two}/ws?user=2") as other,
    ):
        await cluster.place(1, "1")
        assert await number_of(first) == await number_of(again) == 1
        await cluster.place(2, "1", fails=True)
        await cluster.place(3, "2")
        assert await number_of(other) == 3
        await cluster.place(4, "1")
        assert await number_of(first) == await number_of(again) == 4


@pytest.mark.broker
async def test_rooms_outlive_a_restart_of_redis(
    cluster: Cluster, redis_server: RedisServer
) -> None:
    server, _ = await asyncio.gather(cluster.server(), cluster.worker())
    async with connect(f"ws://{server}/ws?user=1") as client:
        await cluster.place(1, "1")
        assert await number_of(client) == 1
        redis_server.stop()
        await cluster.place(2, "1")  # told to nobody, and yet handled
        await asyncio.sleep(1)
        redis_server.start()
        number = 3
        while True:
            await cluster.place(number, "1")
            try:
                assert await asyncio.wait_for(number_of(client), 1) >= 2
                break
            except TimeoutError:
                number += 1
                assert number < 40
        await cluster.place(number + 1, "1")
        while await number_of(client) != number + 1:
            pass


@pytest.mark.broker
async def test_a_killed_client_is_in_no_room_any_more(cluster: Cluster) -> None:
    server = await cluster.server()
    process, output = cluster.start("-c", CLIENT, f"ws://{server}/ws?user=1")
    await until(lambda: "in" in output.read_text(), output)

    def members() -> int:
        return int(httpx.get(f"http://{server}/members/user-1").json())

    assert members() == 1
    process.kill()
    await until(lambda: members() == 0)


@pytest.mark.broker
async def test_without_redis_a_client_is_told_to_try_again(
    cluster: Cluster, redis_server: RedisServer
) -> None:
    redis_server.stop()
    server = await cluster.server()
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://{server}/ws?user=1", open_timeout=30)
    assert refused.value.response.status_code == 503
    redis_server.start()
    for _ in range(60):
        try:
            async with connect(f"ws://{server}/ws?user=1", open_timeout=30):
                return
        except InvalidStatus:
            await asyncio.sleep(0.1)
    raise AssertionError("nobody is let in")
