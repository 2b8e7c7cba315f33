"""docs/websockets.md, done as it says: in one process, and in several over RabbitMQ and Redis."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.docblocks import blocks, write_files
from tests.support.nodes import free_port
from tests.support.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]

PAGE = "websockets.md"
ROOT = Path(__file__).parents[2]
VARIABLES = {"PATH", "HOME", "LANG"}


class Shown:
    """The page's project in a folder, and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if k in VARIABLES}
        parts = (ROOT, ROOT / "runtime", ROOT / "compiler", ROOT / "shared")
        self.environment["PYTHONPATH"] = os.pathsep.join(map(str, parts))
        write_files(PAGE, folder, "yaml")
        command = [sys.executable, "-m", "jararaca.cli", "codegen", "live.asyncapi.yaml"]
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0 and "warning" not in done.stderr, done.stdout + done.stderr
        write_files(PAGE, folder, "python", "html")

    @contextmanager
    def running(self, sign: str, *command: str) -> Iterator[None]:
        """A process, from when it has printed the sign."""
        output = self.folder / f"output-{free_port()}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            for _ in range(600):
                if sign in output.read_text():
                    break
                assert process.poll() is None, output.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(30)

    @contextmanager
    def served(self, port: int | None = None) -> Iterator[str]:
        """A server of the page's application; its address."""
        port = port or free_port()
        with self.running("Uvicorn running", "uvicorn", "web:api", "--port", str(port)):
            yield f"localhost:{port}"


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(tmp_path)


async def place(address: str, order: int, user: str) -> None:
    [command] = [block.text.split() for block in blocks(PAGE) if block.language == "bash"]
    url = command[-1].strip("'").replace("localhost:8000", f"http://{address}")
    url = url.replace("orders/7", f"orders/{order}").replace("user=ana", f"user={user}")
    async with httpx.AsyncClient() as client:
        assert (await client.post(url)).status_code == 200


async def frame_of(client: Any) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await asyncio.wait_for(client.recv(), 20))
    return frame


async def test_the_page_tells_its_clients_in_one_process(shown: Shown) -> None:
    with shown.served() as address:
        async with (
            connect(f"ws://{address}/ws?user=ana") as ana,
            connect(f"ws://{address}/ws?user=bob") as bob,
        ):
            await place(address, 7, "ana")
            expected = {"type": "OrderUpdate", "payload": {"order": 7, "state": "placed"}}
            assert await frame_of(ana) == expected
            await bob.send(json.dumps({"type": "WatchOrder", "payload": {"order": 8}}))
            await place(address, 9, "bob")
            assert (await frame_of(bob))["payload"]["order"] == 9
            await place(address, 8, "ana")
            assert (await frame_of(bob))["payload"]["order"] == 8
            assert (await frame_of(ana))["payload"]["order"] == 8
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{address}/ws")
        assert refused.value.response.status_code == 403
        async with connect(f"ws://{address}/ws?user=ana") as ana:
            await ana.send('{"type": "WatchOrder", "payload": {"order": 0}}')
            with pytest.raises(ConnectionClosed) as closing:
                await asyncio.wait_for(ana.recv(), 20)
            assert closing.value.rcvd is not None and closing.value.rcvd.code == 1007


@pytest.mark.broker
async def test_the_page_tells_the_clients_of_all_servers(
    shown: Shown, scratch_broker_url: str, redis_server: RedisServer
) -> None:
    shown.environment |= {"BROKER_URL": scratch_broker_url, "BACKEND_URL": redis_server.url}
    worker = ("jararaca.cli", "worker", "web:app")
    with shown.served() as one, shown.served() as two, shown.running("ready", *worker):
        async with (
            connect(f"ws://{one}/ws?user=ana") as here,
            connect(f"ws://{two}/ws?user=ana") as there,
        ):
            await place(one, 7, "ana")
            assert await frame_of(here) == await frame_of(there)
